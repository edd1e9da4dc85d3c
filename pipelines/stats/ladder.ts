/** A holdout that is asked again and again: tells a new best only when it is beyond what asking so often could fake. */
import type { Discordance } from './compare.ts';

export interface Rung {
  /** Whether the candidate is a new best. */
  readonly climbs: boolean;
  /** What must be exceeded: one standard error of the paired difference, as a share. */
  readonly step: number;
}

/**
 * One rung of the parameter-free Ladder: a candidate replaces the best so far only if its accuracy on the holdout is
 * higher by more than s/√n, s the standard deviation of the paired differences xᵢ ∈ {1, 0, −1}. What the holdout gives
 * away is then bounded by the number of new bests, not by the number of questions.
 *
 * @param count  wins and losses against the best so far, and all n ≥ 1 items
 * @returns      see its fields; step is 0 when no item is discordant, and nothing climbs then
 * @throws       RangeError when there is no item: a programmer's error
 * @cost         a few operations
 * @source       A. Blum, M. Hardt, "The Ladder: A Reliable Leaderboard for Machine Learning Competitions", ICML 2015,
 *               §4, algorithm 3
 */
export function rungOf({ wins, losses, n }: Discordance & { readonly n: number }): Rung {
  if (!(n >= 1 && wins >= 0 && losses >= 0 && wins + losses <= n)) {
    throw new RangeError(`no ${wins} wins and ${losses} losses among ${n} items`);
  }
  const gain = (wins - losses) / n;
  const variance = (wins + losses) / n - gain ** 2;
  const step = Math.sqrt(Math.max(0, variance) / n);
  return { climbs: gain > 0 && gain > step, step };
}
