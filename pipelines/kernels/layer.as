/**
 * One layer of QAOA: the phase by a table of its levels, and the mixer as real rotations scaled to (a − t·b, b + t·a),
 * since e^(−iβX) is one in the form of `State`; cosⁿ β is in the table. Qubits turn in ascending order, so that
 * whichever are taken together, every amplitude sees the same operations. `layers.ts` says what is computed.
 */

/** Two to three qubits at a time: rows of `source` at one stride go to rows of `target` at another. */
// @ts-ignore: decorator
@inline
function turn<T>(source: usize, from: usize, target: usize, to: usize, width: usize, qubits: i32, t: v128): void {
  for (let c: usize = 0; c < width; c += 16) {
    const s = source + c, d = target + c;
    let a0 = v128.load(s), a1 = v128.load(s + from);
    let b = v128.mul<T>(t, a1);
    a1 = v128.add<T>(a1, v128.mul<T>(t, a0));
    a0 = v128.sub<T>(a0, b);
    if (qubits == 1) {
      v128.store(d, a0);
      v128.store(d + to, a1);
      continue;
    }
    let a2 = v128.load(s + 2 * from), a3 = v128.load(s + 3 * from);
    b = v128.mul<T>(t, a3); a3 = v128.add<T>(a3, v128.mul<T>(t, a2)); a2 = v128.sub<T>(a2, b);
    b = v128.mul<T>(t, a2); a2 = v128.add<T>(a2, v128.mul<T>(t, a0)); a0 = v128.sub<T>(a0, b);
    b = v128.mul<T>(t, a3); a3 = v128.add<T>(a3, v128.mul<T>(t, a1)); a1 = v128.sub<T>(a1, b);
    if (qubits == 2) {
      v128.store(d, a0);
      v128.store(d + to, a1);
      v128.store(d + 2 * to, a2);
      v128.store(d + 3 * to, a3);
      continue;
    }
    let a4 = v128.load(s + 4 * from), a5 = v128.load(s + 5 * from);
    let a6 = v128.load(s + 6 * from), a7 = v128.load(s + 7 * from);
    b = v128.mul<T>(t, a5); a5 = v128.add<T>(a5, v128.mul<T>(t, a4)); a4 = v128.sub<T>(a4, b);
    b = v128.mul<T>(t, a7); a7 = v128.add<T>(a7, v128.mul<T>(t, a6)); a6 = v128.sub<T>(a6, b);
    b = v128.mul<T>(t, a6); a6 = v128.add<T>(a6, v128.mul<T>(t, a4)); a4 = v128.sub<T>(a4, b);
    b = v128.mul<T>(t, a7); a7 = v128.add<T>(a7, v128.mul<T>(t, a5)); a5 = v128.sub<T>(a5, b);
    b = v128.mul<T>(t, a4); a4 = v128.add<T>(a4, v128.mul<T>(t, a0)); a0 = v128.sub<T>(a0, b);
    b = v128.mul<T>(t, a5); a5 = v128.add<T>(a5, v128.mul<T>(t, a1)); a1 = v128.sub<T>(a1, b);
    b = v128.mul<T>(t, a6); a6 = v128.add<T>(a6, v128.mul<T>(t, a2)); a2 = v128.sub<T>(a2, b);
    b = v128.mul<T>(t, a7); a7 = v128.add<T>(a7, v128.mul<T>(t, a3)); a3 = v128.sub<T>(a3, b);
    v128.store(d, a0);
    v128.store(d + to, a1);
    v128.store(d + 2 * to, a2);
    v128.store(d + 3 * to, a3);
    v128.store(d + 4 * to, a4);
    v128.store(d + 5 * to, a5);
    v128.store(d + 6 * to, a6);
    v128.store(d + 7 * to, a7);
  }
}

/** Some qubits of a stretch in place; `low` and `high` are logarithms of their strides in bytes. */
// @ts-ignore: decorator
@inline
function turnStretch<T>(at: usize, bytes: usize, low: i32, high: i32, t: v128): void {
  let stride = low;
  while (high - stride >= 3 && high - stride != 4) {
    const step: usize = 1 << stride;
    for (let p = at; p < at + bytes; p += step << 3) turn<T>(p, step, p, step, step, 3, t);
    stride += 3;
  }
  while (high - stride >= 2) {
    const step: usize = 1 << stride;
    for (let p = at; p < at + bytes; p += step << 2) turn<T>(p, step, p, step, step, 2, t);
    stride += 2;
  }
  if (high > stride) {
    const step: usize = 1 << stride;
    for (let p = at; p < at + bytes; p += step << 1) turn<T>(p, step, p, step, step, 1, t);
  }
}

/**
 * The qubits above a block, of the columns between two bytes of a row; more than three go through `scratch`, whose rows
 * do not fight for a cache.
 */
// @ts-ignore: decorator
@inline
function turnHigh<T>(
  at: usize, begin: usize, end: usize, rowLog: i32, qubits: i32, tileLog: i32, scratch: usize, t: v128,
): void {
  const row: usize = 1 << rowLog, tile: usize = 1 << tileLog;
  if (qubits == 1) { turn<T>(at + begin, row, at + begin, row, end - begin, 1, t); return; }
  if (qubits == 2) { turn<T>(at + begin, row, at + begin, row, end - begin, 2, t); return; }
  if (qubits == 3) { turn<T>(at + begin, row, at + begin, row, end - begin, 3, t); return; }
  const first = qubits > 4 ? 3 : 2, last = qubits > 5 ? 3 : 2;
  const groups: usize = 1 << (qubits - first), below: usize = 1 << (qubits - last);
  for (let column = begin; column < end; column += tile) {
    const p = at + column;
    for (let g: usize = 0; g < groups; g++) {
      const from = p + ((g << first) << rowLog), to = scratch + ((g << first) << tileLog);
      if (first == 3) turn<T>(from, row, to, tile, tile, 3, t);
      else turn<T>(from, row, to, tile, tile, 2, t);
    }
    if (qubits > first + last) {
      turnStretch<T>(scratch, tile << qubits, tileLog + first, tileLog + qubits - last, t);
    }
    for (let g: usize = 0; g < below; g++) {
      const from = scratch + (g << tileLog), to = p + (g << rowLog), far = qubits - last;
      if (last == 3) turn<T>(from, tile << far, to, row << far, tile, 3, t);
      else turn<T>(from, tile << far, to, row << far, tile, 2, t);
    }
  }
}

// @ts-ignore: decorator
@inline
function swapped<T>(v: v128, qubit: i32): v128 {
  if (sizeof<T>() == 8 || qubit == 1) return v128.shuffle<u64>(v, v, 1, 0);
  return v128.shuffle<u32>(v, v, 1, 0, 3, 2);
}

/** The qubits within a vector, of four vectors that follow each other, and the two qubits between these. */
// @ts-ignore: decorator
@inline
function turnNear<T>(at: usize, v0: v128, v1: v128, v2: v128, v3: v128, t0: v128, t1: v128, t: v128): void {
  v0 = v128.add<T>(v0, v128.mul<T>(t0, swapped<T>(v0, 0)));
  v1 = v128.add<T>(v1, v128.mul<T>(t0, swapped<T>(v1, 0)));
  v2 = v128.add<T>(v2, v128.mul<T>(t0, swapped<T>(v2, 0)));
  v3 = v128.add<T>(v3, v128.mul<T>(t0, swapped<T>(v3, 0)));
  if (sizeof<T>() == 4) {
    v0 = v128.add<T>(v0, v128.mul<T>(t1, swapped<T>(v0, 1)));
    v1 = v128.add<T>(v1, v128.mul<T>(t1, swapped<T>(v1, 1)));
    v2 = v128.add<T>(v2, v128.mul<T>(t1, swapped<T>(v2, 1)));
    v3 = v128.add<T>(v3, v128.mul<T>(t1, swapped<T>(v3, 1)));
  }
  let b = v128.mul<T>(t, v1); v1 = v128.add<T>(v1, v128.mul<T>(t, v0)); v0 = v128.sub<T>(v0, b);
  b = v128.mul<T>(t, v3); v3 = v128.add<T>(v3, v128.mul<T>(t, v2)); v2 = v128.sub<T>(v2, b);
  b = v128.mul<T>(t, v2); v2 = v128.add<T>(v2, v128.mul<T>(t, v0)); v0 = v128.sub<T>(v0, b);
  b = v128.mul<T>(t, v3); v3 = v128.add<T>(v3, v128.mul<T>(t, v1)); v1 = v128.sub<T>(v1, b);
  v128.store(at, v0);
  v128.store(at, v1, 16);
  v128.store(at, v2, 32);
  v128.store(at, v3, 48);
}

/** Cosines of the levels of two or four amplitudes; `sines` gives the sines. */
// @ts-ignore: decorator
@inline
function entry<T>(levels: usize, table: usize, lane: i32): v128 {
  if (sizeof<T>() == 8) return v128.load(table + (<usize>load<u16>(levels + (lane << 1)) << 4));
  const pair = v128.load64_zero(table + (<usize>load<u16>(levels + (lane << 1)) << 3));
  return v128.load64_lane(table + (<usize>load<u16>(levels + (lane << 1), 2) << 3), pair, 1);
}

/** The phase and the qubits within a block, of the blocks between two bytes of the state. */
// @ts-ignore: decorator
@inline
export function turnLow<T>(
  re: usize, im: usize, levels: usize, table: usize, begin: usize, end: usize, blockLog: i32,
  t: v128, t0: v128, t1: v128,
): void {
  const itemLog = sizeof<T>() == 8 ? 3 : 2, lanes = 16 >> itemLog;
  const block: usize = 1 << (blockLog + itemLog);
  const inner: i32 = blockLog > 10 ? 10 : blockLog, stretch: usize = 1 << (inner + itemLog);
  for (let start = begin; start < end; start += block) {
    for (let sub = start; sub < start + block; sub += stretch) {
      for (let p = sub; p < sub + stretch; p += 64) {
        let r0 = v128.load(re + p), r1 = v128.load(re + p, 16), r2 = v128.load(re + p, 32), r3 = v128.load(re + p, 48);
        let i0 = v128.load(im + p), i1 = v128.load(im + p, 16), i2 = v128.load(im + p, 32), i3 = v128.load(im + p, 48);
        const at = levels + ((p >> itemLog) << 1);
        let low: v128, high: v128, cos: v128, sin: v128, kept: v128;
        low = entry<T>(at, table, 0); high = entry<T>(at, table, lanes >> 1);
        cos = even<T>(low, high); sin = odd<T>(low, high); kept = r0;
        r0 = v128.sub<T>(v128.mul<T>(r0, cos), v128.mul<T>(i0, sin));
        i0 = v128.add<T>(v128.mul<T>(kept, sin), v128.mul<T>(i0, cos));
        low = entry<T>(at, table, lanes); high = entry<T>(at, table, lanes + (lanes >> 1));
        cos = even<T>(low, high); sin = odd<T>(low, high); kept = r1;
        r1 = v128.sub<T>(v128.mul<T>(r1, cos), v128.mul<T>(i1, sin));
        i1 = v128.add<T>(v128.mul<T>(kept, sin), v128.mul<T>(i1, cos));
        low = entry<T>(at, table, 2 * lanes); high = entry<T>(at, table, 2 * lanes + (lanes >> 1));
        cos = even<T>(low, high); sin = odd<T>(low, high); kept = r2;
        r2 = v128.sub<T>(v128.mul<T>(r2, cos), v128.mul<T>(i2, sin));
        i2 = v128.add<T>(v128.mul<T>(kept, sin), v128.mul<T>(i2, cos));
        low = entry<T>(at, table, 3 * lanes); high = entry<T>(at, table, 3 * lanes + (lanes >> 1));
        cos = even<T>(low, high); sin = odd<T>(low, high); kept = r3;
        r3 = v128.sub<T>(v128.mul<T>(r3, cos), v128.mul<T>(i3, sin));
        i3 = v128.add<T>(v128.mul<T>(kept, sin), v128.mul<T>(i3, cos));
        turnNear<T>(re + p, r0, r1, r2, r3, t0, t1, t);
        turnNear<T>(im + p, i0, i1, i2, i3, t0, t1, t);
      }
      turnStretch<T>(re + sub, stretch, 6, inner + itemLog, t);
      turnStretch<T>(im + sub, stretch, 6, inner + itemLog, t);
    }
    if (blockLog > inner) {
      turnStretch<T>(re + start, block, inner + itemLog, blockLog + itemLog, t);
      turnStretch<T>(im + start, block, inner + itemLog, blockLog + itemLog, t);
    }
  }
}

/** The qubits above a block, of both parts. */
// @ts-ignore: decorator
@inline
export function turnAbove<T>(
  re: usize, im: usize, begin: usize, end: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize, t: v128,
): void {
  const rowLog = blockLog + (sizeof<T>() == 8 ? 3 : 2);
  turnHigh<T>(re, begin, end, rowLog, n - blockLog, tileLog, scratch, t);
  turnHigh<T>(im, begin, end, rowLog, n - blockLog, tileLog, scratch, t);
}

// @ts-ignore: decorator
@inline
function layer<T>(
  re: usize, im: usize, levels: usize, table: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize,
  t: v128, t0: v128, t1: v128,
): void {
  const itemLog = sizeof<T>() == 8 ? 3 : 2;
  turnLow<T>(re, im, levels, table, 0, 1 << (n + itemLog), blockLog, t, t0, t1);
  if (n > blockLog) turnAbove<T>(re, im, 0, 1 << (blockLog + itemLog), n, blockLog, tileLog, scratch, t);
}

// @ts-ignore: decorator
@inline
function even<T>(low: v128, high: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<u64>(low, high, 0, 2);
  return v128.shuffle<u32>(low, high, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function odd<T>(low: v128, high: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<u64>(low, high, 1, 3);
  return v128.shuffle<u32>(low, high, 1, 3, 5, 7);
}

/**
 * @param re, im    2ⁿ numbers each, n from `blockLog`
 * @param levels    u16 an amplitude
 * @param table     cosine and sine for each level
 * @param blockLog  qubits of a block that fits into the second cache, 4 to n
 * @param tileLog   logarithm of the bytes of a column
 * @param scratch   2^(n − blockLog + tileLog) bytes
 * @param tangent   of beta
 */
export function layer32(
  re: usize, im: usize, levels: usize, table: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize, tangent: f64,
): void {
  const t = f32x4.splat(<f32>tangent);
  const t0 = f32x4.mul(t, f32x4(-1, 1, -1, 1)), t1 = f32x4.mul(t, f32x4(-1, -1, 1, 1));
  layer<f32>(re, im, levels, table, n, blockLog, tileLog, scratch, t, t0, t1);
}

export function layer64(
  re: usize, im: usize, levels: usize, table: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize, tangent: f64,
): void {
  const t = f64x2.splat(tangent), t0 = f64x2.mul(t, f64x2(-1, 1));
  layer<f64>(re, im, levels, table, n, blockLog, tileLog, scratch, t, t0, t0);
}
