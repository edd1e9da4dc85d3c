import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantOf, steadyAlpha, type Budget, type Spent } from '../../pipelines/stats/spending.ts';

const MONTH_MS = 30 * 86_400_000;
const BUDGET: Budget = { falsePromotions: 1, windowMs: MONTH_MS, alphaMax: 0.025 };

describe('a budget of false promotions', () => {
  it('gives the most to one that comes alone', () => {
    expect(grantOf(BUDGET, [], 0)).toEqual({ alpha: 0.025, spent: 0, judged: 0 });
  });

  it('is never exceeded in any window, whenever candidates come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 300 }), (gaps) => {
        const all: Spent[] = [];
        let atMs = 0;
        for (const gap of gaps) {
          atMs += gap * 10;
          all.push({ atMs, alpha: grantOf(BUDGET, all, atMs).alpha });
          const window = all.filter((one) => one.atMs > atMs - MONTH_MS);
          expect(window.reduce((sum, { alpha }) => sum + alpha, 0)).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
      { numRuns: 50 },
    );
  });

  // Oracle: a year of candidates, one an hour, granted one by one; and never starved on the way.
  it('settles at four fifths of itself when the pace is steady', () => {
    const step = 86_400_000 / 24;
    let window: Spent[] = [];
    let alpha = 0;
    for (let turn = 0; turn < 24 * 360; turn++) {
      const atMs = turn * step;
      window = window.filter((one) => one.atMs > atMs - MONTH_MS);
      alpha = grantOf(BUDGET, window, atMs).alpha;
      window.push({ atMs, alpha });
      expect(alpha).toBeGreaterThan(steadyAlpha(BUDGET, 720) / 20);
    }
    expect(alpha / steadyAlpha(BUDGET, 720)).toBeCloseTo(1, 1);
    expect(steadyAlpha(BUDGET, 2880) * 2880).toBeCloseTo(0.8, 12);
    expect(steadyAlpha(BUDGET, 3)).toBe(0.025);
  });

  it('refuses what is no budget', () => {
    expect(() => grantOf({ ...BUDGET, falsePromotions: 0 }, [], 0)).toThrow(RangeError);
    expect(() => grantOf({ ...BUDGET, windowMs: 0 }, [], 0)).toThrow(RangeError);
    expect(() => grantOf({ ...BUDGET, alphaMax: 1 }, [], 0)).toThrow(RangeError);
  });
});
