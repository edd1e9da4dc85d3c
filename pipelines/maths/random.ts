/** Seeded random numbers that are the same bits on every machine: integers only, no system source, no clock. */

/** A stream of random numbers; asking it moves it on. */
export interface Random {
  /** The next 32 bits, 0 to 2³²−1. */
  readonly nextUint32: () => number;
  /** The next float in [0, 1), a multiple of 2⁻⁵³. */
  readonly nextFloat: () => number;
  /** The next integer in [0, bound), each equally likely; 1 ≤ bound ≤ 2³². */
  readonly nextBelow: (bound: number) => number;
}

/** A stream that can be gone on with from where it stands. */
export interface ResumableRandom extends Random {
  /** The four words of its state, not all 0. */
  readonly words: () => RandomWords;
}

export type RandomWords = readonly [number, number, number, number];

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const TWO_32 = 2 ** 32;

/**
 * xoshiro128** with its four words filled by SplitMix64 from the seed: result = rotl(s₁·5, 7)·9 (mod 2³²).
 *
 * @param seed  any safe integer; seeds that differ give streams that do not resemble each other
 * @returns     a stream of period 2¹²⁸−1
 * @throws      RangeError when the seed is no safe integer: a programmer's error
 * @cost        about ten integer operations for 32 bits
 * @source      D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021);
 *              SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014
 */
export function randomOf(seed: number): ResumableRandom {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a safe integer, not ${seed}`);
  const words = wordsOf(seed);
  return randomAt([words[0]!, words[1]!, words[2]!, words[3]!]);
}

/**
 * The stream that goes on from a state.
 *
 * @param words  what `words` of another stream gave
 * @returns      a stream that gives what the other one gives next
 * @throws       never
 * @cost         constant
 * @source       as `randomOf`
 */
export function randomAt(words: RandomWords): ResumableRandom {
  let [a, b, c, d] = words;

  const nextUint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };

  // Callers mostly ask for one bound many times, and the remainder of 2³² is a slow division.
  let [lastBound, lastLimit] = [Number.NaN, 0];
  const nextBelow = (bound: number): number => {
    if (bound !== lastBound) [lastBound, lastLimit] = [bound, limitOf(bound)];
    for (;;) {
      const draw = nextUint32();
      if (draw < lastLimit) return draw % bound;
    }
  };

  return {
    nextUint32,
    // 27 high bits and 26 low ones fill the 53 of a double exactly.
    nextFloat: () => ((nextUint32() >>> 5) * 2 ** 26 + (nextUint32() >>> 6)) / 2 ** 53,
    nextBelow,
    words: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

/** The largest multiple of `bound` up to 2³²: draws from there on are thrown away, so no remainder is favored. */
function limitOf(bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > TWO_32) {
    throw new RangeError(`a bound is an integer from 1 to 2^32, not ${bound}`);
  }
  return TWO_32 - (TWO_32 % bound);
}

/** SplitMix64 twice; each 64-bit answer gives its low word first. */
function wordsOf(seed: number): Uint32Array {
  const words = new Uint32Array(4);
  let state = BigInt.asUintN(64, BigInt(seed));
  for (let half = 0; half < 2; half++) {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
    mixed ^= mixed >> 31n;
    words[2 * half] = Number(mixed & 0xffff_ffffn);
    words[2 * half + 1] = Number(mixed >> 32n);
  }
  return words;
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/**
 * Fisher–Yates from the end, in place: every order is equally likely.
 *
 * @param items   any length; changed
 * @param random  moved on by length − 1 bounded draws
 * @returns       nothing; `items` is permuted
 * @throws        never
 * @cost          one draw and one swap an item
 * @source        D. E. Knuth, TAOCP vol. 2, §3.4.2, algorithm P
 */
export function shuffle<T>(items: { readonly length: number; [index: number]: T }, random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1);
    const kept = items[last]!;
    items[last] = items[other]!;
    items[other] = kept;
  }
}

/**
 * A random order of 0 … n−1.
 *
 * @param n       0 or more
 * @param random  moved on by n − 1 bounded draws
 * @returns       each of 0 … n−1 once
 * @throws        never
 * @cost          n draws
 * @source        `shuffle` of the identity
 */
export function permutation(n: number, random: Random): Int32Array {
  const order = new Int32Array(n);
  for (let index = 0; index < n; index++) order[index] = index;
  shuffle(order, random);
  return order;
}
