import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { believed, tiesOf, type Doubts } from '../../pipelines/choices/beliefs.ts';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { bitsOf } from '../solvers/problems.ts';

const ASK = { seed: 1, flips: 1_000_000 };

const DOUBTS = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: n, maxLength: n }),
    conflicts: fc.array(fc.uniqueArray(fc.nat({ max: n - 1 }), { minLength: 1, maxLength: 5 }), {
      maxLength: 6,
    }),
  }),
);

/** Every way to give statements up that leaves no conflict whole, cheapest first; nothing of the encoding. */
function everyWay({ weights, conflicts }: Doubts): readonly { cost: number; givenUp: readonly number[] }[] {
  const n = weights.length;
  return Array.from({ length: 2 ** n }, (_, code) => bitsOf(code, n))
    .map((gone) => ({
      givenUp: [...gone.keys()].filter((i) => gone[i] === 1),
      cost: weights.reduce((sum, weight, i) => sum + weight * gone[i]!, 0),
    }))
    .filter(({ givenUp }) => conflicts.every((conflict) => conflict.some((i) => givenUp.includes(i))))
    .sort((a, b) => a.cost - b.cost);
}

describe('what to believe', () => {
  it('costs as little as the cheapest of all ways, and leaves no conflict whole', () => {
    fc.assert(
      fc.property(DOUBTS, (doubts) => {
        const { givenUp, cost, proven } = believed(doubts, ASK);
        expect(proven).toBe(true);
        expect(cost).toBe(everyWay(doubts)[0]?.cost);
        expect(doubts.conflicts.every((conflict) => conflict.some((i) => givenUp.includes(i)))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is tied where another of the cheapest ways keeps what was given up', () => {
    fc.assert(
      fc.property(DOUBTS, (doubts) => {
        const beliefs = believed(doubts, ASK);
        const cheapest = everyWay(doubts).filter(({ cost }) => cost === beliefs.cost);
        for (const [i, tied] of tiesOf(doubts, beliefs, ASK)) {
          expect(tied).toBe(cheapest.some(({ givenUp }) => !givenUp.includes(i)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('hits every conflict among more statements than can be searched whole, and says that it is not proven', () => {
    const random = randomOf(5);
    const weights = Array.from({ length: 120 }, () => 1 + random.nextBelow(9));
    const conflicts = Array.from({ length: 400 }, () =>
      Array.from({ length: 3 }, (_, k) => 40 * k + random.nextBelow(40)),
    );
    const { givenUp, proven } = believed({ weights, conflicts }, ASK);
    expect(proven).toBe(false);
    expect(conflicts.every((conflict) => conflict.some((i) => givenUp.includes(i)))).toBe(true);
    for (const i of givenUp) {
      const others = new Set(givenUp.filter((other) => other !== i));
      expect(conflicts.every((conflict) => conflict.some((place) => others.has(place)))).toBe(false);
    }
  });

  it('gives up nothing where nothing is in conflict, and refuses a weight that is no number', () => {
    expect(believed({ weights: [3, 1], conflicts: [] }, ASK)).toEqual({ givenUp: [], cost: 0, proven: true });
    expect(() => believed({ weights: [Number.NaN], conflicts: [] }, ASK)).toThrowFault(problemUnfit);
  });
});
