import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { learnPairs, Pairs, pairTokenizer } from '../../pipelines/training/pair-tokenizer.ts';
import { byteTokenizer } from '../../pipelines/training/tokenizer.ts';
import { OTHERS, SIZE, TEXTS } from './texts.ts';

/** Written by `make.ts`, which asks Hugging Face's tokenizers. */
const told = z
  .object({ tokenizers: z.string(), pairs: Pairs, others: z.array(z.array(z.number())) })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'tokenizers.json'), 'utf8')));

const pairs = learnPairs(TEXTS, SIZE);
const tokenizer = pairTokenizer(pairs);

describe(`what tokenizers ${told.tokenizers} of Hugging Face say`, () => {
  it('of the pairs in some texts is learned', () => {
    expect(pairs).toHaveLength(SIZE - 256);
    expect(pairs).toEqual(told.pairs);
  });

  it('of other texts is said', () => {
    expect(OTHERS.map((text) => [...tokenizer.encode(text)])).toEqual(told.others);
  });
});

describe('pairs', () => {
  it('are the same in whatever order the texts come', () => {
    expect(learnPairs(TEXTS.toReversed(), SIZE)).toEqual(pairs);
  });

  it('end where there are no more, and come of nothing', () => {
    expect(learnPairs([], 300)).toEqual([]);
    expect(learnPairs(['ab'], 300)).toHaveLength(1);
    expect(pairTokenizer([]).size).toBe(256);
  });

  it('are refused where one names a token that comes later', () => {
    expect(Pairs.safeParse([[0, 255]]).success).toBe(true);
    for (const odd of [[[0, 256]], [[-1, 0]], [[0.5, 0]], [[0]]]) {
      expect(Pairs.safeParse(odd).success).toBe(false);
    }
  });
});

describe.each([
  ['bytes', byteTokenizer],
  ['pairs', tokenizer],
])('a tokenizer of %s', (_, given) => {
  it('gives every text back, in tokens that it has', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom(...OTHERS, ...TEXTS)), (written) => {
        const tokens = given.encode(written);
        expect(given.decode(tokens)).toBe(written);
        expect(tokens.every((token) => token >= 0 && token < given.size)).toBe(true);
      }),
    );
  });

  it('reads half a character as U+FFFD, and refuses what is no token', () => {
    const [first = 0] = given.encode('é');
    expect(byteTokenizer.decode([0xc3])).toBe('\ufffd');
    expect(given.decode([first])).toMatch(/[\ufffdé]/);
    for (const odd of [-1, 0.5, given.size]) expect(() => given.decode([odd])).toThrow(RangeError);
  });
});

describe('a part of a text', () => {
  // The attack: joining the pairs of a part one after the other over the whole of it takes forever.
  it('may be ninety thousand letters long', () => {
    const long = 'the'.repeat(30_000);
    expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
  });
});
