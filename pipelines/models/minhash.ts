/** Texts that are nearly the same, found without comparing every pair: MinHash signatures, and exact checks of those alike. */
import { hashOf } from './hash.ts';

/** Words that make a shingle; the same set for every text, so that signatures can be compared. */
const SHINGLE = 3;
/** Twenty bands of six hashes: pairs of resemblance 0.8 meet with a chance of 0.998, of 0.5 with 0.27. */
const BANDS = 20;
const ROWS = 6;
export const PERMUTATIONS = BANDS * ROWS;
/** A text of fewer shingles is too short for its resemblance to say anything; only exact copies count there. */
const SHINGLES_LEAST = 8;
const WORDS_MOST = 5000;

/**
 * The distinct runs of three words, hashed. Comments, case, marks and white space do not count.
 *
 * @param text  any; only its first 5,000 words are looked at
 * @returns     hashes in no order; a text of one or two words has one shingle
 * @throws      never
 * @cost        linear in the length
 * @source      A. Broder, SEQUENCES 1997, resemblance of shingles
 */
export function shinglesOf(text: string): ReadonlySet<number> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, WORDS_MOST);
  const shingles = new Set<number>();
  const last = Math.max(0, words.length - SHINGLE);
  if (words.length === 0) return shingles;
  for (let start = 0; start <= last; start++) {
    shingles.add(hashOf(words.slice(start, start + SHINGLE).join(' '), 0));
  }
  return shingles;
}

/**
 * The share of shingles that both have.
 *
 * @param left   any
 * @param right  any
 * @returns      0 to 1; 1 for two empty sets
 * @throws       never
 * @cost         one look-up a shingle of the smaller
 * @source       P. Jaccard: |A ∩ B| / |A ∪ B|
 */
export function resemblance(left: ReadonlySet<number>, right: ReadonlySet<number>): number {
  const [small, large] = left.size < right.size ? [left, right] : [right, left];
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared += 1;
  const all = left.size + right.size - shared;
  return all === 0 ? 1 : shared / all;
}

/**
 * For each of 120 random orders of the shingles the first one. Two signatures agree in a place with a chance that is
 * their sets' resemblance, so the share of equal places estimates it with a deviation of √(s(1−s)/120).
 *
 * @param shingles  hashes of 32 bits
 * @returns         120 hashes; all 2³²−1 for an empty set
 * @throws          never
 * @cost            120 mixings a shingle
 * @source          A. Broder, SEQUENCES 1997; orders by the mixer of `hashOf` over xor with a constant each
 */
export function signatureOf(shingles: ReadonlySet<number>): Uint32Array {
  const signature = new Uint32Array(PERMUTATIONS).fill(0xffff_ffff);
  for (const shingle of shingles) {
    for (let place = 0; place < PERMUTATIONS; place++) {
      const mixed = mix(shingle ^ Math.imul(place + 1, 0x9e37_79b1));
      if (mixed < signature[place]!) signature[place] = mixed;
    }
  }
  return signature;
}

function mix(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The share of equal places. */
export function estimatedResemblance(left: Uint32Array, right: Uint32Array): number {
  let equal = 0;
  for (let place = 0; place < PERMUTATIONS; place++) if (left[place] === right[place]) equal += 1;
  return equal / PERMUTATIONS;
}

/** Texts taken in, to be asked whether they have the like of another. */
export interface NearCopies {
  readonly add: (text: string) => void;
  /** Whether a text taken in resembles this one by `least` or more. */
  readonly has: (text: string) => boolean;
}

/**
 * An index of texts by the bands of their signatures; whatever meets there is compared exactly.
 *
 * @param least  resemblance from which on texts are near copies; 0.7 and more are found nearly always
 * @returns      an empty index
 * @throws       never
 * @cost         a signature a text, and a comparison for each text that shares a band
 * @source       J. Leskovec, A. Rajaraman, J. Ullman, Mining of Massive Datasets, §3.4
 */
export function nearCopies(least: number): NearCopies {
  const known: ReadonlySet<number>[] = [];
  const buckets = new Map<string, number[]>();
  return {
    add: (text) => {
      const shingles = shinglesOf(text);
      if (shingles.size < SHINGLES_LEAST) return;
      for (const key of bandsOf(shingles)) buckets.set(key, [...(buckets.get(key) ?? []), known.length]);
      known.push(shingles);
    },
    has: (text) => {
      const shingles = shinglesOf(text);
      if (shingles.size < SHINGLES_LEAST) return false;
      const candidates = new Set(bandsOf(shingles).flatMap((key) => buckets.get(key) ?? []));
      return [...candidates].some((index) => resemblance(shingles, known[index]!) >= least);
    },
  };
}

function bandsOf(shingles: ReadonlySet<number>): readonly string[] {
  const signature = signatureOf(shingles);
  return Array.from(
    { length: BANDS },
    (_, band) => `${band}:${signature.subarray(band * ROWS, (band + 1) * ROWS).join(',')}`,
  );
}
