import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phrasesIn, phrasesOf } from '../../pipelines/models/phrases.ts';

const LIST = ['add ', 'how to', 'bug', 'is it possible', 'we ', "can't", 'é'];

describe('phrasesIn', () => {
  it('finds what a plain search finds, in short texts and in long ones', () => {
    const phrases = phrasesOf(LIST);
    const piece = fc.oneof(
      fc.constantFrom(...LIST, 'ad', 'bu', ' ', 'possible'),
      fc.string({ maxLength: 5 }),
    );
    const text = fc
      .tuple(fc.array(piece, { maxLength: 12 }), fc.constantFrom(0, 300))
      .map(([pieces, more]) => pieces.join('') + 'q#x-~'.repeat(more));
    fc.assert(
      fc.property(text, (lower) => {
        expect(phrasesIn(phrases, lower)).toEqual(LIST.filter((one) => lower.includes(one)));
      }),
    );
  });

  it('finds a phrase shorter than three characters at the end of a long text', () => {
    expect(phrasesIn(phrasesOf(['é']), `${'x'.repeat(5000)}é`)).toEqual(['é']);
  });
});
