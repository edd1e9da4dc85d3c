/** Byte-pair encoding: what stands beside each other most often becomes one token, again and again. */
import * as z from 'zod';
import { heapOf } from '../maths/heap.ts';
import { textOf, type Tokenizer } from './tokenizer.ts';

/** Two tokens that become one; those of place i become token 256 + i. */
export const Pairs = z
  .array(z.tuple([z.int().min(0), z.int().min(0)]))
  .refine(
    (pairs) => pairs.every(([a, b], place) => a < BYTES + place && b < BYTES + place),
    'pairs of tokens that are there before them',
  );
export type Pairs = readonly (readonly [number, number])[];

const BYTES = 256;
/** Numbers, words with the blank before them, what is neither, and blanks: pairs never reach over their ends. */
const PARTS =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const UTF8 = new TextEncoder();
/** GPT-2's order of the bytes: those that print, then the others. */
const PRINTS = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
const ALL = Array.from({ length: BYTES }, (_, byte) => byte);
const BYTE_OF = Uint8Array.from([...ALL.filter(PRINTS), ...ALL.filter((byte) => !PRINTS(byte))]);
const TOKEN_OF = Int32Array.from(ALL, (byte) => BYTE_OF.indexOf(byte));

function partsOf(text: string): readonly string[] {
  return text.match(PARTS) ?? [];
}

function tokensOf(part: string): Int32Array {
  return Int32Array.from(UTF8.encode(part), (byte) => TOKEN_OF[byte]!);
}

/** A pair of tokens as one number: there are fewer than 2²⁶ of them. */
const SHIFT = 2 ** 26;

/** A part of the texts, as it is so far, and how often it occurs. */
interface Word {
  tokens: number[];
  readonly count: number;
}

interface Candidate {
  readonly pair: number;
  readonly count: number;
}

/**
 * Learns pairs from texts: of all pairs the one that occurs most often becomes a token, of equals the one of the smaller
 * tokens, until there are enough or none is left.
 *
 * @param texts  any number
 * @param size   tokens wanted, 256 or more
 * @returns      size − 256 pairs, or fewer where the texts have no more; the same for the same texts in any order
 * @throws       never
 * @cost         one pass over the texts, then for each pair the parts that hold it
 * @source       R. Sennrich, B. Haddow, A. Birch, ACL 2016, algorithm 1, on bytes; parts and bytes as in GPT-2
 */
export function learnPairs(texts: Iterable<string>, size: number): Pairs {
  const words = wordsOf(texts);
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const queue = heapOf<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair));
  const counted = (pair: number, by: number, word: number): void => {
    counts.set(pair, (counts.get(pair) ?? 0) + by);
    if (by > 0) places.set(pair, (places.get(pair) ?? new Set()).add(word));
  };
  words.forEach(({ tokens, count }, word) => pairsIn(tokens).forEach((pair) => counted(pair, count, word)));
  for (const [pair, count] of counts) queue.push({ pair, count });

  const learned: (readonly [number, number])[] = [];
  while (BYTES + learned.length < size) {
    const first = queue.pop();
    if (first === undefined) break;
    const count = counts.get(first.pair) ?? 0;
    // What has become rarer since goes back to its place.
    if (count !== first.count) {
      if (count > 0) queue.push({ pair: first.pair, count });
      continue;
    }
    const token = BYTES + learned.length;
    learned.push([Math.floor(first.pair / SHIFT), first.pair % SHIFT]);
    const changed = new Set<number>();
    for (const index of places.get(first.pair) ?? []) {
      const word = words[index]!;
      const after = joined(word.tokens, first.pair, token);
      for (const pair of pairsIn(word.tokens)) counted(pair, -word.count, index);
      for (const pair of pairsIn(after)) {
        counted(pair, word.count, index);
        changed.add(pair);
      }
      word.tokens = after;
    }
    for (const pair of changed) queue.push({ pair, count: counts.get(pair) ?? 0 });
  }
  return learned;
}

function wordsOf(texts: Iterable<string>): readonly Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const part of partsOf(text)) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return Array.from(counts, ([part, count]) => ({ tokens: [...tokensOf(part)], count }));
}

function pairsIn(tokens: readonly number[]): readonly number[] {
  return tokens.slice(1).map((token, before) => tokens[before]! * SHIFT + token);
}

/** From the left, so that of three equal ones the first two are joined. */
function joined(tokens: readonly number[], pair: number, token: number): number[] {
  const after: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (at + 1 < tokens.length && tokens[at]! * SHIFT + tokens[at + 1]! === pair) {
      after.push(token);
      at += 1;
    } else after.push(tokens[at]!);
  }
  return after;
}

/**
 * The tokenizer of some pairs: in each part of a text the pair that was learned first is joined first, from the left.
 *
 * @param pairs  by `learnPairs`
 * @returns      decoding gives back every text that is Unicode
 * @throws       never
 * @cost         n·log n for a part of n bytes; parts that were seen lately are looked up
 * @source       R. Sennrich, B. Haddow, A. Birch, ACL 2016, section 3.2
 */
export function pairTokenizer(pairs: Pairs): Tokenizer {
  const ranks = new Map(pairs.map(([a, b], rank) => [a * SHIFT + b, rank]));
  const bytes: Uint8Array[] = Array.from(BYTE_OF, (byte) => Uint8Array.of(byte));
  for (const [a, b] of pairs) bytes.push(Buffer.concat([bytes[a]!, bytes[b]!]));
  const seen = new Map<string, Int32Array>();
  const encodePart = (part: string): Int32Array => {
    const known = seen.get(part);
    if (known !== undefined) return known;
    const found = merged(tokensOf(part), ranks);
    if (seen.size >= SEEN_MOST) seen.clear();
    seen.set(part, found);
    return found;
  };
  return {
    size: bytes.length,
    encode: (text) => {
      const parts = partsOf(text).map(encodePart);
      const tokens = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        tokens.set(part, at);
        at += part.length;
      }
      return tokens;
    },
    decode: (tokens) =>
      textOf(
        Array.from(tokens, (token) => {
          const spelt = bytes[token];
          if (spelt === undefined) throw new RangeError(`a token below ${bytes.length}, not ${token}`);
          return spelt;
        }),
      ),
  };
}

const SEEN_MOST = 50_000;

/** A pair that stands at a place, as long as neither of the two has been joined with another. */
interface Standing {
  readonly rank: number;
  readonly at: number;
  readonly pair: number;
}

/** Joins what can be joined; each token knows its neighbours, so that nothing is moved. */
function merged(tokens: Int32Array, ranks: ReadonlyMap<number, number>): Int32Array {
  const next = Int32Array.from(tokens, (_, at) => at + 1);
  const before = Int32Array.from(tokens, (_, at) => at - 1);
  const end = tokens.length;
  const queue = heapOf<Standing>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
  const pairAt = (at: number): number => tokens[at]! * SHIFT + tokens[next[at]!]!;
  const stand = (at: number): void => {
    if (at < 0 || at >= end || next[at]! >= end) return;
    const pair = pairAt(at);
    const rank = ranks.get(pair);
    if (rank !== undefined) queue.push({ rank, at, pair });
  };
  tokens.forEach((_, at) => stand(at));
  for (let first = queue.pop(); first !== undefined; first = queue.pop()) {
    const { rank, at, pair } = first;
    if (tokens[at]! < 0 || next[at]! >= end || pairAt(at) !== pair) continue;
    const gone = next[at]!;
    tokens[at] = BYTES + rank;
    tokens[gone] = -1;
    next[at] = next[gone]!;
    if (next[at]! < end) before[next[at]!] = at;
    stand(at);
    stand(before[at]!);
  }
  return tokens.filter((token) => token >= 0);
}
