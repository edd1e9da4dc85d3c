/**
 * Metropolis sweeps over 16 replicas at once, one replica a lane: lanes of a byte where all couplings are +1 or −1 and
 * every local field fits, else lanes of 16 bits. `replicas.ts` says what is computed; here is only how.
 */

/** xorshift32 (G. Marsaglia 2003) in each lane. */
// @ts-ignore: decorator
@inline
function drawn(x: v128): v128 {
  x = v128.xor(x, i32x4.shl(x, 13));
  x = v128.xor(x, i32x4.shr_u(x, 17));
  return v128.xor(x, i32x4.shl(x, 5));
}

/** ⌊−log₂(u)·scale⌋ with u = (x >> 8 | 1)/2²⁴; log₂ of the mantissa is the cubic of `replicas.ts`. */
// @ts-ignore: decorator
@inline
function heightOf(x: v128, scale: v128): v128 {
  const f = f32x4.convert_i32x4_s(v128.or(i32x4.shr_u(x, 8), i32x4.splat(1)));
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.splat(151), i32x4.shr_u(f, 23)));
  const m = v128.or(v128.and(f, i32x4.splat(0x7fffff)), i32x4.splat(0x3f800000));
  let log = f32x4.add(f32x4.mul(m, f32x4.splat(0.15922019)), f32x4.splat(-1.0597461));
  log = f32x4.add(f32x4.mul(m, log), f32x4.splat(3.064697));
  log = f32x4.add(f32x4.mul(m, log), f32x4.splat(-2.1641712));
  return i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(exponent, log), scale));
}

/**
 * @param n          variables
 * @param scales     f32 a sweep
 * @param sweeps     how many
 * @param starts     i32, two a variable and one more: 4 × where its neighbours begin, first those of +1, then of −1
 * @param places     i32 a neighbour: byte offset of its row
 * @param spins      i8x16 a variable: 0 for +1, −1 for −1
 * @param fields     i8x16 a variable
 * @param streams    16 words of u32
 */
export function sweepBytes(
  n: i32,
  scales: usize,
  sweeps: i32,
  starts: usize,
  places: usize,
  spins: usize,
  fields: usize,
  streams: usize,
): void {
  let a = v128.load(streams), b = v128.load(streams, 16), c = v128.load(streams, 32), d = v128.load(streams, 48);
  const two = i8x16.splat(2);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const scale = v128.load_splat<f32>(scales + (<usize>sweep << 2));
    let start = starts;
    const end = <usize>n << 4;
    for (let row: usize = 0; row < end; row += 16, start += 8) {
      a = drawn(a); b = drawn(b); c = drawn(c); d = drawn(d);
      const height = i8x16.narrow_i16x8_s(
        i16x8.narrow_i32x4_s(heightOf(a, scale), heightOf(b, scale)),
        i16x8.narrow_i32x4_s(heightOf(c, scale), heightOf(d, scale)),
      );
      const spin = v128.load(spins + row);
      const taken = i8x16.le_s(i8x16.sub(v128.xor(v128.load(fields + row), spin), spin), height);
      if (!v128.any_true(taken)) continue;
      v128.store(spins + row, v128.xor(spin, taken));
      const change = v128.and(i8x16.sub(v128.xor(two, spin), spin), taken);
      let at = places + <usize>load<i32>(start);
      const middle = places + <usize>load<i32>(start, 4), last = places + <usize>load<i32>(start, 8);
      for (; at < middle; at += 4) {
        const field = fields + <usize>load<i32>(at);
        v128.store(field, i8x16.sub(v128.load(field), change));
      }
      for (; at < last; at += 4) {
        const field = fields + <usize>load<i32>(at);
        v128.store(field, i8x16.add(v128.load(field), change));
      }
    }
  }
  v128.store(streams, a); v128.store(streams, b, 16); v128.store(streams, c, 32); v128.store(streams, d, 48);
}

/**
 * The same in lanes of 16 bits, with a weight for every neighbour.
 *
 * @param places   two i32 a neighbour: byte offset of its row, weight
 * @param spins    i16x16 a variable: 0 for +1, −1 for −1
 * @param fields   i16x16 a variable
 */
export function sweepWords(
  n: i32,
  scales: usize,
  sweeps: i32,
  starts: usize,
  places: usize,
  spins: usize,
  fields: usize,
  streams: usize,
): void {
  let a = v128.load(streams), b = v128.load(streams, 16), c = v128.load(streams, 32), d = v128.load(streams, 48);
  const two = i16x8.splat(2);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const scale = v128.load_splat<f32>(scales + (<usize>sweep << 2));
    let start = starts;
    const end = <usize>n << 5;
    for (let row: usize = 0; row < end; row += 32, start += 8) {
      a = drawn(a); b = drawn(b); c = drawn(c); d = drawn(d);
      const low = i16x8.narrow_i32x4_s(heightOf(a, scale), heightOf(b, scale));
      const high = i16x8.narrow_i32x4_s(heightOf(c, scale), heightOf(d, scale));
      const spin0 = v128.load(spins + row), spin1 = v128.load(spins + row, 16);
      const taken0 = i16x8.le_s(i16x8.sub(v128.xor(v128.load(fields + row), spin0), spin0), low);
      const taken1 = i16x8.le_s(i16x8.sub(v128.xor(v128.load(fields + row, 16), spin1), spin1), high);
      if (!v128.any_true(v128.or(taken0, taken1))) continue;
      v128.store(spins + row, v128.xor(spin0, taken0));
      v128.store(spins + row, v128.xor(spin1, taken1), 16);
      const change0 = v128.and(i16x8.sub(v128.xor(two, spin0), spin0), taken0);
      const change1 = v128.and(i16x8.sub(v128.xor(two, spin1), spin1), taken1);
      const last = places + (<usize>load<i32>(start, 8) << 1);
      for (let at = places + (<usize>load<i32>(start) << 1); at < last; at += 8) {
        const field = fields + <usize>load<i32>(at), weight = i16x8.splat(<i16>load<i32>(at, 4));
        v128.store(field, i16x8.sub(v128.load(field), i16x8.mul(change0, weight)));
        v128.store(field, i16x8.sub(v128.load(field, 16), i16x8.mul(change1, weight)), 16);
      }
    }
  }
  v128.store(streams, a); v128.store(streams, b, 16); v128.store(streams, c, 32); v128.store(streams, d, 48);
}
