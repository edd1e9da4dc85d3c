import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cmaOf } from '../../pipelines/maths/cma.ts';
import { randomOf } from '../../pipelines/maths/random.ts';

const Recorded = z.object({
  generations: z.array(
    z.object({
      points: z.array(z.array(z.number())),
      values: z.array(z.number()),
      mean: z.array(z.number()),
      sigma: z.number(),
      covariance: z.array(z.number()),
    }),
  ),
});

type Point = Float64Array;
const sum = (point: Point, each: (value: number, index: number) => number): number =>
  point.reduce((total, value, index) => total + each(value, index), 0);

const FUNCTIONS = {
  sphere: { f: (x: Point) => sum(x, (value) => value ** 2), best: 0 },
  ellipsoid: {
    f: (x: Point) => sum(x, (value, i) => 1e6 ** (i / (x.length - 1)) * (value - 1) ** 2),
    best: 1,
  },
  rosenbrock: {
    f: (x: Point) => sum(x.subarray(1), (value, i) => 100 * (value - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2),
    best: 1,
  },
};

function searched(
  f: (x: Point) => number,
  { n, generations }: { readonly n: number; readonly generations: number },
) {
  const cma = cmaOf({ start: new Float64Array(n).fill(0.3), sigma: 0.5, random: randomOf(4) });
  for (let generation = 0; generation < generations; generation++) {
    const points = cma.ask();
    cma.tell(points, points.map(f));
  }
  return cma.now();
}

describe('cmaOf', () => {
  // Hansen's tutorial reports about 10³ evaluations for a sphere of ten variables and some 10⁴ for the other two.
  it.each([
    ['sphere', 180],
    ['ellipsoid', 600],
    ['rosenbrock', 900],
  ] as const)('finds the known optimum of the %s in ten variables', (name, generations) => {
    const { f, best } = FUNCTIONS[name];
    const { mean, sigma } = searched(f, { n: 10, generations });
    mean.forEach((value) => expect(value).toBeCloseTo(best, 5));
    expect(sigma).toBeLessThan(1e-3);
  });

  it('shapes its distribution like the inverse of the curvature', () => {
    const { covariance } = searched((x) => 100 * x[0]! ** 2 + x[1]! ** 2, { n: 2, generations: 60 });
    expect(covariance[3]! / covariance[0]!).toBeGreaterThan(20);
    expect(covariance[3]! / covariance[0]!).toBeLessThan(500);
  });

  // That tool begins with variances up to 1e-4 apart, hence the width of the comparison.
  it('moves as cma in Python moves, generation by generation', () => {
    const file = path.join(import.meta.dirname, '../fixtures/cma-generations.json');
    const { generations } = Recorded.parse(JSON.parse(readFileSync(file, 'utf8')));
    const cma = cmaOf({ start: Float64Array.of(0.5, -0.25, 1, 0), sigma: 0.3, random: randomOf(1) });
    for (const { points, values, mean, sigma, covariance } of generations) {
      cma.tell(
        points.map((point) => Float64Array.from(point)),
        values,
      );
      const now = cma.now();
      now.mean.forEach((value, index) => expect(Math.abs(value - mean[index]!)).toBeLessThan(1e-10));
      expect(Math.abs(now.sigma / sigma - 1)).toBeLessThan(1e-3);
      now.covariance.forEach((value, at) => expect(Math.abs(value - covariance[at]!)).toBeLessThan(1e-3));
    }
  });

  it('takes what is no number for the worst', () => {
    const cma = cmaOf({ start: Float64Array.of(0, 0), sigma: 1, random: randomOf(2) });
    const points = cma.ask();
    cma.tell(
      points,
      points.map((_, index) => (index === 0 ? 1 : Number.NaN)),
    );
    // Of three parents the first has the weight ln(3.5)/(ln(3.5) + ln(3.5/2) + ln(3.5/3)).
    const share = Math.log(3.5) / (Math.log(3.5) + Math.log(1.75) + Math.log(3.5 / 3));
    const mean = cma.now().mean[0]!;
    const others =
      (Math.log(1.75) * points[1]![0]! + Math.log(3.5 / 3) * points[2]![0]!) / Math.log(3.5 ** 3 / 6);
    expect(mean).toBeCloseTo(share * points[0]![0]! + others, 12);
  });

  it('is the same search for the same seed, and refuses three points', () => {
    const { f } = FUNCTIONS.sphere;
    expect(searched(f, { n: 3, generations: 20 })).toEqual(searched(f, { n: 3, generations: 20 }));
    const few = { start: Float64Array.of(0), sigma: 1, random: randomOf(2), population: 3 };
    expect(() => cmaOf(few)).toThrow(RangeError);
  });
});
