import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { confidenceSequence } from '../../pipelines/stats/confidence-sequence.ts';

describe('confidenceSequence', () => {
  it('knows nothing before the first item, and refuses counts that cannot be', () => {
    expect(confidenceSequence({ wins: 0, losses: 0, n: 0 })).toEqual({ low: -1, high: 1 });
    expect(() => confidenceSequence({ wins: 2, losses: 1, n: 2 })).toThrow(RangeError);
    expect(() => confidenceSequence({ wins: 0, losses: 0, n: 1 }, 0)).toThrow(RangeError);
  });

  // Oracle: the definition, item by item and without logarithms. At the low end the evidence is exactly 2/α.
  it('ends where the mean of the products over the bets is 40', () => {
    const { low } = confidenceSequence({ wins: 30, losses: 8, n: 200 });
    const items = [...Array<number>(30).fill(1), ...Array<number>(8).fill(-1), ...Array<number>(162).fill(0)];
    const bets = Array.from({ length: 25 }, (_, index) => 0.01 + 0.02 * index);
    const products = bets.map((bet) =>
      items.reduce((product, item) => product * (1 + bet * (item - low)), 1),
    );
    expect(products.reduce((sum, one) => sum + one, 0) / 25).toBeCloseTo(40, 6);
  });

  it('holds the difference that was seen, turns round with the sides, and shrinks with α', () => {
    const counts = fc.tuple(fc.nat(80), fc.nat(80), fc.nat(400));
    fc.assert(
      fc.property(counts, ([wins, losses, ties]) => {
        const n = wins + losses + ties;
        const { low, high } = confidenceSequence({ wins, losses, n });
        const seen = n === 0 ? 0 : (wins - losses) / n;
        expect(low).toBeLessThanOrEqual(seen + 1e-9);
        expect(high).toBeGreaterThanOrEqual(seen - 1e-9);
        const turned = confidenceSequence({ wins: losses, losses: wins, n });
        expect([turned.low, turned.high]).toEqual([0 - high, 0 - low]);
        expect(confidenceSequence({ wins, losses, n }, 0.2).low).toBeGreaterThanOrEqual(low);
      }),
      { numRuns: 40 },
    );
  });

  // By the theorem at most 5 of 100 sequences may ever miss; each is looked at after every 25 of 600 items.
  it('holds the true difference at every look, in at least 95 of 100 streams', () => {
    const random = randomOf(12);
    const [win, lose] = [0.09, 0.04];
    let missed = 0;
    for (let stream = 0; stream < 300; stream++) {
      let [wins, losses, misses] = [0, 0, false];
      for (let n = 1; n <= 600 && !misses; n++) {
        const draw = random.nextFloat();
        if (draw < win) wins += 1;
        else if (draw < win + lose) losses += 1;
        if (n % 25 > 0) continue;
        const { low, high } = confidenceSequence({ wins, losses, n });
        misses = win - lose < low || win - lose > high;
      }
      if (misses) missed += 1;
    }
    expect(missed / 300).toBeLessThanOrEqual(0.05);
  });
});
