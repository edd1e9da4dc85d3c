import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimize, type Problem } from '../../pipelines/maths/minimize.ts';

const STOP = { gradientTolerance: 1e-8, iterationsMost: 500 };

/** (1 − x)² + 100·(y − x²)², whose only minimum is 0 at (1, 1). */
const ROSENBROCK: Problem = {
  ...STOP,
  start: Float64Array.of(-1.2, 1),
  evaluate: (point, gradient) => {
    const [x, y] = [point[0]!, point[1]!];
    gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
    gradient[1] = 200 * (y - x * x);
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  },
};

describe('minimize', () => {
  it("finds the end of Rosenbrock's valley", () => {
    const { point, value, converged } = minimize(ROSENBROCK);
    expect(converged).toBe(true);
    expect(point[0]).toBeCloseTo(1, 7);
    expect(point[1]).toBeCloseTo(1, 7);
    expect(value).toBeLessThan(1e-14);
  });

  // Oracle: Σ wᵢ·(xᵢ − aᵢ)² has its minimum at a, however unlike the weights.
  it('finds the center of a long bowl', () => {
    const coordinate = fc.tuple(
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: 1, maxLength: 12 }), (bowl) => {
        const { point, converged } = minimize({
          ...STOP,
          start: new Float64Array(bowl.length),
          evaluate: (at, gradient) =>
            bowl.reduce((sum, [center, weight], index) => {
              gradient[index] = 2 * weight * (at[index]! - center);
              return sum + weight * (at[index]! - center) ** 2;
            }, 0),
        });
        expect(converged).toBe(true);
        bowl.forEach(([center], index) => expect(point[index]).toBeCloseTo(center, 5));
      }),
    );
  });

  it('gives the same bits again and leaves its start as it was', () => {
    const [first, second] = [minimize(ROSENBROCK), minimize(ROSENBROCK)];
    expect(first).toEqual(second);
    expect([...ROSENBROCK.start]).toEqual([-1.2, 1]);
  });

  it('never goes up, and tells each step', () => {
    const told: number[] = [];
    const { iterations } = minimize({ ...ROSENBROCK, progress: (_, value) => told.push(value) });
    expect(told).toHaveLength(iterations);
    told.slice(1).forEach((value, index) => expect(value).toBeLessThanOrEqual(told[index]!));
  });

  it('says that it did not converge when its iterations are spent', () => {
    const { iterations, converged } = minimize({ ...ROSENBROCK, iterationsMost: 3 });
    expect([iterations, converged]).toEqual([3, false]);
  });

  it('stays where it stands when the start is a minimum or the function is no number', () => {
    const still = minimize({ ...ROSENBROCK, start: Float64Array.of(1, 1) });
    expect([still.iterations, still.converged]).toEqual([0, true]);
    const lost = minimize({
      ...STOP,
      start: Float64Array.of(2),
      evaluate: (_, gradient) => {
        gradient[0] = 1;
        return Number.NaN;
      },
    });
    expect([lost.point[0], lost.converged]).toEqual([2, false]);
  });
});
