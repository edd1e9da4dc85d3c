import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mcnemar } from '../../pipelines/stats/compare.ts';
import { rungOf } from '../../pipelines/stats/ladder.ts';

describe('a rung of the Ladder', () => {
  // By hand: 40 wins and 20 losses of 1,000: gain 0.02, variance 0.06 − 0.0004 = 0.0596, step √(0.0596/1000) = 0.00772.
  it('is climbed by more than one standard error', () => {
    const { climbs, step } = rungOf({ wins: 40, losses: 20, n: 1000 });
    expect(climbs).toBe(true);
    expect(step).toBeCloseTo(0.00772, 5);
    // Gain 0.007, step √(0.0629/1000) = 0.00793.
    expect(rungOf({ wins: 35, losses: 28, n: 1000 }).climbs).toBe(false);
  });

  it('is not climbed by being the same, or worse', () => {
    expect(rungOf({ wins: 0, losses: 0, n: 10 })).toEqual({ climbs: false, step: 0 });
    expect(rungOf({ wins: 1, losses: 9, n: 10 }).climbs).toBe(false);
    expect(() => rungOf({ wins: 0, losses: 0, n: 0 })).toThrow(RangeError);
  });

  // Whatever the budget of false promotions lets through at its most of 0.025 is a new best of the Ladder too: the
  // holdout gives away no more than the Ladder would let it, though candidates come without end.
  it('is climbed by every gain that the exact test shows', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(4000), (wins, losses, ties) => {
        fc.pre(wins + losses > 0);
        const climbs = rungOf({ wins, losses, n: wins + losses + ties }).climbs;
        expect(climbs || mcnemar({ wins, losses }).pBetter > 0.025).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
