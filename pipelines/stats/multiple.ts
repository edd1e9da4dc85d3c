/** Many tests at once: p-values made so that a stated error rate holds over all of them. */

/**
 * Holm's step-down adjustment: sorted p₍₁₎ ≤ … ≤ p₍m₎, adjusted p₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎).
 * Rejecting what is at most α keeps the chance of any false rejection at most α, however the tests depend.
 *
 * @param ps  p-values, 0 to 1
 * @returns   adjusted p-values in the order given
 * @throws    RangeError when one is no p-value: a programmer's error
 * @cost      one sort
 * @source    S. Holm, Scandinavian Journal of Statistics 6 (1979)
 */
export function holm(ps: readonly number[]): number[] {
  let worst = 0;
  return adjusted(ps, (rank, p) => {
    worst = Math.max(worst, Math.min(1, (ps.length - rank) * p));
    return worst;
  });
}

/**
 * Benjamini and Hochberg's step-up adjustment: adjusted p₍ᵢ₎ = min over j ≥ i of min(1, m·p₍ⱼ₎/j). Rejecting what is
 * at most q keeps the expected share of false ones among the rejected at most q, for independent or positively
 * dependent tests.
 *
 * @param ps  p-values, 0 to 1
 * @returns   adjusted p-values in the order given
 * @throws    RangeError when one is no p-value: a programmer's error
 * @cost      one sort
 * @source    Y. Benjamini, Y. Hochberg, JRSS B 57 (1995); dependence: Y. Benjamini, D. Yekutieli, Annals of Statistics
 *            29 (2001)
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = orderOf(ps);
  const out = Array.from({ length: ps.length }, () => 1);
  let least = 1;
  for (let rank = ps.length - 1; rank >= 0; rank--) {
    const place = order[rank]!;
    least = Math.min(least, (ps.length * ps[place]!) / (rank + 1));
    out[place] = least;
  }
  return out;
}

function adjusted(ps: readonly number[], step: (rank: number, p: number) => number): number[] {
  const out = Array.from({ length: ps.length }, () => 1);
  orderOf(ps).forEach((place, rank) => {
    out[place] = step(rank, ps[place]!);
  });
  return out;
}

/** Places by rising p. */
function orderOf(ps: readonly number[]): number[] {
  const wrong = ps.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`a p-value is in [0, 1], not ${wrong}`);
  return ps.map((_, place) => place).sort((a, b) => ps[a]! - ps[b]! || a - b);
}
