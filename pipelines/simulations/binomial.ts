/** Draws counts of successes. */
import type { Random } from '../maths/random.ts';

/** How many trials, and the chance of each. */
export interface Trials {
  readonly count: number;
  readonly chance: number;
}

/**
 * One draw of Binomial(count, chance), by the waiting times between successes.
 *
 * @param random  moved on by about count·chance + 1 floats
 * @param trials  count whole and 0 or more; chance 0 to 1
 * @returns       0 to count
 * @throws        RangeError outside these ranges: a programmer's error
 * @cost          one logarithm a success
 * @source        L. Devroye, Non-Uniform Random Variate Generation (1986), ch. X.4, first waiting time algorithm
 */
export function drawBinomial(random: Random, { count, chance }: Trials): number {
  if (!(Number.isInteger(count) && count >= 0 && chance >= 0 && chance <= 1)) {
    throw new RangeError(`no binomial of ${count} trials at ${chance}`);
  }
  if (chance === 0) return 0;
  if (chance > 0.5) return count - drawBinomial(random, { count, chance: 1 - chance });
  const scale = Math.log1p(-chance);
  let successes = 0;
  for (let passed = -1; ; successes++) {
    passed += 1 + Math.floor(Math.log1p(-random.nextFloat()) / scale);
    if (passed >= count) return successes;
  }
}
