/** Which of two versions answers for an item, for ever the same, and whether the shares came out as they were meant. */
import { createHash } from 'node:crypto';
import { binomialTail } from '../maths/special.ts';

export type Arm = 'champion' | 'challenger';

export interface Split {
  /** Names the comparison: another one deals anew, so that the same items are not always the challenger's. */
  readonly salt: string;
  /** Of the challenger, 0 to 1. */
  readonly share: number;
}

/**
 * @param id     of the item
 * @param split  share 0 gives the champion every item, 1 none
 * @returns      the same for the same id and salt; an item that was the challenger's stays so when the share grows
 * @cost         one hash
 * @source       SHA-256 taken for a uniform draw, its first 48 bits
 */
export function armOf(id: string, { salt, share }: Split): Arm {
  const draw = createHash('sha256').update(`${salt}\n${id}`).digest().readUIntBE(0, 6) / 2 ** 48;
  return draw < share ? 'challenger' : 'champion';
}

export interface Shares {
  readonly challenger: number;
  readonly total: number;
  readonly share: number;
}

/**
 * The two-sided exact test of a sample ratio: twice the smaller tail of Binomial(total, share), 1 at most. A tiny value
 * says that items were lost on one side, and that nothing that compares the sides is to be believed.
 *
 * @param shares  counts of items, and the share that was meant
 * @returns       a p-value
 * @cost          two binomial tails
 * @source        R. Kohavi, D. Tang, Y. Xu, Trustworthy Online Controlled Experiments (2020), chapter 21
 */
export function sampleRatioP({ challenger, total, share }: Shares): number {
  const upper = binomialTail(challenger, { trials: total, chance: share });
  const lower = 1 - binomialTail(challenger + 1, { trials: total, chance: share });
  return Math.min(1, 2 * Math.min(upper, lower));
}

/** Below it a mismatch is told: at this rate a sound split is suspected once in two thousand. */
export const SAMPLE_RATIO_ALPHA = 0.0005;
