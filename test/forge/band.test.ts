import { describe, expect, it } from 'vitest';
import { bandOf, EDGE, isWithin } from '../../pipelines/forge/band.ts';

/** Somebody whose success falls with the level, and who gets better step by step: 50% at a level that rises. */
function learner(from: number, rise: number) {
  let skill = from;
  return (level: number): number => {
    skill += rise;
    return 1 / (1 + Math.exp(1.5 * (level - skill)));
  };
}

function follow(answer: (level: number) => number, steps: number): readonly (readonly [number, number])[] {
  const band = bandOf(EDGE);
  return Array.from({ length: steps }, () => {
    const level = band.level();
    const success = answer(level);
    band.hear(success);
    return [level, success] as const;
  });
}

describe('bandOf', () => {
  it('keeps a learner that gets better in the band, but for the beginning', () => {
    const course = follow(learner(2, 0.02), 200).slice(30);
    const inside = course.filter(([, success]) => isWithin(EDGE, success)).length;
    expect(inside / course.length).toBeGreaterThan(0.9);
  });

  it('stays within its levels, whatever it hears', () => {
    for (const success of [0, 1]) {
      const levels = follow(() => success, 100).map(([level]) => level);
      expect(Math.min(...levels)).toBeGreaterThanOrEqual(EDGE.levels[0]);
      expect(Math.max(...levels)).toBeLessThanOrEqual(EDGE.levels[1]);
    }
  });

  // Without the guard, a hundred steps of success at the top would have to be made up for by as many failures.
  it('comes down at once from the top, however long it stood there', () => {
    const band = bandOf(EDGE);
    for (let step = 0; step < 500; step++) band.hear(1);
    expect(band.level()).toBe(EDGE.levels[1]);
    let steps = 0;
    while (band.level() > 5 && steps < 100) {
      band.hear(0);
      steps += 1;
    }
    expect(steps).toBeLessThan(25);
  });
});

describe('isWithin', () => {
  it('counts both edges of 55% to 75%', () => {
    expect([0.549, 0.55, 0.65, 0.75, 0.751].map((share) => isWithin(EDGE, share))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
