/** The last qubit of a state that stays the same when all bits are turned: it meets each index with its complement. */

// @ts-ignore: decorator
@inline
function turnedAround<T>(v: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<u64>(v, v, 1, 0);
  return v128.shuffle<u32>(v, v, 3, 2, 1, 0);
}

/** With σ = (−1)^|y| and z the complement of y: a_y ← a_y + factor·σ·b_z and b_z ← b_z ∓ factor·σ·a_y. */
// @ts-ignore: decorator
@inline
function meet<T>(first: usize, second: usize, n: i32, factor: v128, begin: usize, end: usize): void {
  const itemLog = sizeof<T>() == 8 ? 3 : 2, last: usize = (1 << (n + itemLog)) - 16;
  const minus = v128.neg<T>(factor);
  for (let at = begin; at < end; at += 16) {
    const sign = (popcnt<u32>(<u32>(at >> 4)) & 1) == 1 ? minus : factor;
    const u = v128.load(first + at), w = turnedAround<T>(v128.load(second + last - at));
    v128.store(first + at, v128.add<T>(u, v128.mul<T>(sign, w)));
    v128.store(second + last - at, turnedAround<T>(v128.sub<T>(w, v128.mul<T>(sign, u))));
  }
}

/** One of `shares` equal shares of all pairs; where a state meets itself, half of the indices are all pairs. */
// @ts-ignore: decorator
@inline
function oppositeShare<T>(re: usize, im: usize, n: i32, sign: v128, share: i32, shares: i32): void {
  const apart = (n & 1) == 0, itemLog = sizeof<T>() == 8 ? 3 : 2;
  const each = (<usize>1 << (n + itemLog - (apart ? 0 : 1))) / shares, begin = each * share;
  if (apart) { meet<T>(re, im, n, sign, begin, begin + each); return; }
  meet<T>(re, re, n, sign, begin, begin + each);
  meet<T>(im, im, n, sign, begin, begin + each);
}

/**
 * @param re, im     2ⁿ numbers each, n from 4
 * @param n          qubits that are kept, one less than there are
 * @param factor     of the other part
 * @param share, shares  which of how many: 0 of 1 is all; of 2ᵏ where each has 16 bytes or more
 */
export function opposite32(re: usize, im: usize, n: i32, factor: f64, share: i32, shares: i32): void {
  const sign = f32x4.mul(f32x4.splat(<f32>factor), f32x4(1, -1, -1, 1));
  oppositeShare<f32>(re, im, n, sign, share, shares);
}

export function opposite64(re: usize, im: usize, n: i32, factor: f64, share: i32, shares: i32): void {
  const sign = f64x2.mul(f64x2.splat(factor), f64x2(1, -1));
  oppositeShare<f64>(re, im, n, sign, share, shares);
}

/** @returns Σ σ·Re(λ̄·ψ_z) where n is odd, and Σ σ·Im(λ̄·ψ_z) where it is even */
export function overlapOpposite(dual: usize, state: usize, apart: usize, n: i32): f64 {
  const last: usize = (1 << (n + 3)) - 16;
  let sum = f64x2.splat(0);
  const plus = f64x2(1, -1), minus = f64x2(-1, 1);
  for (let at: usize = 0; at <= last; at += 16) {
    const sign = (popcnt<u32>(<u32>(at >> 4)) & 1) == 1 ? minus : plus;
    const a = v128.load(dual + at), b = v128.load(dual + apart + at);
    const c = turnedAround<f64>(v128.load(state + last - at)), d = turnedAround<f64>(v128.load(state + apart + last - at));
    const met = (n & 1) == 1
      ? f64x2.add(f64x2.mul(a, c), f64x2.mul(b, d))
      : f64x2.sub(f64x2.mul(a, d), f64x2.mul(b, c));
    sum = f64x2.add(sum, f64x2.mul(sign, met));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
