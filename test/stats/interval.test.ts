import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wilson } from '../../pipelines/stats/interval.ts';

describe('wilson', () => {
  // Oracle: statsmodels 0.15.0, proportion_confint(method='wilson').
  it.each([
    [8, 10, 0.95, 0.49016247153664183, 0.9433178485456247],
    [0, 20, 0.95, 0, 0.16112515805281938],
    [450, 450, 0.95, 0.9915356811370294, 1],
    [123, 456, 0.99, 0.2197861354693752, 0.326292205047369],
  ])('of %d in %d at %d agrees with statsmodels', (...row) => {
    const [successes, trials, confidence, low, high] = row;
    const interval = wilson({ successes, trials }, confidence);
    expect(interval.low).toBeCloseTo(low, 11);
    expect(interval.high).toBeCloseTo(high, 11);
  });

  it('holds the share itself and lies within 0 and 1', () => {
    const counts = fc
      .integer({ min: 1, max: 5000 })
      .chain((trials) =>
        fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 0, max: trials }) }),
      );
    fc.assert(
      fc.property(counts, (count) => {
        const { low, high } = wilson(count);
        const share = count.successes / count.trials;
        expect(0 <= low && low <= share && share <= high && high <= 1).toBe(true);
      }),
    );
  });

  it('refuses counts that cannot be', () => {
    for (const [successes, trials] of [
      [1, 0],
      [3, 2],
      [-1, 5],
      [0.5, 5],
    ] as const) {
      expect(() => wilson({ successes, trials })).toThrow(RangeError);
    }
  });
});
