import { describe, expect, it } from 'vitest';
import { binomialTail } from '../../pipelines/maths/special.ts';
import { binomialWeights } from '../../pipelines/simulations/binomial.ts';
import { expectedPromotions } from '../../pipelines/simulations/null-theory.ts';
import { MONTH_MS, nullYear, steadyRules, type NullYear } from '../../pipelines/simulations/null-year.ts';

const YEAR: NullYear = {
  days: 90,
  candidatesPerDay: 24,
  holdout: 300,
  renewedAfterDays: 2,
  accuracy: 0.8,
  discordance: 0.12,
  budget: { falsePromotions: 1, windowMs: MONTH_MS, alphaMax: 0.025 },
  seed: 9,
};

describe('the chances of counts', () => {
  // Oracle: differences of the incomplete beta function.
  it('are those of the binomial distribution, and add up to 1', () => {
    for (const { count, chance } of [
      { count: 40, chance: 0.3 },
      { count: 2000, chance: 0.06 },
      { count: 7, chance: 1 },
    ]) {
      const { from, weights } = binomialWeights({ count, chance });
      expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 10);
      weights.forEach((weight, place) => {
        const tail = (least: number) => binomialTail(least, { trials: count, chance });
        expect(weight).toBeCloseTo(tail(from + place) - tail(from + place + 1), 10);
      });
    }
  });
});

describe('the theory of a year without any gain', () => {
  // One item, right with chance a. The first candidate is promoted where the champion is wrong and it wins:
  // (1 − a)·ψ/2(1 − a) = ψ/2. The second only where the champion is still wrong: ψ/2 · (1 − ψ/2(1 − a)).
  it('is what one item and two candidates give by hand', () => {
    const tiny = { ...YEAR, days: 3, candidatesPerDay: 2, holdout: 1, renewedAfterDays: 1 };
    const win = 0.06 / 0.2;
    const byHand = 3 * (0.06 + 0.06 * (1 - win));
    expect(expectedPromotions(tiny, ({ wins, losses }) => wins > losses)).toBeCloseTo(byHand, 9);
  });

  // The simulation is another way to the same number; four standard errors of a Poisson count and one more.
  it('is what the simulation comes to, by every rule, days that are left over included', () => {
    const year = { ...YEAR, days: 91 };
    const drawn = new Map(nullYear(year).map(({ rule, promotions }) => [rule, promotions]));
    for (const [rule, promotes] of steadyRules(year)) {
      const expected = expectedPromotions(year, promotes) ?? Number.NaN;
      expect(Math.abs((drawn.get(rule) ?? 0) - expected)).toBeLessThan(4 * Math.sqrt(expected) + 1);
    }
  });

  it('is left untold where it would take minutes', () => {
    const year = { ...YEAR, days: 3650, candidatesPerDay: 1440, renewedAfterDays: 3650 };
    expect(expectedPromotions(year, ({ wins, losses }) => wins > losses)).toBeNull();
  });
});
