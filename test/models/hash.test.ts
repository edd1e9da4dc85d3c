import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, lettersHash } from '../../pipelines/models/hash.ts';

describe('lettersHash', () => {
  it('is the hash of the letters in lower case, whatever stands between them', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 6 }), (line, least) => {
        const letters = line
          .toLowerCase()
          .split('')
          .filter((unit) => /[a-z\u0080-\uffff]/.test(unit));
        const wanted = letters.length < least ? null : hashOf(letters.join(''), 0);
        expect(lettersHash(`${line}b`, 0, line.length, least)).toBe(wanted);
      }),
    );
  });

  it('takes İ in lower case for the two characters that it becomes', () => {
    expect(lettersHash('İ', 0, 1, 2)).toBe(hashOf('i\u0307', 0));
  });
});
