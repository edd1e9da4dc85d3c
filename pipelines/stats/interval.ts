/** Intervals for a proportion that was counted. */
import { normalQuantile } from '../maths/special.ts';

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How many of how many. */
export interface Count {
  readonly successes: number;
  readonly trials: number;
}

/**
 * Wilson's score interval: the p with |p̂ − p| ≤ z·√(p(1−p)/n), that is (p̂ + z²/2n ± z·√(p̂(1−p̂)/n + z²/4n²)) /
 * (1 + z²/n). No correction for continuity.
 *
 * @param count       0 ≤ successes ≤ trials, both whole, trials ≥ 1
 * @param confidence  strictly between 0 and 1; 0.95 unless told
 * @returns           0 ≤ low ≤ p̂ ≤ high ≤ 1
 * @throws            RangeError when the count is impossible: a programmer's error
 * @cost              one normal quantile
 * @source            E. B. Wilson, JASA 22 (1927); recommended by Brown, Cai, DasGupta, Statistical Science 16 (2001)
 */
export function wilson({ successes, trials }: Count, confidence = 0.95): Interval {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && trials >= 1)) {
    throw new RangeError(`a count has whole successes and trials, not ${successes} of ${trials}`);
  }
  if (successes > trials) throw new RangeError(`no ${successes} successes in ${trials} trials`);
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / trials;
  const squared = (z * z) / trials;
  const center = (share + squared / 2) / (1 + squared);
  const half = (z * Math.sqrt((share * (1 - share)) / trials + squared / (4 * trials))) / (1 + squared);
  // Rounding must not push an end past the share itself when nothing or everything succeeded.
  return {
    low: successes === 0 ? 0 : Math.max(0, center - half),
    high: successes === trials ? 1 : Math.min(1, center + half),
  };
}
