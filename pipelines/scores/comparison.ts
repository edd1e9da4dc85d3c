/** Two versions on the same items: differences with their intervals, the exact test, and what could have been seen. */
import { bootstrapDifference } from '../stats/bootstrap.ts';
import { mcnemar, pairedCountOf, pairedDifference, type PairedCount } from '../stats/compare.ts';
import type { Interval } from '../stats/interval.ts';
import { detectableDifference } from '../stats/power.ts';

/** Fixed, so that the same outcomes have the same intervals for ever. */
export const BOOTSTRAP = { resamples: 2000, seed: 20_02 } as const;

export interface Paired {
  readonly labels: readonly string[];
  readonly ids: readonly string[];
  /** Label indexes on the items that both were scored on, in one order. */
  readonly truth: readonly number[];
  readonly champion: readonly number[];
  readonly candidate: readonly number[];
}

export interface Difference extends Interval {
  /** Candidate minus champion, as a share. */
  readonly estimate: number;
}

export interface Comparison {
  readonly n: number;
  /** Items that only the candidate had right, and only the champion. */
  readonly wins: number;
  readonly losses: number;
  /** Agresti–Min interval, 95%. */
  readonly accuracy: Difference;
  /** Paired percentile bootstrap, 95%. */
  readonly macroF1: Difference;
  /** One-sided exact McNemar p-values. */
  readonly pBetter: number;
  readonly pWorse: number;
  /** Least difference of accuracy that these items show with 80% power at a one-sided 5%. */
  readonly detectable: number;
}

/** Null when no item was scored by both. */
export function comparisonOf(paired: Paired): Comparison | null {
  if (paired.truth.length === 0) return null;
  const macroF1 = bootstrapDifference(paired, { classCount: paired.labels.length, ...BOOTSTRAP });
  return comparisonFrom({ ...pairedCountOf(paired), macroF1 });
}

/** Whatever follows from the counts alone: the same counts give the same comparison for ever. */
export function comparisonFrom(counts: PairedCount & { readonly macroF1: Difference }): Comparison {
  const { n, wins, losses, macroF1 } = counts;
  const { pBetter, pWorse } = mcnemar({ wins, losses });
  return {
    n,
    wins,
    losses,
    accuracy: { estimate: (wins - losses) / n, ...pairedDifference({ n, wins, losses }) },
    macroF1,
    pBetter,
    pWorse,
    detectable: detectableOf(n, (wins + losses) / n),
  };
}

/**
 * A difference of d needs a discordance of at least d, so a difference larger than the discordance that was seen is
 * looked for at a discordance of its own size; without this two versions that hardly differ would look undecidable.
 */
export function detectableOf(n: number, discordance: number): number {
  const seen = discordance > 0 ? detectableDifference(n, { discordance }) : null;
  if (seen !== null) return seen;
  let [low, high] = [discordance, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (detectableDifference(n, { discordance: middle }) === null) low = middle;
    else high = middle;
  }
  return high;
}
