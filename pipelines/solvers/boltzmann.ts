/** The exponential e⁻ˣ from sums and products alone, so that a random walk takes the same steps on every machine. */

/** Beyond this, no draw of 32 bits accepts. */
const FAR = 32;
const LOG2_E = 1.442_695_040_888_963_4;
const LN2 = 0.693_147_180_559_945_3;
/** 2⁻ᵏ; each is exact. */
const HALVES = Float64Array.from({ length: 64 }, (_, k) => 2 ** -k);

/**
 * e⁻ˣ = 2⁻ᵏ·e⁻ʳ with k = ⌊x·log₂e⌋ and 0 ≤ r < ln 2, where e⁻ʳ is Taylor's sum of 12 terms. ECMAScript leaves the last
 * bits of `Math.exp` open; here every operation is one that IEEE 754 rounds in one way.
 *
 * @param x  0 or more
 * @returns  e⁻ˣ with a relative error below 10⁻¹⁰; 0 from 32 on
 * @throws   never
 * @cost     13 multiply-adds
 * @source   B. Taylor; remainder (ln 2)¹²/12! ≈ 2.6·10⁻¹¹
 */
export function expNegative(x: number): number {
  if (!(x < FAR)) return 0;
  const k = Math.floor(x * LOG2_E);
  const r = k * LN2 - x;
  let sum = 1 + r / 11;
  for (let term = 10; term > 0; term--) sum = 1 + (r * sum) / term;
  return HALVES[k]! * sum;
}
