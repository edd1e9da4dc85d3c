/** Trellis-coded quantization: a vector quantizer as long as the tensor, whose words are the paths through 64 states. */
import { halvesOf, part, type Codec } from './codec.ts';

const STATE_BITS = 6;
const STATES = 2 ** STATE_BITS;
/** Ungerboeck's code of 64 states for amplitudes: parity checks 103 and 24, octal. */
const CHECKS = [0o24, 0o103] as const;
/** Levels, of which every fourth belongs to one subset: a path chooses the subset, and a bit one of its two levels. */
const LEVELS = 8;
/** A path is decided for so many weights at once; the next begins in the state where it ended. */
const BLOCK = 4096;
/** Weights that the levels are fitted to, at most, and how often. */
const SAMPLE = 32_768;
const ROUNDS = 8;

/** The subset of the step from `register >> 1` by the bit `register & 1`. */
const SUBSETS = Uint8Array.from({ length: 2 * STATES }, (_, register) => {
  const [low, high] = CHECKS.map((check) => parityOf(register & check));
  return 2 * high! + low!;
});

function parityOf(bits: number): number {
  let parity = 0;
  for (let rest = bits; rest > 0; rest >>= 1) parity ^= rest & 1;
  return parity;
}

/** Lloyd and Max's eight levels for the normal distribution, where the fitting begins. */
const NORMAL = [-2.152, -1.344, -0.756, -0.2451, 0.2451, 0.756, 1.344, 2.152];

/**
 * Code of a weight: the bit of its step, and the bit that chooses one of the subset's two levels; four weights a byte.
 * The path is the one of least square error (Viterbi), the levels are fitted to the weights they stand for.
 *
 * @source  M. W. Marcellin, T. R. Fischer, "Trellis coded quantization", IEEE Trans. Commun. 38 (1990); the code is of
 *          G. Ungerboeck, IEEE Trans. Inf. Theory 28 (1982), table I
 */
export const trellis: Codec = {
  name: 'trellis',
  says: 'Two bits choose a step through 64 states and a level on it: 2 bits and 16 bytes a tensor.',
  encode(weights) {
    const levels = fittedLevels(sampled(weights));
    const codes = pathOf(weights, levels);
    const packed = new Uint8Array(Math.ceil(weights.length / 4));
    for (let at = 0; at < codes.length; at++) packed[at >> 2]! |= codes[at]! << (2 * (at & 3));
    return [part('codes', 'U8', packed), part('levels', 'F16', levels)];
  },
  decode(parts, count) {
    const levels = Float32Array.from(halvesOf(parts['levels']));
    const packed = parts['codes'] ?? new Uint8Array();
    const weights = new Float32Array(count);
    let state = 0;
    for (let at = 0; at < count; at++) {
      const code = packed[at >> 2]! >> (2 * (at & 3));
      const register = (state << 1) | (code & 1);
      weights[at] = levels[SUBSETS[register]! + 2 * (code & 2)]!;
      state = register & (STATES - 1);
    }
    return weights;
  },
};

/** Stretches of a block from all over the tensor. */
function sampled(weights: Float32Array): Float32Array {
  if (weights.length <= SAMPLE) return weights;
  const blocks = SAMPLE / BLOCK;
  const sample = new Float32Array(SAMPLE);
  for (let block = 0; block < blocks; block++) {
    const from = Math.floor((block * (weights.length - BLOCK)) / (blocks - 1));
    sample.set(weights.subarray(from, from + BLOCK), block * BLOCK);
  }
  return sample;
}

/** By turns the best path for the levels, and the best levels for the path. */
function fittedLevels(sample: Float32Array): Float16Array {
  const power = sample.reduce((sum, value) => sum + value * value, 0) / Math.max(1, sample.length);
  let levels = Float16Array.from(NORMAL, (level) => level * Math.sqrt(power));
  for (let round = 0; round < ROUNDS; round++) {
    const codes = pathOf(sample, levels);
    const [sums, counts] = [new Float64Array(LEVELS), new Uint32Array(LEVELS)];
    let state = 0;
    for (let at = 0; at < sample.length; at++) {
      const register = (state << 1) | (codes[at]! & 1);
      const level = SUBSETS[register]! + 2 * (codes[at]! & 2);
      sums[level]! += sample[at]!;
      counts[level]! += 1;
      state = register & (STATES - 1);
    }
    levels = levels.map((level, index) => (counts[index] === 0 ? level : sums[index]! / counts[index]!));
  }
  return levels;
}

/** Codes of the path of least square error, decided block by block. */
function pathOf(weights: Float32Array, halves: Float16Array): Uint8Array {
  const levels = Float64Array.from(halves);
  const codes = new Uint8Array(weights.length);
  const came = new Uint8Array(BLOCK * STATES);
  const chosen = new Uint8Array(BLOCK);
  let state = 0;
  for (let begin = 0; begin < weights.length; begin += BLOCK) {
    const block = weights.subarray(begin, begin + BLOCK);
    const last = walk(block, { levels, from: state, came, chosen });
    traceBack(codes.subarray(begin, begin + block.length), { last, came, chosen });
    state = last;
  }
  return codes;
}

interface Walk {
  readonly levels: Float64Array;
  readonly from: number;
  /** For each weight and state, whether it was reached from the upper half of the states. */
  readonly came: Uint8Array;
  /** For each weight a bit a subset: which of its two levels is nearer. */
  readonly chosen: Uint8Array;
}

/** @returns the state in which the best path ends */
function walk(block: Float32Array, { levels, from, came, chosen }: Walk): number {
  let costs = new Float64Array(STATES).fill(Infinity);
  let next = new Float64Array(STATES);
  const least = new Float64Array(4);
  costs[from] = 0;
  for (let at = 0; at < block.length; at++) {
    const weight = block[at]!;
    let bits = 0;
    for (let subset = 0; subset < 4; subset++) {
      const low = (weight - levels[subset]!) ** 2;
      const high = (weight - levels[subset + 4]!) ** 2;
      least[subset] = high < low ? high : low;
      if (high < low) bits |= 1 << subset;
    }
    chosen[at] = bits;
    for (let to = 0; to < STATES; to++) {
      const lower = costs[to >> 1]! + least[SUBSETS[to]!]!;
      const upper = costs[(to >> 1) + STATES / 2]! + least[SUBSETS[to + STATES]!]!;
      next[to] = upper < lower ? upper : lower;
      came[at * STATES + to] = upper < lower ? 1 : 0;
    }
    [costs, next] = [next, costs];
  }
  return costs.indexOf(costs.reduce((a, b) => Math.min(a, b), Infinity));
}

function traceBack(
  codes: Uint8Array,
  { last, came, chosen }: Pick<Walk, 'came' | 'chosen'> & { readonly last: number },
): void {
  let state = last;
  for (let at = codes.length - 1; at >= 0; at--) {
    const register = state + came[at * STATES + state]! * STATES;
    const high = (chosen[at]! >> SUBSETS[register]!) & 1;
    codes[at] = (register & 1) | (high << 1);
    state = register >> 1;
  }
}
