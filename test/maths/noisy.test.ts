import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ESTIMATES_LEAST, minimizeNoisy } from '../../pipelines/maths/noisy.ts';
import { randomOf } from '../../pipelines/maths/random.ts';

/** Σ (xᵢ − i)², with noise of deviation about 0.1 on every answer. */
function bowl(seed: number) {
  const noise = randomOf(seed);
  const truth = (point: Float64Array) => point.reduce((sum, x, i) => sum + (x - i) ** 2, 0);
  const spread = () => Array.from({ length: 12 }, () => noise.nextFloat()).reduce((sum, x) => sum + x, -6);
  return { truth, estimate: (point: Float64Array) => truth(point) + 0.1 * spread() };
}

describe('the search by estimates', () => {
  it('comes near the lowest point of a bowl that is seen through noise', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { truth, estimate } = bowl(seed);
      const start = Float64Array.of(2, -1, 0);
      const ask = { start, estimate, step: 0.2, estimatesMost: 400, random: randomOf(seed + 100) };
      const { point, estimates } = minimizeNoisy(ask);
      expect(truth(start)).toBe(12);
      expect(truth(point)).toBeLessThan(0.5);
      expect(estimates).toBeLessThanOrEqual(400);
      expect(estimates).toBeGreaterThan(396);
      expect([...start]).toEqual([2, -1, 0]);
    }
  });

  it('never asks more often than it may, and stays where it is on a plain', () => {
    fc.assert(
      fc.property(fc.integer({ min: ESTIMATES_LEAST, max: 60 }), fc.integer(), (estimatesMost, seed) => {
        const start = Float64Array.of(1, 2);
        let asked = 0;
        const estimate = () => (asked++, 7);
        const found = minimizeNoisy({ start, estimate, step: 0.1, estimatesMost, random: randomOf(seed) });
        expect(found.point).toEqual(start);
        expect(found.estimates).toBe(asked);
        expect(asked).toBeLessThanOrEqual(estimatesMost);
      }),
      { numRuns: 50 },
    );
  });

  it('wants as many estimates as setting its steps takes', () => {
    const ask = { start: Float64Array.of(0), estimate: () => 0, step: 1, random: randomOf(1) };
    expect(() => minimizeNoisy({ ...ask, estimatesMost: ESTIMATES_LEAST - 1 })).toThrow(RangeError);
  });
});
