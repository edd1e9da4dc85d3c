import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frontsOf, nsgaOf } from '../../pipelines/maths/nsga.ts';
import { randomOf } from '../../pipelines/maths/random.ts';

/** Zitzler, Deb and Thiele's first function: the front is f₂ = 1 − √f₁. */
function zdt1(x: Float64Array): readonly number[] {
  const rest = x.subarray(1).reduce((sum, value) => sum + value, 0);
  const g = 1 + (9 * rest) / (x.length - 1);
  return [x[0]!, g * (1 - Math.sqrt(x[0]! / g))];
}

function searched(generations: number) {
  const bounds = Array.from({ length: 30 }, () => [0, 1] as const);
  const nsga = nsgaOf({ bounds, population: 100, random: randomOf(6) });
  for (let generation = 0; generation < generations; generation++) {
    nsga.tell(nsga.ask().map((point) => ({ point, objectives: zdt1(point) })));
  }
  return nsga.now();
}

describe('nsgaOf', () => {
  // Deb 2002, table II: after 250 generations of 100, the mean distance to the front of ZDT1 is 0.033.
  it('comes as near to the front of ZDT1 as the paper says, and covers it', () => {
    const found = searched(250).map(({ objectives }) => objectives);
    const front = Array.from(
      { length: 500 },
      (_, index) => [index / 499, 1 - Math.sqrt(index / 499)] as const,
    );
    const distances = found.map(([a, b]) => Math.min(...front.map(([x, y]) => Math.hypot(a! - x, b! - y))));
    expect(distances.reduce((sum, each) => sum + each, 0) / distances.length).toBeLessThan(0.033);
    const firsts = found.map(([a]) => a!).sort((a, b) => a - b);
    expect(firsts[0]).toBeLessThan(0.01);
    expect(firsts.at(-1)).toBeGreaterThan(0.95);
    const gaps = firsts.slice(1).map((value, index) => value - firsts[index]!);
    expect(Math.max(...gaps)).toBeLessThan(0.06);
  });

  it('keeps every variable within its bounds, and is the same search for the same seed', () => {
    const found = searched(12);
    expect(found.every(({ point }) => point.every((value) => value >= 0 && value <= 1))).toBe(true);
    expect(found).toEqual(searched(12));
  });

  it('refuses an odd population', () => {
    expect(() => nsgaOf({ bounds: [[0, 1]], population: 3, random: randomOf(1) })).toThrow(RangeError);
  });
});

describe('frontsOf', () => {
  it('takes layer after layer of what nothing left beats', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(point, { maxLength: 25 }), (points) => {
        let left = [...points.keys()];
        for (const front of frontsOf(points)) {
          const best = left.filter(
            (a) =>
              !left.some(
                (b) =>
                  points[b]!.every((v, i) => v <= points[a]![i]!) && points[b]!.join() !== points[a]!.join(),
              ),
          );
          expect([...front]).toEqual(best);
          left = left.filter((index) => !front.includes(index));
        }
        expect(left).toEqual([]);
      }),
      { seed: 9, numRuns: 60 },
    );
  });
});
