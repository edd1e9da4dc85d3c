/**
 * What a merge does to one model's weights or to two: addresses are bytes, and n counts floats. What gives floats rounds
 * n up to a multiple of four and writes up to three too many; what counts and sums takes just n. `loops.ts` says what is
 * computed.
 */

/** Bytes of one of the four countings that lie beside each other, so that no element waits for the count before. */
// @ts-ignore: decorator
@inline
const COUNTING_BYTES: usize = 4 * 65536;

export function subtract(base: usize, a: usize, n: i32): void {
  for (const end = a + (<usize>n << 2); a < end; base += 16, a += 16) {
    v128.store(a, f32x4.sub(v128.load(a), v128.load(base)));
  }
}

// @ts-ignore: decorator
@inline
function count(at: usize): void {
  store<i32>(at, load<i32>(at) + 1);
}

/** Subtracts on the way, and counts by the upper 16 of the 31 bits of a magnitude. */
export function countUpper(base: usize, a: usize, n: i32, counts: usize): void {
  const end = a + (<usize>n << 2), whole = a + (<usize>(n & -4) << 2);
  for (; a < whole; base += 16, a += 16) {
    const delta = f32x4.sub(v128.load(a), v128.load(base));
    v128.store(a, delta);
    const bins = i32x4.shl(i32x4.shr_u(v128.and(delta, i32x4.splat(0x7fffffff)), 15), 2);
    count(counts + <usize>i32x4.extract_lane(bins, 0));
    count(counts + COUNTING_BYTES + <usize>i32x4.extract_lane(bins, 1));
    count(counts + 2 * COUNTING_BYTES + <usize>i32x4.extract_lane(bins, 2));
    count(counts + 3 * COUNTING_BYTES + <usize>i32x4.extract_lane(bins, 3));
  }
  for (; a < end; base += 4, a += 4) {
    const delta = load<f32>(a) - load<f32>(base);
    store<f32>(a, delta);
    count(counts + <usize>(((reinterpret<u32>(delta) & 0x7fffffff) >> 15) << 2));
  }
}

// @ts-ignore: decorator
@inline
function countLow(bits: i32, counts: usize): void {
  count(counts + (<usize>(bits & 0x7fff) << 2));
}

/** Counts, by the lower 15 bits, those whose upper bits are `bin`. */
export function countLower(a: usize, n: i32, bin: i32, counts: usize): void {
  const end = a + (<usize>n << 2), whole = a + (<usize>(n & -4) << 2), wanted = i32x4.splat(bin);
  for (; a < whole; a += 16) {
    const bits = v128.and(v128.load(a), i32x4.splat(0x7fffffff));
    const found = i32x4.eq(i32x4.shr_u(bits, 15), wanted);
    if (!v128.any_true(found)) continue;
    if (i32x4.extract_lane(found, 0)) countLow(i32x4.extract_lane(bits, 0), counts);
    if (i32x4.extract_lane(found, 1)) countLow(i32x4.extract_lane(bits, 1), counts);
    if (i32x4.extract_lane(found, 2)) countLow(i32x4.extract_lane(bits, 2), counts);
    if (i32x4.extract_lane(found, 3)) countLow(i32x4.extract_lane(bits, 3), counts);
  }
  for (; a < end; a += 4) {
    const bits = load<i32>(a) & 0x7fffffff;
    if (bits >>> 15 == bin) countLow(bits, counts);
  }
}

/** @param index  of the first element; those of all are hashed with both seeds and compared with the limit */
export function drop(a: usize, n: i32, index: i32, seed: i32, seed2: i32, limit: i32, scale: f32): void {
  let indexes = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  const one = i32x4.splat(seed), two = i32x4.splat(seed2), most = i32x4.splat(limit), scales = f32x4.splat(scale);
  for (const end = a + (<usize>n << 2); a < end; a += 16) {
    let hash = i32x4.add(i32x4.mul(indexes, i32x4.splat(0x9e3779b1)), one);
    hash = i32x4.mul(v128.xor(hash, i32x4.shr_u(hash, 16)), i32x4.splat(0x85ebca6b));
    hash = v128.xor(v128.xor(hash, i32x4.shr_u(hash, 13)), two);
    hash = i32x4.mul(hash, i32x4.splat(0xc2b2ae35));
    hash = v128.xor(hash, i32x4.shr_u(hash, 16));
    v128.store(a, v128.and(f32x4.mul(v128.load(a), scales), i32x4.lt_u(hash, most)));
    indexes = i32x4.add(indexes, i32x4.splat(4));
  }
}

/** @returns Σ a·b in doubles: those of even places, and then those of odd ones */
export function dot(a: usize, b: usize, n: i32): f64 {
  const end = a + (<usize>n << 2), whole = a + (<usize>(n & -4) << 2);
  let sum = f64x2.splat(0);
  for (; a < whole; a += 16, b += 16) {
    const u = v128.load(a), v = v128.load(b);
    sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(u), f64x2.promote_low_f32x4(v)));
    const highU = v128.shuffle<u64>(u, u, 1, 1), highV = v128.shuffle<u64>(v, v, 1, 1);
    sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(highU), f64x2.promote_low_f32x4(highV)));
  }
  let even = f64x2.extract_lane(sum, 0), odd = f64x2.extract_lane(sum, 1);
  for (; a < end; a += 8, b += 8) {
    even += <f64>load<f32>(a) * <f64>load<f32>(b);
    if (a + 4 < end) odd += <f64>load<f32>(a, 4) * <f64>load<f32>(b, 4);
  }
  return even + odd;
}

export function blend(a: usize, b: usize, out: usize, n: i32, shareA: f32, shareB: f32): void {
  const x = f32x4.splat(shareA), y = f32x4.splat(shareB);
  for (const end = out + (<usize>n << 2); out < end; a += 16, b += 16, out += 16) {
    v128.store(out, f32x4.add(f32x4.mul(v128.load(a), x), f32x4.mul(v128.load(b), y)));
  }
}

/** @returns whether an element is infinite or no number */
export function unbounded(a: usize, n: i32): bool {
  const end = a + (<usize>n << 2), whole = a + (<usize>(n & -4) << 2), infinite = i32x4.splat(0x7f800000);
  let found = i32x4.splat(0);
  for (; a < whole; a += 16) {
    found = v128.or(found, i32x4.ge_u(v128.and(v128.load(a), i32x4.splat(0x7fffffff)), infinite));
  }
  let any = v128.any_true(found);
  for (; a < end; a += 4) any = any || (load<u32>(a) & 0x7fffffff) >= 0x7f800000;
  return any;
}
