/** Whole numbers with one scale for 128 weights: INT8, INT4, and the three values of BitNet b1.58. */
import { halvesOf, part, type Codec } from './codec.ts';

/** Weights that share a scale; it is a half, 16/128 = 0.125 bits a weight. */
export const GROUP = 128;

/** Calls `each` for every group with its weights' range. */
function eachGroup(count: number, each: (group: number, begin: number, end: number) => void): void {
  for (let group = 0; group * GROUP < count; group++) {
    each(group, group * GROUP, Math.min(count, (group + 1) * GROUP));
  }
}

const HALF_MOST = 65504;

/** The nearest half that is no infinity. */
function half(value: number): number {
  return Float16Array.of(Math.min(value, HALF_MOST))[0]!;
}

function largestIn(weights: Float32Array, begin: number, end: number): number {
  let largest = 0;
  for (let at = begin; at < end; at++) largest = Math.max(largest, Math.abs(weights[at]!));
  return largest;
}

/** code = round(w/scale) clipped to −127 … 127, scale = max|w|/127; 8.125 bits a weight. */
export const int8: Codec = {
  name: 'int8',
  says: 'Whole numbers of 8 bits, a scale for 128 weights: 8.125 bits.',
  encode(weights) {
    const codes = new Int8Array(weights.length);
    const scales = new Float16Array(Math.ceil(weights.length / GROUP));
    eachGroup(weights.length, (group, begin, end) => {
      const scale = half(largestIn(weights, begin, end) / 127);
      scales[group] = scale;
      if (scale > 0) for (let at = begin; at < end; at++) codes[at] = clipped(weights[at]! / scale, 127);
    });
    return [part('codes', 'I8', codes), part('scales', 'F16', scales)];
  },
  decode(parts, count) {
    const scales = halvesOf(parts['scales']);
    const codes = parts['codes'] ?? new Uint8Array();
    return Float32Array.from(
      { length: count },
      (_, at) => ((codes[at]! << 24) >> 24) * scales[(at / GROUP) | 0]!,
    );
  },
};

function clipped(value: number, most: number): number {
  return Math.max(-most, Math.min(most, Math.round(value)));
}

/** Shares of the scale that reaches the largest weight: clipping a few large ones rounds all others better. */
const SHRUNK = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65] as const;

/** code = round(w/scale) clipped to −7 … 7, two a byte, low half first; of the scales the one of least square error. */
export const int4: Codec = {
  name: 'int4',
  says: 'Whole numbers of 4 bits, a scale for 128 weights chosen for the least square error: 4.125 bits.',
  encode(weights) {
    const codes = new Uint8Array(Math.ceil(weights.length / 2));
    const scales = new Float16Array(Math.ceil(weights.length / GROUP));
    eachGroup(weights.length, (group, begin, end) => {
      const scale = bestScale(weights, begin, end);
      scales[group] = scale;
      if (scale === 0) return;
      for (let at = begin; at < end; at++) {
        codes[at >> 1]! |= (clipped(weights[at]! / scale, 7) & 15) << (4 * (at & 1));
      }
    });
    return [part('codes', 'U8', codes), part('scales', 'F16', scales)];
  },
  decode(parts, count) {
    const scales = halvesOf(parts['scales']);
    const codes = parts['codes'] ?? new Uint8Array();
    const signed = (at: number): number => (codes[at >> 1]! << (28 - 4 * (at & 1))) >> 28;
    return Float32Array.from({ length: count }, (_, at) => signed(at) * scales[(at / GROUP) | 0]!);
  },
};

function bestScale(weights: Float32Array, begin: number, end: number): number {
  const widest = largestIn(weights, begin, end) / 7;
  let best = { scale: 0, error: Infinity };
  for (const share of SHRUNK) {
    const scale = half(widest * share);
    if (scale === 0) continue;
    let error = 0;
    for (let at = begin; at < end; at++) {
      const off = weights[at]! - clipped(weights[at]! / scale, 7) * scale;
      error += off * off;
    }
    if (error < best.error) best = { scale, error };
  }
  return best.scale;
}

/** Trits in a byte: 3⁵ = 243. */
const TRITS = 5;
const POWERS = [1, 3, 9, 27, 81] as const;

/** How often threshold and scale are fitted to each other, at most; each time errs less than the one before. */
const FITS = 8;

/**
 * trit = round(w/scale) clipped to −1 … 1, five in a byte, first the lowest: 1.6 + 0.125 = 1.725 bits a weight. The
 * scale begins as BitNet b1.58 has it, γ = mean|w|, and is then fitted by turns: scale ← Σ|w·trit| / Σ|trit|.
 */
export const ternary: Codec = {
  name: 'ternary',
  says: 'Three values, five of them in a byte, a scale for 128 weights: 1.725 bits.',
  encode(weights) {
    const codes = new Uint8Array(Math.ceil(weights.length / TRITS)).fill(121);
    const scales = new Float16Array(Math.ceil(weights.length / GROUP));
    eachGroup(weights.length, (group, begin, end) => {
      const scale = ternaryScale(weights, begin, end);
      scales[group] = scale;
      if (scale === 0) return;
      for (let at = begin; at < end; at++) {
        codes[(at / TRITS) | 0]! += clipped(weights[at]! / scale, 1) * POWERS[at % TRITS]!;
      }
    });
    return [part('codes', 'U8', codes), part('scales', 'F16', scales)];
  },
  decode(parts, count) {
    const scales = Float32Array.from(halvesOf(parts['scales']));
    const trits = unpackTrits(parts['codes'] ?? new Uint8Array());
    const weights = new Float32Array(count);
    eachGroup(count, (group, begin, end) => {
      const scale = scales[group]!;
      for (let at = begin; at < end; at++) {
        weights[at] = (((trits[at >> 2]! >> (2 * (at & 3))) & 3) - 2) * scale;
      }
    });
    return weights;
  },
};

/** The five trits of each byte as numbers of two bits, trit + 2, the first lowest; 243 and above are written by nobody. */
const PAIRS = Uint32Array.from({ length: 256 }, (_, byte) => {
  return POWERS.reduce(
    (bits, power, index) => bits | (((Math.floor(byte / power) % 3) + 1) << (2 * index)),
    0,
  );
});

/**
 * Trits as `ternary` stores them, five a byte, as numbers of two bits that machines compute with: trit + 2, four a byte,
 * the first lowest. This is how ONNX Runtime's `MatMulNBits` reads weights of two bits.
 *
 * @param codes  the part `codes` of `ternary`
 * @returns      5/4 of its bytes, rounded up to a multiple of 20
 * @throws       never: every byte stands for five trits
 * @cost         a look in a table for five trits
 * @source       base-3 packing of BitNet b1.58: 3⁵ = 243 fits into a byte
 */
export function unpackTrits(codes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(codes.length / 16);
  const padded = new Uint8Array(16 * blocks).fill(121);
  padded.set(codes);
  const words = new Uint32Array(5 * blocks);
  for (let at = 0, to = 0; at < padded.length; at += 16, to += 5) {
    const [d, g, j] = [PAIRS[padded[at + 3]!]!, PAIRS[padded[at + 6]!]!, PAIRS[padded[at + 9]!]!];
    const m = PAIRS[padded[at + 12]!]!;
    words[to] =
      PAIRS[padded[at]!]! | (PAIRS[padded[at + 1]!]! << 10) | (PAIRS[padded[at + 2]!]! << 20) | (d << 30);
    words[to + 1] = (d >>> 2) | (PAIRS[padded[at + 4]!]! << 8) | (PAIRS[padded[at + 5]!]! << 18) | (g << 28);
    words[to + 2] = (g >>> 4) | (PAIRS[padded[at + 7]!]! << 6) | (PAIRS[padded[at + 8]!]! << 16) | (j << 26);
    words[to + 3] =
      (j >>> 6) | (PAIRS[padded[at + 10]!]! << 4) | (PAIRS[padded[at + 11]!]! << 14) | (m << 24);
    words[to + 4] =
      (m >>> 8) |
      (PAIRS[padded[at + 13]!]! << 2) |
      (PAIRS[padded[at + 14]!]! << 12) |
      (PAIRS[padded[at + 15]!]! << 22);
  }
  return new Uint8Array(words.buffer);
}

function ternaryScale(weights: Float32Array, begin: number, end: number): number {
  let scale = 0;
  for (let at = begin; at < end; at++) scale += Math.abs(weights[at]!);
  scale = half(scale / (end - begin));
  for (let fit = 0; fit < FITS && scale > 0; fit++) {
    let [sum, kept] = [0, 0];
    for (let at = begin; at < end; at++) {
      const size = Math.abs(weights[at]!);
      if (Math.round(size / scale) < 1) continue;
      sum += size;
      kept += 1;
    }
    const fitted = half(kept === 0 ? 0 : sum / kept);
    if (fitted === scale || fitted === 0) break;
    scale = fitted;
  }
  return scale;
}
