import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { binomialTail } from '../../pipelines/maths/special.ts';
import { drawBinomial } from '../../pipelines/simulations/binomial.ts';
import { gainOf } from '../../pipelines/simulations/gain.ts';
import { MONTH_MS, nullYear } from '../../pipelines/simulations/null-year.ts';
import { slicesOfRuns } from '../../pipelines/simulations/slices.ts';
import { peekingOf } from '../../pipelines/simulations/peeking.ts';

const BUDGET = { falsePromotions: 1, windowMs: MONTH_MS, alphaMax: 0.025 };

describe('drawBinomial', () => {
  // Oracle: the distribution itself; 0.02 is four standard errors of a share of 10,000 draws.
  it('draws what the distribution says', () => {
    for (const chance of [0.03, 0.3, 0.85]) {
      const random = randomOf(11);
      const draws = Array.from({ length: 10_000 }, () => drawBinomial(random, { count: 40, chance }));
      for (const least of [1, 12, 34]) {
        const share = draws.filter((draw) => draw >= least).length / draws.length;
        expect(Math.abs(share - binomialTail(least, { trials: 40, chance }))).toBeLessThan(0.02);
      }
    }
    expect(drawBinomial(randomOf(1), { count: 7, chance: 0 })).toBe(0);
    expect(drawBinomial(randomOf(1), { count: 7, chance: 1 })).toBe(7);
    expect(() => drawBinomial(randomOf(1), { count: 7, chance: 1.5 })).toThrow(RangeError);
  });
});

describe('a year without any gain', () => {
  const year = {
    days: 120,
    candidatesPerDay: 96,
    holdout: 1000,
    renewedAfterDays: 1,
    accuracy: 0.8,
    discordance: 0.12,
    budget: BUDGET,
    seed: 5,
  };

  it('has at most one false promotion a month by the budget, and hundreds by a higher score', () => {
    const [higher, z, ladder, budget] = nullYear(year);
    expect(budget?.perMonth).toBeLessThanOrEqual(1);
    expect(Math.abs(budget?.shownGain ?? 1)).toBeLessThan(0.01);
    expect(higher?.perMonth).toBeGreaterThan(100);
    expect(higher?.shownGain).toBeGreaterThan(0.03);
    expect(z?.perMonth).toBeGreaterThan(10);
    expect(ladder?.promotions).toBeLessThan(higher?.promotions ?? 0);
  });

  it('is the same for the same seed', () => {
    expect(nullYear({ ...year, days: 3 })).toEqual(nullYear({ ...year, days: 3 }));
    expect(() => nullYear({ ...year, discordance: 0.5 })).toThrow(RangeError);
  });
});

describe('a true gain', () => {
  it('is believed after about as many items as the theory asks for', () => {
    const ask = { runs: 200, candidatesPerDay: 96, itemsPerCandidate: 50, discordance: 0.12, gain: 0.02 };
    const { eightieth, theory, items } = gainOf({ ...ask, budget: BUDGET, seed: 2 });
    expect(items.every((n) => Number.isFinite(n))).toBe(true);
    expect(eightieth / theory).toBeLessThan(1.5);
  });
});

describe('peeking', () => {
  const ask = { runs: 400, items: 1500, discordance: 0.12, alpha: 0.05, seed: 3 };

  it('misleads every rule but the e-process', () => {
    const [higher, z, e] = peekingOf({ ...ask, gain: 0 });
    expect(e?.declared).toBeLessThanOrEqual(0.05);
    expect(z?.declared).toBeGreaterThan(0.2);
    expect(higher?.declared).toBeGreaterThan(0.8);
  });

  it('finds a gain of five points with at most 650 pairs at the median', () => {
    const e = peekingOf({ ...ask, gain: 0.05 }).at(-1);
    expect(e?.declared).toBeGreaterThan(0.95);
    expect(e?.medianItems ?? Infinity).toBeLessThanOrEqual(650);
    expect(() => peekingOf({ ...ask, gain: 0.5 })).toThrow(RangeError);
  });
});

describe('a loss of five points on one slice of twelve', () => {
  const ask = { runs: 300, slices: 12, itemsPerSlice: 1000, discordance: 0.12, q: 0.05, seed: 6 };

  it('is caught 95 times of 100, with at most 5 of 100 blamed falsely', () => {
    const { caught, falseDiscovery } = slicesOfRuns({ ...ask, loss: 0.05 });
    expect(caught).toBeGreaterThanOrEqual(0.95);
    expect(falseDiscovery).toBeLessThanOrEqual(0.05);
    expect(slicesOfRuns({ ...ask, loss: 0 }).falseDiscovery).toBeLessThanOrEqual(0.06);
    expect(() => slicesOfRuns({ ...ask, loss: 0.5 })).toThrow(RangeError);
  });
});
