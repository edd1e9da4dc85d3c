/** The smallest value of a block of assignments, whose quadratic part is known; `exhaustive.ts` says what it is for. */

/**
 * @param quadratic  f64 for each of 2^bits assignments
 * @param sums       room for 2^(bits − 1) f64
 * @param fields     f64 a bit
 * @param bits       2 or more
 * @returns          min over x of quadratic[x] + Σ fieldsₖ·xₖ, the sum taken from bit 0 on
 */
export function leastOfBlock(quadratic: usize, sums: usize, fields: usize, bits: i32): f64 {
  store<f64>(sums, 0);
  store<f64>(sums, load<f64>(fields), 8);
  for (let k = 1; k < bits - 1; k++) {
    const field = v128.load_splat<f64>(fields + (<usize>k << 3)), half: usize = 1 << (k + 3);
    for (let at = sums; at < sums + half; at += 16) v128.store(at + half, f64x2.add(v128.load(at), field));
  }
  const last = v128.load_splat<f64>(fields + (<usize>(bits - 1) << 3)), half: usize = 1 << (bits + 2);
  let low = f64x2.splat(Infinity), high = low;
  for (let at: usize = 0; at < half; at += 16) {
    const sum = v128.load(sums + at);
    low = f64x2.pmin(low, f64x2.add(sum, v128.load(quadratic + at)));
    high = f64x2.pmin(high, f64x2.add(f64x2.add(sum, last), v128.load(quadratic + at + half)));
  }
  low = f64x2.pmin(low, high);
  return min<f64>(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
}
