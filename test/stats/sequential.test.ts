import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { evidenceAgainst } from '../../pipelines/stats/sequential.ts';

describe('evidenceAgainst', () => {
  // By hand: one bet of half of 1/0.2, so λ = 2.5: error 1 + 2.5·0.8 = 3, right 1 − 2.5·0.2 = 0.5; 3·3·0.5·3 = 13.5.
  it('multiplies its bets', () => {
    const { value, peak, passedAt } = evidenceAgainst([1, 1, 0, 1], {
      errorRate: 0.2,
      alpha: 0.1,
      betShares: [0.5],
    });
    expect(value).toBeCloseTo(13.5, 12);
    expect(peak).toBeCloseTo(13.5, 12);
    expect(passedAt).toBe(3);
  });

  // Oracle: the definition without logarithms.
  it('is the mean of products over the bets', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (errors) => {
        const promised = { errorRate: 0.3, betShares: [0.1, 0.35, 0.8] };
        const running = [1, 1, 1];
        const path = errors.map((error) => {
          promised.betShares.forEach((share, bet) => {
            running[bet]! *= 1 + (share / 0.3) * ((error ? 1 : 0) - 0.3);
          });
          return running.reduce((sum, product) => sum + product, 0) / 3;
        });
        const found = evidenceAgainst(errors, promised);
        const [value, peak] = [path.at(-1) ?? 1, Math.max(1, ...path)];
        expect(found.value / value).toBeCloseTo(1, 10);
        expect(found.peak / peak).toBeCloseTo(1, 10);
        const passed = path.findIndex((each) => each >= 20);
        expect(found.passedAt).toBe(passed < 0 ? null : passed);
      }),
    );
  });

  // Ville: at most 5 in 100 streams that keep the promise may ever cry out, whenever one looks.
  it('rarely cries out while the promise is kept, and soon when it is broken', () => {
    const random = randomOf(21);
    const streamOf = (rate: number) => Array.from({ length: 1000 }, () => random.nextFloat() < rate);
    let alarms = 0;
    for (let stream = 0; stream < 400; stream++) {
      if (evidenceAgainst(streamOf(0.1), { errorRate: 0.1 }).passedAt !== null) alarms += 1;
    }
    expect(alarms / 400).toBeLessThan(0.05 + 0.03);
    const broken = evidenceAgainst(streamOf(0.25), { errorRate: 0.1 });
    expect(broken.passedAt ?? Number.NaN).toBeLessThan(150);
  });

  it('stays a number on a long stream of errors, and is 1 before any', () => {
    expect(evidenceAgainst([], { errorRate: 0.1 })).toEqual({ value: 1, peak: 1, passedAt: null });
    const long = evidenceAgainst(new Uint8Array(100_000).fill(1), { errorRate: 0.01 });
    expect(long.value).toBeCloseTo(1e300, -290);
    expect(Number.isFinite(long.value)).toBe(true);
  });

  it('refuses rates, levels and bets that are out of range', () => {
    for (const errorRate of [0, 1, Number.NaN]) {
      expect(() => evidenceAgainst([], { errorRate })).toThrow(RangeError);
    }
    expect(() => evidenceAgainst([], { errorRate: 0.1, alpha: 0 })).toThrow(RangeError);
    for (const betShares of [[], [1], [0]]) {
      expect(() => evidenceAgainst([], { errorRate: 0.1, betShares })).toThrow(RangeError);
    }
  });
});
