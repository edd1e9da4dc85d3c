/** Two versions on the same items: differences with their intervals, the exact test, and what could have been seen. */
import { bootstrapDifference } from '../stats/bootstrap.ts';
import { mcnemar, pairedCountOf, pairedDifference } from '../stats/compare.ts';
import type { Interval } from '../stats/interval.ts';
import { detectableDifference } from '../stats/power.ts';
import { BOOTSTRAP, type Paired } from './evidence.ts';

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
  /** Least accuracy difference seen with 80% power at a one-sided 5%; null when these items show none. */
  readonly detectable: number | null;
}

/** Null when no item was scored by both. Where the two never differ, one item in n stands for their discordance. */
export function comparisonOf(paired: Paired): Comparison | null {
  const { truth, champion, candidate, labels } = paired;
  const n = truth.length;
  if (n === 0) return null;
  const count = pairedCountOf({ truth, champion, candidate });
  const { wins, losses } = count;
  const { pBetter, pWorse } = mcnemar({ wins, losses });
  const f1 = bootstrapDifference({ truth, champion, candidate }, { classCount: labels.length, ...BOOTSTRAP });
  return {
    n,
    wins,
    losses,
    accuracy: { estimate: (wins - losses) / n, ...pairedDifference(count) },
    macroF1: f1,
    pBetter,
    pWorse,
    detectable: detectableDifference(n, { discordance: Math.max(1, wins + losses) / n }),
  };
}
