import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  estimatedResemblance,
  nearCopies,
  PERMUTATIONS,
  resemblance,
  shinglesOf,
  signatureOf,
} from '../../pipelines/models/minhash.ts';

/** Two sets of which `shared` members are in both, and as many as are left in one alone. */
function pair(shared: number, seed: number): readonly [ReadonlySet<number>, ReadonlySet<number>] {
  const random = randomOf(seed);
  const draw = (count: number) => Array.from({ length: count }, () => random.nextUint32());
  const both = draw(shared);
  const alone = (100 - shared) / 2;
  return [new Set([...both, ...draw(alone)]), new Set([...both, ...draw(alone)])];
}

describe('resemblance', () => {
  it('is shared over all, counted by hand', () => {
    expect(resemblance(new Set([1, 2, 3]), new Set([2, 3, 4, 5]))).toBe(2 / 5);
    expect(resemblance(new Set(), new Set())).toBe(1);
  });

  it('sees five runs of three words in seven, and does not see case, marks or space', () => {
    expect(shinglesOf('a b c d e f g').size).toBe(5);
    expect(shinglesOf('A, b!\n c (d) e f g')).toEqual(shinglesOf('a b c d e f g'));
  });
});

describe('signatureOf', () => {
  // The share of equal places is a mean of 120 coins of chance s: its error must be theirs, neither biased nor wider.
  it.each([20, 50, 80])(
    'estimates a resemblance of %i hundredths without bias, as surely as 120 coins',
    (shared) => {
      const wanted = shared / 100;
      const errors = Array.from({ length: 400 }, (_, seed) => {
        const [left, right] = pair(shared, 1000 * shared + seed);
        return estimatedResemblance(signatureOf(left), signatureOf(right)) - wanted;
      });
      const deviation = Math.sqrt((wanted * (1 - wanted)) / PERMUTATIONS);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
      expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(errors.length));
      expect(spread / deviation).toBeGreaterThan(0.85);
      expect(spread / deviation).toBeLessThan(1.15);
    },
  );
});

describe('nearCopies', () => {
  const words = Array.from({ length: 60 }, (_, index) => `word${index}`);

  it('finds a text again with a word changed, and not another one', () => {
    const index = nearCopies(0.7);
    index.add(words.join(' '));
    expect(index.has(words.with(30, 'other').join(' '))).toBe(true);
    expect(index.has(words.map((word) => `${word}x`).join(' '))).toBe(false);
    expect(index.has(words.slice(0, 30).join(' '))).toBe(false);
  });

  it('says nothing of texts of a few words', () => {
    const index = nearCopies(0.7);
    index.add('it does not work');
    expect(index.has('it does not work')).toBe(false);
  });

  // By the theory 1 − (1 − 0.8⁶)²⁰ = 0.997 of such pairs meet in a band.
  it('finds nearly every pair that shares four of five runs', () => {
    const found = Array.from({ length: 100 }, (_, seed) => {
      const index = nearCopies(0.7);
      const text = Array.from({ length: 200 }, (__, at) => `s${seed}w${at}`);
      index.add(text.join(' '));
      // Seven changed words touch 21 of 198 runs: the resemblance is 177 / 219 = 0.81.
      return index.has(text.map((word, at) => (at % 30 === 3 ? `${word}x` : word)).join(' '));
    });
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(97);
  });
});
