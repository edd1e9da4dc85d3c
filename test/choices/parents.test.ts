import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenParents, worthOfParents, type Parents } from '../../pipelines/choices/parents.ts';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { bitsOf } from '../solvers/problems.ts';

const ASK = { seed: 1, flips: 1_000_000 };

function symmetric(n: number, value: (i: number, j: number) => number): readonly (readonly number[])[] {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_each, j) => (i === j ? 1 : value(Math.min(i, j), Math.max(i, j)))),
  );
}

const PARENTS: fc.Arbitrary<Parents> = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc.record({
    scores: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: n, maxLength: n }),
    likeness: fc
      .array(fc.integer({ min: -10, max: 10 }), { minLength: n * n, maxLength: n * n })
      .map((all) => symmetric(n, (i, j) => all[i * n + j]! / 10)),
    count: fc.integer({ min: 1, max: n }),
    diversity: fc.constantFrom(0, 0.25, 0.5, 1),
  }),
);

/** By the definition, written down a second time: every set of so many models. */
function bestWorth({ scores, likeness, count, diversity }: Parents): number {
  const n = scores.length;
  const range = Math.max(...scores) - Math.min(...scores);
  const sets = Array.from({ length: 2 ** n }, (_, code) => bitsOf(code, n)).filter(
    (bits) => bits.reduce((sum, bit) => sum + bit, 0) === count,
  );
  const worths = sets.map((bits) => {
    let [good, alike, pairs] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      if (bits[i] === 0) continue;
      if (range > 0) good += (scores[i]! - Math.min(...scores)) / range;
      for (let j = 0; j < i; j++) {
        if (bits[j] === 0) continue;
        alike += likeness[i]![j]!;
        pairs++;
      }
    }
    return (1 - diversity) * (good / count) - (pairs === 0 ? 0 : diversity * (alike / pairs));
  });
  return Math.max(...worths);
}

describe('models to merge', () => {
  it('are worth as much as the best of all sets of as many', () => {
    fc.assert(
      fc.property(PARENTS, (parents) => {
        const { chosen, worth, proven } = chosenParents(parents, ASK);
        expect(chosen).toHaveLength(parents.count);
        expect(proven).toBe(true);
        expect(worth).toBeCloseTo(bestWorth(parents), 9);
        expect(worth).toBe(worthOfParents(parents, chosen));
      }),
      { numRuns: 150 },
    );
  });

  it('are the good ones where being unlike is worth nothing, and one of each kind where it is worth all', () => {
    const likeness = symmetric(4, (i, j) => (j - i === 2 ? 0.9 : 0.1));
    const parents = { scores: [9, 7, 8, 1], likeness, count: 2 };
    expect(chosenParents({ ...parents, diversity: 0 }, ASK).chosen).toEqual([0, 2]);
    expect(chosenParents({ ...parents, diversity: 0.5 }, ASK).chosen).toEqual([0, 1]);
  });

  it('are as many as are wanted where there are too many to search whole', () => {
    const random = randomOf(8);
    const scores = Array.from({ length: 60 }, () => random.nextFloat());
    const likeness = symmetric(60, (i, j) => (((i * 31 + j * 17) % 20) - 10) / 10);
    const { chosen, proven } = chosenParents({ scores, likeness, count: 7, diversity: 0.5 }, ASK);
    expect(new Set(chosen).size).toBe(7);
    expect(proven).toBe(false);
  });

  it.each([0, 3, 1.5])('cannot be %d of two', (count) => {
    const parents = { scores: [1, 2], likeness: symmetric(2, () => 0), count, diversity: 0 };
    expect(() => chosenParents(parents, ASK)).toThrowFault(problemUnfit);
  });
});
