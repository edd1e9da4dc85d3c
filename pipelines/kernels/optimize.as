/**
 * One step of an optimizer over n floats, a multiple of four: addresses are bytes. `update.ts` says what is computed and
 * does the same to the last bit.
 */

/** Floats whose squares are summed in floats before they are added as doubles. */
// @ts-ignore: decorator
@inline
const BLOCK_BYTES: usize = 4096;

/** @returns Σ a², in four sums of four lanes a block of 1024, and then in doubles */
export function squares(a: usize, n: i32): f64 {
  const end = a + (<usize>n << 2);
  let sum: f64 = 0;
  while (a < end) {
    const until = min(a + BLOCK_BYTES, end), whole = a + ((until - a) & ~63);
    let s = f32x4.splat(0), t = s, u = s, v = s;
    for (; a < whole; a += 64) {
      const w = v128.load(a), x = v128.load(a, 16), y = v128.load(a, 32), z = v128.load(a, 48);
      s = f32x4.add(s, f32x4.mul(w, w));
      t = f32x4.add(t, f32x4.mul(x, x));
      u = f32x4.add(u, f32x4.mul(y, y));
      v = f32x4.add(v, f32x4.mul(z, z));
    }
    for (; a < until; a += 16) {
      const w = v128.load(a);
      s = f32x4.add(s, f32x4.mul(w, w));
    }
    const lanes = f32x4.add(f32x4.add(s, t), f32x4.add(u, v));
    sum += <f64>f32x4.extract_lane(lanes, 0) + <f64>f32x4.extract_lane(lanes, 1);
    sum += <f64>f32x4.extract_lane(lanes, 2) + <f64>f32x4.extract_lane(lanes, 3);
  }
  return sum;
}

export function adam(
  w: usize, m: usize, v: usize, g: usize, n: i32,
  share: f32, rate: f32, root: f32, first: f32, second: f32, epsilon: f32, keep: f32,
): void {
  const s = f32x4.splat(share), a = f32x4.splat(rate), r = f32x4.splat(root), e = f32x4.splat(epsilon);
  const b = f32x4.splat(first), c = f32x4.splat(second), k = f32x4.splat(keep);
  for (const end = w + (<usize>n << 2); w < end; w += 16, m += 16, v += 16, g += 16) {
    const gradient = f32x4.mul(v128.load(g), s);
    const before = v128.load(m), spread = v128.load(v);
    const mean = f32x4.add(before, f32x4.mul(b, f32x4.sub(gradient, before)));
    const energy = f32x4.add(spread, f32x4.mul(c, f32x4.sub(f32x4.mul(gradient, gradient), spread)));
    v128.store(m, mean);
    v128.store(v, energy);
    const size = f32x4.add(f32x4.mul(f32x4.sqrt(energy), r), e);
    v128.store(w, f32x4.sub(f32x4.mul(v128.load(w), k), f32x4.div(f32x4.mul(a, mean), size)));
  }
}

export function momentum(
  w: usize, m: usize, g: usize, n: i32, share: f32, rate: f32, kept: f32, decay: f32,
): void {
  const s = f32x4.splat(share), a = f32x4.splat(rate), u = f32x4.splat(kept), d = f32x4.splat(decay);
  for (const end = w + (<usize>n << 2); w < end; w += 16, m += 16, g += 16) {
    const weight = v128.load(w);
    const gradient = f32x4.add(f32x4.mul(v128.load(g), s), f32x4.mul(weight, d));
    const moved = f32x4.add(f32x4.mul(v128.load(m), u), gradient);
    v128.store(m, moved);
    v128.store(w, f32x4.sub(weight, f32x4.mul(a, moved)));
  }
}

/** The slow part of the gradients is kept and made louder. */
export function grokfast(h: usize, g: usize, n: i32, share: f32, fresh: f32, louder: f32): void {
  const s = f32x4.splat(share), f = f32x4.splat(fresh), l = f32x4.splat(louder);
  for (const end = g + (<usize>n << 2); g < end; h += 16, g += 16) {
    const gradient = f32x4.mul(v128.load(g), s), before = v128.load(h);
    const slow = f32x4.add(before, f32x4.mul(f, f32x4.sub(gradient, before)));
    v128.store(h, slow);
    v128.store(g, f32x4.add(gradient, f32x4.mul(l, slow)));
  }
}
