/** What the gradient of QAOA asks of two states: Im⟨λ|ΣX|ψ⟩ and Im⟨λ|E|ψ⟩; `layers.ts` says what is computed. */

/** Adds λ₁·ψ₀ − λ₀·ψ₁ over the pairs of one to three qubits to `sum`, for rows at one stride. */
// @ts-ignore: decorator
@inline
function crossed(dual: usize, state: usize, stride: usize, qubits: i32, sum: v128): v128 {
  for (let c: usize = 0; c < stride; c += 16) {
    const l = dual + c, p = state + c;
    const l0 = v128.load(l), l1 = v128.load(l + stride), p0 = v128.load(p), p1 = v128.load(p + stride);
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l1, p0), f64x2.mul(l0, p1)));
    if (qubits == 1) continue;
    const l2 = v128.load(l + 2 * stride), l3 = v128.load(l + 3 * stride);
    const p2 = v128.load(p + 2 * stride), p3 = v128.load(p + 3 * stride);
    // λ of two set bits meets both neighbours, and so on: what multiplies one factor is added first.
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l3, f64x2.add(p1, p2)), f64x2.mul(f64x2.add(l1, l2), p3)));
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l2, p0), f64x2.mul(l0, p2)));
    if (qubits == 2) continue;
    const l4 = v128.load(l + 4 * stride), l5 = v128.load(l + 5 * stride);
    const l6 = v128.load(l + 6 * stride), l7 = v128.load(l + 7 * stride);
    const p4 = v128.load(p + 4 * stride), p5 = v128.load(p + 5 * stride);
    const p6 = v128.load(p + 6 * stride), p7 = v128.load(p + 7 * stride);
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l4, p0), f64x2.mul(l0, p4)));
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l5, f64x2.add(p1, p4)), f64x2.mul(f64x2.add(l1, l4), p5)));
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l6, f64x2.add(p2, p4)), f64x2.mul(f64x2.add(l2, l4), p6)));
    const above = f64x2.add(f64x2.add(p3, p5), p6), below = f64x2.add(f64x2.add(l3, l5), l6);
    sum = f64x2.add(sum, f64x2.sub(f64x2.mul(l7, above), f64x2.mul(below, p7)));
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function crossedStretch(dual: usize, state: usize, bytes: usize, low: i32, high: i32, sum: v128): v128 {
  let log = low;
  for (; high - log >= 3; log += 3) {
    const stride: usize = 1 << log;
    for (let at: usize = 0; at < bytes; at += stride << 3) sum = crossed(dual + at, state + at, stride, 3, sum);
  }
  const stride: usize = 1 << log;
  if (high - log == 2) {
    for (let at: usize = 0; at < bytes; at += stride << 2) sum = crossed(dual + at, state + at, stride, 2, sum);
  }
  if (high - log == 1) {
    for (let at: usize = 0; at < bytes; at += stride << 1) sum = crossed(dual + at, state + at, stride, 1, sum);
  }
  return sum;
}

/**
 * @param dual, state  addresses of 2ⁿ real parts; the imaginary ones follow at `apart` bytes, as f64
 * @param blockLog     qubits of a block that fits into the second cache, 1 to n
 * @returns            Im⟨λ|ΣX|ψ⟩ in the form of `State`
 */
export function overlapMixer(dual: usize, state: usize, apart: usize, n: i32, blockLog: i32): f64 {
  const block: usize = 1 << (blockLog + 3), all: usize = 1 << (n + 3);
  let near = f64x2.splat(0), sum = f64x2.splat(0);
  for (let start: usize = 0; start < all; start += block) {
    for (let part = start; part <= start + apart; part += apart) {
      const l = dual + part, p = state + part;
      for (let at: usize = 0; at < block; at += 16) {
        const other = v128.load(p + at);
        near = f64x2.add(near, f64x2.mul(v128.load(l + at), v128.shuffle<u64>(other, other, 1, 0)));
      }
      sum = crossedStretch(l, p, block, 4, blockLog + 3, sum);
    }
  }
  sum = crossedStretch(dual, state, all, blockLog + 3, n + 3, sum);
  sum = crossedStretch(dual + apart, state + apart, all, blockLog + 3, n + 3, sum);
  return f64x2.extract_lane(near, 1) - f64x2.extract_lane(near, 0) + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** @returns Im⟨λ|E|ψ⟩, with `values` by level */
export function overlapPhase(dual: usize, state: usize, apart: usize, levels: usize, values: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const all: usize = 1 << (n + 3);
  for (let at: usize = 0; at < all; at += 16, levels += 4) {
    let value = v128.load64_zero(values + (<usize>load<u16>(levels) << 3));
    value = v128.load64_lane(values + (<usize>load<u16>(levels, 2) << 3), value, 1);
    const l = dual + at, p = state + at;
    const turned = f64x2.sub(
      f64x2.mul(v128.load(l), v128.load(p + apart)),
      f64x2.mul(v128.load(l + apart), v128.load(p)),
    );
    sum = f64x2.add(sum, f64x2.mul(value, turned));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
