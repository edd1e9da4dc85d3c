/** SeedLM: eight weights become a seed of a shift register and three coefficients of the matrix that it unrolls. */
import { bitsAt, part, putBits, type Codec } from './codec.ts';

/** Weights in a block, columns of its matrix, bits of the seed. */
const C = 8;
const P = 3;
const K = 10;
const SEEDS = 2 ** K - 1;
const BLOCK_BITS = K + 4 + 4 * P;
/** Seeds whose coefficients are rounded and compared; more gained less than 0.02 dB on Gaussian weights. */
const TRIED = 24;

/**
 * The states of the Fibonacci shift register with the primitive polynomial x¹⁰ + x⁷ + 1, beginning at 1: all 1023
 * numbers but 0, and so on around.
 */
const STATES = (() => {
  const states = new Uint16Array(SEEDS + C * P);
  let state = 1;
  for (let index = 0; index < states.length; index++) {
    states[index] = state;
    const bit = (state ^ (state >> 3)) & 1;
    state = (state >> 1) | (bit << (K - 1));
  }
  return states;
})();

/** The matrix of the seed at a place of `STATES`: its successive states, row by row, brought to −1 … 1. */
function entry(place: number, row: number, column: number): number {
  return (STATES[place + row * P + column]! - 2 ** (K - 1)) / (2 ** (K - 1) - 1);
}

/** For every seed an orthonormal basis of its matrix's columns, and what brings its coordinates to coefficients. */
interface Bases {
  /** C·P numbers a seed, column by column. */
  readonly vectors: Float64Array;
  /** R of the QR decomposition, P·P numbers a seed, row by row. */
  readonly upper: Float64Array;
}

let known: Bases | null = null;

/** By Gram and Schmidt. A column that lies in the span of those before it gets a basis vector of zeros. */
function bases(): Bases {
  if (known !== null) return known;
  const vectors = new Float64Array(SEEDS * C * P);
  const upper = new Float64Array(SEEDS * P * P);
  for (let seed = 0; seed < SEEDS; seed++) {
    for (let column = 0; column < P; column++) {
      const own = Float64Array.from({ length: C }, (_, row) => entry(seed, row, column));
      for (let before = 0; before < column; before++) {
        const basis = vectors.subarray((seed * P + before) * C, (seed * P + before + 1) * C);
        const along = own.reduce((sum, value, row) => sum + value * basis[row]!, 0);
        upper[seed * P * P + before * P + column] = along;
        basis.forEach((value, row) => (own[row]! -= along * value));
      }
      const length = Math.hypot(...own);
      upper[seed * P * P + column * P + column] = length;
      const share = length < 1e-9 ? 0 : 1 / length;
      vectors.set(
        own.map((value) => value * share),
        (seed * P + column) * C,
      );
    }
  }
  known = { vectors, upper };
  return known;
}

/** Coefficients −8 … 7, to be multiplied by 2^exponent. */
interface Fit {
  readonly seed: number;
  readonly exponent: number;
  readonly coefficients: readonly number[];
  readonly error: number;
}

/**
 * ŵ = U·t·2^e: per block a seed of 10 bits, an exponent of 4 and three coefficients of 4 are 26 bits, 3.25 a weight.
 *
 * @source  Shafipour 2024, "SeedLM", 3: U from successive states, t by least squares, the seed of least error
 * @cost    1023·24 multiplications a block
 */
export const seeded: Codec = {
  name: 'seedlm',
  says: 'Eight weights become a seed, an exponent and three coefficients: 3.25 bits. Slow to encode.',
  encode(weights) {
    const blocks = Math.ceil(weights.length / C);
    const whole = new Float32Array(blocks * C);
    whole.set(weights);
    const highest = highestExponent(whole);
    const bits = new Uint8Array(Math.ceil((blocks * BLOCK_BITS) / 8));
    for (let block = 0; block < blocks; block++) {
      const { seed, exponent, coefficients } = fitted(whole.subarray(block * C, (block + 1) * C), highest);
      const fields = [seed, highest - exponent, ...coefficients.map((value) => value & 15)];
      writeFields(bits, block * BLOCK_BITS, fields);
    }
    return [part('bits', 'U8', bits), part('highest', 'I8', Int8Array.of(highest))];
  },
  decode(parts, count) {
    const bits = parts['bits'] ?? new Uint8Array();
    const highest = ((parts['highest']?.[0] ?? 0) << 24) >> 24;
    const weights = new Float32Array(Math.ceil(count / C) * C);
    for (let block = 0; block * C < count; block++) {
      const [seed = 0, down = 0, ...codes] = readFields(bits, block * BLOCK_BITS);
      const scale = 2 ** (highest - down);
      for (let row = 0; row < C; row++) {
        let sum = 0;
        codes.forEach((code, column) => (sum += entry(seed, row, column) * ((code << 28) >> 28)));
        weights[block * C + row] = sum * scale;
      }
    }
    return weights.subarray(0, count);
  },
};

/** Coefficients are seldom larger than four times the largest weight; where they are, they are clipped. */
function highestExponent(weights: Float32Array): number {
  const largest = weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? 0 : Math.max(-112, Math.ceil(Math.log2((4 * largest) / 8)));
}

function fitted(block: Float32Array, highest: number): Fit {
  const { vectors, upper } = bases();
  let best: Fit = { seed: 0, exponent: highest - 15, coefficients: [0, 0, 0], error: energy(block) };
  for (const seed of promising(block, vectors)) {
    const exact = coefficientsOf(block, seed, { vectors, upper });
    const largest = Math.max(...exact.map(Math.abs));
    if (!(largest > 0)) continue;
    const around = Math.ceil(Math.log2(largest / 7.5));
    for (const wanted of [around - 1, around]) {
      const exponent = Math.max(highest - 15, Math.min(highest, wanted));
      const coefficients = exact.map((value) => Math.max(-8, Math.min(7, Math.round(value / 2 ** exponent))));
      const error = errorOf(block, { seed, exponent, coefficients });
      if (error < best.error) best = { seed, exponent, coefficients, error };
    }
  }
  return best;
}

function energy(block: Float32Array): number {
  return block.reduce((sum, value) => sum + value * value, 0);
}

/** The seeds whose columns span most of the block, before rounding. */
function promising(block: Float32Array, vectors: Float64Array): readonly number[] {
  const best: { seed: number; size: number }[] = [];
  let floor = -1;
  for (let seed = 0, at = 0; seed < SEEDS; seed++) {
    let size = 0;
    for (let column = 0; column < P; column++, at += C) {
      let along = 0;
      for (let row = 0; row < C; row++) along += vectors[at + row]! * block[row]!;
      size += along * along;
    }
    if (size <= floor) continue;
    const place = best.findIndex((other) => other.size < size);
    best.splice(place === -1 ? best.length : place, 0, { seed, size });
    if (best.length > TRIED) best.pop();
    if (best.length === TRIED) floor = best[TRIED - 1]!.size;
  }
  return best.map(({ seed }) => seed);
}

/** t with R·t = Qᵀ·w; 0 where a column adds nothing. */
function coefficientsOf(block: Float32Array, seed: number, { vectors, upper }: Bases): readonly number[] {
  const t = [0, 0, 0];
  for (let row = P - 1; row >= 0; row--) {
    const basis = vectors.subarray((seed * P + row) * C, (seed * P + row + 1) * C);
    let rest = block.reduce((sum, value, index) => sum + value * basis[index]!, 0);
    for (let column = row + 1; column < P; column++) {
      rest -= upper[seed * P * P + row * P + column]! * t[column]!;
    }
    const pivot = upper[seed * P * P + row * P + row]!;
    t[row] = pivot < 1e-9 ? 0 : rest / pivot;
  }
  return t;
}

function errorOf(block: Float32Array, { seed, exponent, coefficients }: Omit<Fit, 'error'>): number {
  const scale = 2 ** exponent;
  let error = 0;
  for (let row = 0; row < C; row++) {
    let sum = 0;
    for (let column = 0; column < P; column++) sum += entry(seed, row, column) * coefficients[column]!;
    error += (block[row]! - sum * scale) ** 2;
  }
  return error;
}

const WIDTHS = [K, 4, 4, 4, 4] as const;

function writeFields(bits: Uint8Array, from: number, fields: readonly number[]): void {
  let at = from;
  fields.forEach((value, index) => {
    putBits(bits, { from: at, width: WIDTHS[index]!, value });
    at += WIDTHS[index]!;
  });
}

function readFields(bits: Uint8Array, from: number): readonly number[] {
  let at = from;
  return WIDTHS.map((width) => {
    at += width;
    return bitsAt(bits, at - width, width);
  });
}
