/** How long a search takes until it has almost surely found the best, when one attempt finds it only sometimes. */
import { wilson, type Interval } from './interval.ts';

/** What was measured of one searcher on one problem. */
export interface Searched {
  /** Time before the first attempt: tuning, compiling, waiting in a queue. Milliseconds. */
  readonly setupMs: number;
  /** Mean time of one attempt; milliseconds. */
  readonly attemptMs: number;
  /** Attempts that found the best, of all. */
  readonly successes: number;
  readonly attempts: number;
  /** Whether an attempt cannot but find the best, so that there is no chance to estimate. */
  readonly certain?: boolean;
}

/** Milliseconds; infinite where the best may never be found. */
export interface TimeToSolution extends Interval {
  readonly ms: number;
  /** Share of attempts that find the best. */
  readonly chance: Interval & { readonly value: number };
}

const SURE = 0.99;

/**
 * TTS₉₉ = setup + t·R with R = max(1, ln 0.01 / ln(1 − p)): the time until the best was found at least once with
 * probability 0.99. Its interval follows from that of p; the mean time of an attempt is taken as it is.
 *
 * @param searched    attempts of 1 or more
 * @param confidence  of the interval; 0.95 unless told
 * @returns           0 < low ≤ ms ≤ high
 * @throws            RangeError where `wilson` does
 * @cost              one interval
 * @source            T. F. Rønnow et al., "Defining and detecting quantum speedup", Science 345 (2014) 420, eq. 1
 */
export function timeToSolution(
  { setupMs, attemptMs, successes, attempts, certain = false }: Searched,
  confidence = 0.95,
): TimeToSolution {
  const value = certain ? 1 : successes / attempts;
  const { low, high } = certain ? { low: 1, high: 1 } : wilson({ successes, trials: attempts }, confidence);
  const timeAt = (chance: number): number => setupMs + attemptMs * repetitionsAt(chance);
  return { ms: timeAt(value), low: timeAt(high), high: timeAt(low), chance: { value, low, high } };
}

/** How often an attempt of this chance must be made. */
function repetitionsAt(chance: number): number {
  if (chance <= 0) return Number.POSITIVE_INFINITY;
  return chance >= SURE ? 1 : Math.log(1 - SURE) / Math.log1p(-chance);
}
