/**
 * What a merge does to any number of models at once, eight floats at a time: up to seven too many are read and written.
 * Sixteen took up to three times as long. Sums are taken in the order of the models; `loops.ts` says what is computed.
 */

// @ts-ignore: decorator
@inline
const TERM_BYTES: usize = 16;

/** It leaves what is added to it as it is, −0 too. */
// @ts-ignore: decorator
@inline
function nothing(): v128 {
  return f32x4.splat(-0.0);
}

/**
 * @param places   i32 a tensor: its address
 * @param weights  f32 a tensor
 */
export function weigh(models: i32, places: usize, weights: usize, out: usize, n: i32, divisor: f32): void {
  const by = f32x4.splat(divisor), size = <usize>n << 2, last = <usize>models << 2;
  for (let at: usize = 0; at < size; at += 32) {
    let a = nothing(), b = nothing();
    for (let model: usize = 0; model < last; model += 4) {
      const x = load<usize>(places + model) + at, weight = v128.load_splat<f32>(weights + model);
      a = f32x4.add(a, f32x4.mul(v128.load(x), weight));
      b = f32x4.add(b, f32x4.mul(v128.load(x, 16), weight));
    }
    v128.store(out + at, f32x4.div(a, by));
    v128.store(out + at, f32x4.div(b, by), 16);
  }
}

/** The deltas at an address, scaled, where their magnitudes lie within the bounds; else 0. */
// @ts-ignore: decorator
@inline
function trimmed(at: usize, least: v128, most: v128, scale: v128): v128 {
  const delta = v128.load(at), size = f32x4.abs(delta);
  return v128.and(f32x4.mul(delta, scale), v128.and(f32x4.ge(size, least), f32x4.le(size, most)));
}

// @ts-ignore: decorator
@inline
function signOf(sum: v128): v128 {
  return v128.and(f32x4.lt(sum, f32x4.splat(0)), i32x4.splat(0x80000000));
}

// @ts-ignore: decorator
@inline
function agreesWith(value: v128, sign: v128): v128 {
  return f32x4.gt(v128.xor(value, sign), f32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function oneForZero(divisor: v128): v128 {
  return v128.bitselect(f32x4.splat(1), divisor, f32x4.eq(divisor, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function put(out: usize, base: usize, lambda: v128, sum: v128): void {
  v128.store(out, f32x4.add(v128.load(base), f32x4.mul(lambda, sum)));
}

// @ts-ignore: decorator
@inline
function combineAs(
  elects: bool, divides: bool,
  models: i32, places: usize, terms: usize, scratch: usize, base: usize, out: usize, n: i32, lambda: f32,
): void {
  const shares = f32x4.splat(lambda), size = <usize>n << 2;
  for (let at: usize = 0; at < size; at += 32) {
    let a = nothing(), b = nothing();
    let term = terms, kept = scratch;
    for (let model = 0; model < models; model++, term += TERM_BYTES, kept += 32) {
      const from = load<usize>(places + (<usize>model << 2)) + at;
      const least = v128.load_splat<f32>(term), most = v128.load_splat<f32>(term, 4);
      const scale = v128.load_splat<f32>(term, 8);
      let value = trimmed(from, least, most, scale);
      a = f32x4.add(a, value);
      if (elects) v128.store(kept, value);
      value = trimmed(from + 16, least, most, scale);
      b = f32x4.add(b, value);
      if (elects) v128.store(kept, value, 16);
    }
    if (elects) {
      const signA = signOf(a), signB = signOf(b);
      a = nothing(); b = nothing();
      let weighA = nothing(), weighB = nothing();
      term = terms; kept = scratch;
      for (let model = 0; model < models; model++, term += TERM_BYTES, kept += 32) {
        const weight = v128.load_splat<f32>(term, 12);
        let value = v128.load(kept), agrees = agreesWith(value, signA);
        a = f32x4.add(a, v128.and(value, agrees));
        if (divides) weighA = f32x4.add(weighA, v128.and(weight, agrees));
        value = v128.load(kept, 16); agrees = agreesWith(value, signB);
        b = f32x4.add(b, v128.and(value, agrees));
        if (divides) weighB = f32x4.add(weighB, v128.and(weight, agrees));
      }
      if (divides) {
        a = f32x4.div(a, oneForZero(weighA)); b = f32x4.div(b, oneForZero(weighB));
      }
    }
    put(out + at, base + at, shares, a); put(out + at + 16, base + at + 16, shares, b);
  }
}

/**
 * @param places   i32 a model: the address of its delta
 * @param terms    four f32 a model: least and most of its magnitudes, scale, weight
 * @param scratch  room for 8 f32 a model
 */
export function combine(
  models: i32, places: usize, terms: usize, scratch: usize, base: usize, out: usize, n: i32, lambda: f32,
): void {
  combineAs(false, false, models, places, terms, scratch, base, out, n, lambda);
}

export function combineElected(
  models: i32, places: usize, terms: usize, scratch: usize, base: usize, out: usize, n: i32, lambda: f32,
): void {
  combineAs(true, false, models, places, terms, scratch, base, out, n, lambda);
}

export function combineDivided(
  models: i32, places: usize, terms: usize, scratch: usize, base: usize, out: usize, n: i32, lambda: f32,
): void {
  combineAs(true, true, models, places, terms, scratch, base, out, n, lambda);
}
