import { describe, expect, it } from 'vitest';
import { paintFor } from '../../action/paint.ts';
import { energyPicture, thinned } from '../../action/verbs/energy-picture.ts';

const paint = paintFor(false);
const FALL = [
  { ms: 10, flips: 100, energy: -2 },
  { ms: 50, flips: 500, energy: -6 },
  { ms: 100, flips: 1000, energy: -10 },
];

describe('the picture of the least value by time', () => {
  it('falls from the first value to the last, with both and the time written on it', () => {
    const lines = energyPicture({ moments: FALL, bestKnown: null, paint });
    expect(lines[0]).toMatch(/^ -2 ┤ +━+┓ *$/);
    expect(lines[4]).toMatch(/^ {4}┤ +┗━+┓ *$/);
    expect(lines[8]).toMatch(/^-10 ┤ +┗$/);
    expect(lines.at(-1)).toMatch(/0 s +0\.10 s$/);
    expect(new Set(lines.slice(0, -1).map((line) => line.length)).size).toBe(1);
  });

  it('draws the best known value where nothing reached it', () => {
    const lines = energyPicture({ moments: FALL, bestKnown: -20, paint });
    expect(lines[8]).toMatch(/^-20 ┤┄+ best known$/);
  });

  it('shows nothing of one value alone', () => {
    expect(energyPicture({ moments: FALL.slice(0, 1), bestKnown: null, paint })).toEqual([]);
    expect(energyPicture({ moments: [], bestKnown: null, paint })).toEqual([]);
  });

  it('keeps every fall and the end, and no more than can be seen', () => {
    const same = { ms: 20, flips: 200, energy: -2 };
    const last = { ms: 120, flips: 1200, energy: -10 };
    expect(thinned([FALL[0]!, same, ...FALL.slice(1), last])).toEqual([...FALL, last]);
    const many = Array.from({ length: 5000 }, (_, at) => ({ ms: at, flips: at, energy: -at }));
    expect(thinned(many).length).toBeLessThanOrEqual(241);
    expect(thinned(many).at(-1)).toEqual(many.at(-1));
  });
});
