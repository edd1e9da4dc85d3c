/**
 * Floats of 16 bits into those of 32, and back. Addresses are bytes; n is rounded up to a multiple of four, so that up
 * to three elements too many are read and written.
 */

/** Brain floats to floats; exact. */
export function fromBrain(from: usize, to: usize, n: i32): void {
  for (const end = from + (<usize>n << 1); from < end; from += 8, to += 16) {
    v128.store(to, i32x4.shl(v128.load_ext<u16>(from), 16));
  }
}

/** Halves to floats; exact. The scale moves the exponent's bias, for subnormal ones too. */
export function fromHalf(from: usize, to: usize, n: i32): void {
  const scale = f32x4.splat(reinterpret<f32>((127 + 112) << 23));
  for (const end = from + (<usize>n << 1); from < end; from += 8, to += 16) {
    const half = v128.load_ext<u16>(from);
    const moved = i32x4.shl(v128.and(half, i32x4.splat(0x7fff)), 13);
    const unbounded = v128.and(i32x4.ge_u(moved, i32x4.splat(31 << 23)), i32x4.splat(0x7f800000));
    const sign = i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16);
    v128.store(to, v128.or(v128.or(f32x4.mul(moved, scale), unbounded), sign));
  }
}

// @ts-ignore: decorator
@inline
function oddAt(bits: v128, shift: i32): v128 {
  return v128.and(i32x4.shr_u(bits, shift), i32x4.splat(1));
}

/** Floats to brain floats, ties to the even one. */
export function toBrain(from: usize, to: usize, n: i32): void {
  for (const end = from + (<usize>n << 2); from < end; from += 16, to += 8) {
    const bits = v128.load(from);
    const rounded = i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), oddAt(bits, 16));
    const brain = i32x4.shr_u(rounded, 16);
    v128.store64_lane(to, i16x8.narrow_i32x4_u(brain, brain), 0);
  }
}

/** Floats to halves, ties to the even one; from 65520 on they are infinite. */
export function toHalf(from: usize, to: usize, n: i32): void {
  // Added to a float below 2⁻¹⁴, it leaves the half's bits at the end of its own, rounded to even.
  const subnormal = i32x4.splat(126 << 23);
  for (const end = from + (<usize>n << 2); from < end; from += 16, to += 8) {
    const bits = v128.load(from);
    const size = v128.and(bits, i32x4.splat(0x7fffffff));
    const rounded = i32x4.add(i32x4.add(size, i32x4.splat((-112 << 23) + 0xfff)), oddAt(size, 13));
    let half = v128.bitselect(
      i32x4.sub(f32x4.add(size, subnormal), subnormal),
      i32x4.shr_u(rounded, 13),
      i32x4.lt_u(size, i32x4.splat(113 << 23)),
    );
    half = v128.bitselect(i32x4.splat(0x7c00), half, i32x4.ge_u(size, i32x4.splat(143 << 23)));
    half = v128.or(half, i32x4.shr_u(v128.and(bits, i32x4.splat(0x80000000)), 16));
    v128.store64_lane(to, i16x8.narrow_i32x4_u(half, half), 0);
  }
}
