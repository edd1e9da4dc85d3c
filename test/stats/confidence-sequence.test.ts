import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { pairedDifference } from '../../pipelines/stats/compare.ts';
import { differenceSequence } from '../../pipelines/stats/confidence-sequence.ts';

describe('differenceSequence', () => {
  it('knows nothing before the first item, and mirrors when the two change places', () => {
    const { low, high } = differenceSequence({ wins: 0, losses: 0, n: 0 });
    expect(low).toBeCloseTo(-1, 9);
    expect(high).toBeCloseTo(1, 9);
    const one = differenceSequence({ wins: 30, losses: 12, n: 400 });
    const other = differenceSequence({ wins: 12, losses: 30, n: 400 });
    expect(one.low).toBeCloseTo(-other.high, 9);
    expect(one.high).toBeCloseTo(-other.low, 9);
  });

  // It pays for being looked at always: wider than the interval for one look, and around it.
  it('holds the interval of one look, and shrinks as items come', () => {
    let before = 2;
    for (const scale of [1, 4, 16, 64]) {
      const count = { wins: 30 * scale, losses: 12 * scale, n: 400 * scale };
      const [always, once] = [differenceSequence(count), pairedDifference(count)];
      expect(always.low).toBeLessThan(once.low);
      expect(always.high).toBeGreaterThan(once.high);
      expect(always.high - always.low).toBeLessThan(before / 1.5);
      before = always.high - always.low;
    }
  });

  // The convention of its docstring: the true difference is outside at any moment in at most 5 of 100 streams.
  it('keeps the truth inside at every moment', () => {
    const random = randomOf(9);
    const [discordance, gain] = [0.3, 0.1];
    let missed = 0;
    for (let stream = 0; stream < 200; stream++) {
      let [wins, losses] = [0, 0];
      for (let n = 1; n <= 400; n++) {
        const draw = random.nextFloat();
        if (draw < (discordance + gain) / 2) wins += 1;
        else if (draw < discordance) losses += 1;
        if (n % 10 !== 0) continue;
        const { low, high } = differenceSequence({ wins, losses, n });
        if (low <= gain && gain <= high) continue;
        missed += 1;
        break;
      }
    }
    expect(missed / 200).toBeLessThan(0.05);
  });

  it('refuses counts that cannot be', () => {
    expect(() => differenceSequence({ wins: 3, losses: 3, n: 5 })).toThrow(RangeError);
    expect(() => differenceSequence({ wins: 1, losses: 1, n: 5 }, 1)).toThrow(RangeError);
  });
});
