/** The median with an interval that needs no shape: values may be skewed, tied or infinite. */
import { binomialTail } from '../maths/special.ts';
import type { Interval } from './interval.ts';

export interface Median extends Interval {
  readonly value: number;
}

/**
 * The sample median, and the two order statistics between which the median of all lies: x₍ₖ₎ and x₍ₙ₊₁₋ₖ₎ with the
 * largest k for which P(X < k) ≤ (1 − confidence)/2, X ~ Binomial(n, ½).
 *
 * @param values      1 or more numbers, infinite ones among them
 * @param confidence  strictly between 0 and 1; 0.95 unless told
 * @returns           low ≤ value ≤ high; both ends infinite where the sample is too small to tell
 * @throws            RangeError for no values: a programmer's error
 * @cost              n·log n
 * @source            W. R. Thompson, Annals of Math. Statistics 7 (1936); the sign test turned around
 */
export function medianOf(values: readonly number[], confidence = 0.95): Median {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const [below, above] = [sorted[Math.ceil(n / 2) - 1], sorted[Math.floor(n / 2)]];
  if (below === undefined || above === undefined) throw new RangeError('no values have no median');
  // Of two infinities that contradict each other the worse one counts.
  const value = below === -above && !Number.isFinite(below) ? above : below / 2 + above / 2;
  let k = 0;
  while (2 * (k + 1) <= n && chanceBelow(k + 1, n) <= (1 - confidence) / 2) k++;
  if (k === 0) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return { value, low: sorted[k - 1]!, high: sorted[n - k]! };
}

/** P(X < k). */
function chanceBelow(k: number, trials: number): number {
  return 1 - binomialTail(k, { trials, chance: 0.5 });
}
