/** Many tests at once: p-values made so that a stated error rate holds over all of them. */

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

/** Places by rising p. */
function orderOf(ps: readonly number[]): number[] {
  const wrong = ps.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`a p-value is in [0, 1], not ${wrong}`);
  return ps.map((_, place) => place).sort((a, b) => ps[a]! - ps[b]! || a - b);
}
