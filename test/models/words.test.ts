import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachRawWord, eachWord } from '../../pipelines/models/words.ts';

/** The definition, as one expression: alternatives in order, and what none takes is skipped by one character. */
const WORD =
  /https?:\/\/([^\s/)>\]"'?#]{1,80})[^\s)>\]"']*|(?<![\w/])@[a-z0-9-]{1,40}|(?<![\w&])#\d{2,9}|\bv?\d{1,9}\.\d{1,9}[\w.+-]{0,40}|\b0x[0-9a-f]{1,40}\b|\b[0-9a-f]{7,40}\b|[a-z][a-z0-9]*(?:'[a-z]{1,10})?|\d+|[?!]/g;

function wanted(lower: string): readonly string[] {
  return Array.from(lower.matchAll(WORD)).flatMap(([word, host]) =>
    host === undefined ? [named(word)] : ['<url>', host.replaceAll('.', '')],
  );
}

function named(word: string): string {
  if (word.startsWith('@')) return '<user>';
  if (word.startsWith('#')) return '<issue>';
  if (/^v?\d+\./.test(word)) return '<version>';
  if (/^\d+$/.test(word)) return '<number>';
  if (/^0x|^(?=.*\d)[0-9a-f]{7,40}$/.test(word)) return '<hex>';
  return word.slice(0, 40);
}

function found(each: typeof eachWord, lower: string): readonly string[] {
  const words: string[] = [];
  each(lower, (text, from, to) => void words.push(text.slice(from, to)));
  return words;
}

/** What the alternatives begin and end with, close together, so that they meet in every way. */
const PIECES = [
  'http://',
  'https://',
  'http',
  'a.b',
  '/',
  '?',
  '!',
  '#',
  '@',
  '&',
  '-',
  '_',
  '.',
  '+',
  "'",
  "'s",
  ' ',
  '\n',
  'v',
  'v1',
  '1.2',
  '12',
  '123456789',
  '1234567890',
  '0x',
  '0x1f',
  'deadbeef',
  'abc1234',
  'defaced',
  'g',
  'x',
  'f'.repeat(40),
  '9'.repeat(41),
  'word',
  'é',
  '\u212a',
  'ſ',
  '中',
  '²',
  '😀',
  '𝒳',
  '\ud800',
  '\udc00',
  '\u00a0',
];
const texts = fc
  .oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  )
  .map((text) => text.toLowerCase());

describe('eachWord', () => {
  it('finds what the expression finds', () => {
    fc.assert(
      fc.property(texts, (lower) => {
        expect(found(eachWord, lower)).toEqual(wanted(lower));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [
      'see https://docs.example.test/a?b by @me, #123',
      ['see', '<url>', 'docsexampletest', 'by', '<user>', '<issue>'],
    ],
    ["don't v1.2.3-rc 0x1f deadbeef1 42!", ["don't", '<version>', '<hex>', '<hex>', '<number>', '!']],
    ['abc1234_x defaced defaced’s', ['<hex>', 'x', 'defaced', 'defaced', 's']],
  ])('reads %j', (lower, words) => {
    expect(found(eachWord, lower)).toEqual(words);
  });
});

describe('eachRawWord', () => {
  it('finds the runs of letters, digits and _ of every script that have two units or more', () => {
    fc.assert(
      fc.property(texts, (lower) => {
        const runs = lower.match(/[\p{L}\p{N}_]+/gu) ?? [];
        const long = runs.filter(({ length }) => length > 1).map((word) => word.slice(0, 40));
        expect(found(eachRawWord, lower)).toEqual(long);
      }),
      { numRuns: 2000 },
    );
  });
});
