import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { mcnemar } from '../../pipelines/stats/compare.ts';
import { detectableDifference, itemsNeeded } from '../../pipelines/stats/power.ts';

describe('itemsNeeded', () => {
  // By hand with z = 1.644854 and 0.841621: (1.644854·√0.12 + 0.841621·√(0.12 − 0.0009))² / 0.0009
  // = (0.569794 + 0.290450)² / 0.0009 = 822.2; and with d = 0.05: (0.569794 + 0.288494)² / 0.0025 = 294.7.
  it('agrees with the formula worked by hand', () => {
    expect(itemsNeeded(0.03, { discordance: 0.12 })).toBe(823);
    expect(itemsNeeded(0.05, { discordance: 0.12 })).toBe(295);
  });

  // Oracle: the exact test itself, on simulated pairs; the formula is for large samples, hence the slack.
  it('asks for as many items as give about the power that was wanted', () => {
    const random = randomOf(8);
    const [discordance, difference] = [0.2, 0.1];
    const n = itemsNeeded(difference, { discordance });
    let noticed = 0;
    for (let trial = 0; trial < 2000; trial++) {
      let [wins, losses] = [0, 0];
      for (let item = 0; item < n; item++) {
        const draw = random.nextFloat();
        if (draw < (discordance + difference) / 2) wins += 1;
        else if (draw < discordance) losses += 1;
      }
      if (mcnemar({ wins, losses }).pBetter <= 0.05) noticed += 1;
    }
    expect(noticed / 2000).toBeGreaterThan(0.7);
    expect(noticed / 2000).toBeLessThan(0.88);
  });

  it('refuses a difference that discordance does not allow', () => {
    for (const difference of [0, 0.2, -0.1]) {
      expect(() => itemsNeeded(difference, { discordance: 0.1 })).toThrow(RangeError);
    }
    expect(() => itemsNeeded(0.1, { discordance: 1.5 })).toThrow(RangeError);
  });
});

describe('detectableDifference', () => {
  it('turns itemsNeeded round', () => {
    for (const n of [100, 450, 1000, 20_000]) {
      const design = { discordance: 0.15, alpha: 0.025, power: 0.9 };
      const difference = detectableDifference(n, design) ?? Number.NaN;
      expect(itemsNeeded(difference, design)).toBe(n);
    }
  });

  // Twenty items at one discordant in a hundred: none is expected to differ at all.
  it('is null when no outcome could be told from luck', () => {
    expect(detectableDifference(20, { discordance: 0.01 })).toBeNull();
    expect(detectableDifference(2000, { discordance: 0.01 })).not.toBeNull();
  });
});
