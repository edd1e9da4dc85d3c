import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mcnemar, pairedCountOf, pairedDifference } from '../../pipelines/stats/compare.ts';

describe('mcnemar', () => {
  // Oracle: statsmodels 0.15.0 mcnemar(exact=True) for pDifferent, SciPy 1.17.1 binomtest for the one-sided ones.
  it.each([
    [10, 2, 0.019287109375, 0.996826171875, 0.03857421875],
    [3, 9, 0.980712890625, 0.072998046875, 0.14599609375],
    [5, 5, 0.623046875, 0.623046875, 1],
    [40, 20, 0.00674464686559593, 0.9968911986703367, 0.01348929373119186],
    [1, 0, 0.5, 1, 1],
  ])('with %d wins and %d losses agrees with the reference', (...row) => {
    const [wins, losses, better, worse, different] = row;
    const found = mcnemar({ wins, losses });
    expect(found.pBetter).toBeCloseTo(better, 11);
    expect(found.pWorse).toBeCloseTo(worse, 11);
    expect(found.pDifferent).toBeCloseTo(different, 11);
  });

  it('says nothing when the two never differ', () => {
    expect(mcnemar({ wins: 0, losses: 0 })).toEqual({ pBetter: 1, pWorse: 1, pDifferent: 1 });
  });

  it('turns round when wins and losses are exchanged', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.nat({ max: 300 }), (wins, losses) => {
        const [there, back] = [mcnemar({ wins, losses }), mcnemar({ wins: losses, losses: wins })];
        expect(there).toEqual({ ...back, pBetter: back.pWorse, pWorse: back.pBetter });
      }),
    );
  });
});

describe('pairedDifference', () => {
  // By hand, Agresti and Min (2005): 150 wins and 86 losses among 1,600: center 64/1602 = 0.0399501,
  // se = √(237 − 64²/1602)/1602 = 0.0095577, half = 1.959964·se = 0.0187328.
  it('adds a half to each cell', () => {
    const { low, high } = pairedDifference({ wins: 150, losses: 86, n: 1600 });
    expect(low).toBeCloseTo(0.0212174, 6);
    expect(high).toBeCloseTo(0.0586828, 6);
  });

  it('has a width even where nobody ever differs, and shrinks it by confidence', () => {
    const { low, high } = pairedDifference({ wins: 0, losses: 0, n: 98 });
    expect(high).toBeCloseTo(1.959963984540054 / 100, 12);
    expect(low).toBeCloseTo(-high, 14);
    expect(pairedDifference({ wins: 0, losses: 0, n: 98 }, 0.9).high).toBeLessThan(high);
  });

  it('stays within −1 and 1 and turns round when wins and losses are exchanged', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.nat({ max: 50 }), fc.nat({ max: 50 }), (wins, losses, rest) => {
        const n = wins + losses + rest + 1;
        const there = pairedDifference({ wins, losses, n });
        const back = pairedDifference({ wins: losses, losses: wins, n });
        expect(there.low).toBeCloseTo(-back.high, 14);
        expect(there.low >= -1 && there.low < there.high && there.high <= 1).toBe(true);
      }),
    );
  });

  it('refuses more differences than items', () => {
    expect(() => pairedDifference({ wins: 3, losses: 3, n: 5 })).toThrow(RangeError);
  });
});

describe('pairedCountOf', () => {
  it('counts the items that exactly one has right', () => {
    const truth = [0, 0, 1, 1, 2, 2];
    const champion = [0, 1, 1, 0, 0, 2];
    const candidate = [0, 0, 0, 1, 1, 2];
    expect(pairedCountOf({ truth, champion, candidate })).toEqual({ wins: 2, losses: 1, n: 6 });
    expect(() => pairedCountOf({ truth, champion, candidate: [0] })).toThrow(RangeError);
  });
});
