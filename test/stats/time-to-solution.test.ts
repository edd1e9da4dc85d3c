import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { timeToSolution } from '../../pipelines/stats/time-to-solution.ts';

describe('the time to solution', () => {
  it('is t·ln 0.01/ln(1 − p) and what came before, by hand', () => {
    // ln 0.01 / ln 0.5 = 6.6438…
    const found = timeToSolution({ setupMs: 10, attemptMs: 2, successes: 50, attempts: 100 });
    expect(found.ms).toBeCloseTo(10 + 2 * 6.643_856_189_774_724, 9);
    expect(found.chance.value).toBe(0.5);
  });

  it('is one attempt at least, however good that is', () => {
    const certain = { setupMs: 0, attemptMs: 3, successes: 4, attempts: 4, certain: true };
    expect(timeToSolution(certain)).toMatchObject({ ms: 3, low: 3, high: 3 });
    const always = timeToSolution({ setupMs: 0, attemptMs: 3, successes: 4, attempts: 4 });
    // Four of four may still be luck: Wilson's low end is 4/(4 + 1.96²) = 0.5101.
    expect([always.ms, always.low]).toEqual([3, 3]);
    expect(always.high).toBeCloseTo(
      (3 * Math.log(0.01)) / Math.log(1 - 4 / (4 + 1.959_963_984_540_054 ** 2)),
      6,
    );
  });

  it('has no upper end where nothing was found, and still a lower one', () => {
    const { ms, low, high } = timeToSolution({ setupMs: 1, attemptMs: 1, successes: 0, attempts: 1000 });
    expect([ms, high]).toEqual([Infinity, Infinity]);
    expect(low).toBeGreaterThan(1000);
    expect(low).toBeLessThan(2000);
  });

  it('keeps its order: low ≤ value ≤ high, and more successes are never slower', () => {
    const count = fc
      .integer({ min: 1, max: 500 })
      .chain((attempts) => fc.tuple(fc.constant(attempts), fc.integer({ min: 0, max: attempts - 1 })));
    fc.assert(
      fc.property(count, fc.double({ min: 0, max: 1e6, noNaN: true }), ([attempts, successes], setupMs) => {
        const at = (successes_: number) =>
          timeToSolution({ setupMs, attemptMs: 1, successes: successes_, attempts });
        const [one, more] = [at(successes), at(successes + 1)];
        expect(one.low <= one.ms && one.ms <= one.high).toBe(true);
        expect(more.ms <= one.ms && more.low <= one.low && more.high <= one.high).toBe(true);
      }),
    );
  });

  it('covers the truth in about 95 of 100 experiments', () => {
    const random = randomOf(5);
    const chance = 0.2;
    const truth = Math.log(0.01) / Math.log(1 - chance);
    let covered = 0;
    for (let run = 0; run < 1000; run++) {
      const successes = Array.from({ length: 80 }, () => random.nextFloat()).filter((u) => u < chance).length;
      const { low, high } = timeToSolution({ setupMs: 0, attemptMs: 1, successes, attempts: 80 });
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered).toBeGreaterThan(925);
    expect(covered).toBeLessThan(980);
  });
});
