import { describe, expect, it } from 'vitest';
import { armOf, sampleRatioP } from '../../pipelines/stats/arms.ts';

const ids = Array.from({ length: 4000 }, (_, index) => `octo/models#${index}`);
const challengers = (salt: string, share: number): ReadonlySet<string> =>
  new Set(ids.filter((id) => armOf(id, { salt, share }) === 'challenger'));

describe('the split into arms', () => {
  it('gives the challenger its share, the same items each time', () => {
    const some = challengers('a', 0.2);
    // Three standard deviations of Binomial(4000, 0.2).
    expect(Math.abs(some.size - 800)).toBeLessThan(76);
    expect(challengers('a', 0.2)).toEqual(some);
  });

  it('leaves everything to the champion at no share', () => {
    expect(challengers('a', 0).size).toBe(0);
  });

  it('keeps the challenger’s items when its share grows, and deals anew for another comparison', () => {
    const [few, more, other] = [challengers('a', 0.1), challengers('a', 0.3), challengers('b', 0.1)];
    expect([...few].every((id) => more.has(id))).toBe(true);
    expect([...few].filter((id) => other.has(id)).length).toBeLessThan(few.size / 2);
  });
});

describe('sampleRatioP', () => {
  // By hand: doubled sums of C(10, k) / 1024, and 2 at most 1 where the smaller tail is more than a half.
  it.each([
    [8, 10, 0.5, 0.109375],
    [2, 10, 0.5, 0.109375],
    [10, 10, 0.5, 0.001953125],
    [5, 10, 0.5, 1],
    [0, 3, 0.2, 1],
  ])('of %i of %i at %f is %f', (challenger, total, share, p) => {
    expect(sampleRatioP({ challenger, total, share })).toBeCloseTo(p, 10);
  });

  it('suspects a side that lost a tenth of its items among thousands', () => {
    expect(sampleRatioP({ challenger: 4500, total: 9500, share: 0.5 })).toBeLessThan(1e-6);
  });
});
