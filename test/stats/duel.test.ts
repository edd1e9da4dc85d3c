import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { DUEL_BETS, duelEvidence, winsNeeded } from '../../pipelines/stats/duel.ts';

describe('duelEvidence', () => {
  // Oracle: the definition, one item after the other and without logarithms.
  it('is the mean of products over the bets, whatever the order of the items', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (won) => {
        const products = DUEL_BETS.map((bet) =>
          won.reduce((product, win) => product * (win ? 1 + bet : 1 - bet), 1),
        );
        const mean = products.reduce((sum, product) => sum + product, 0) / products.length;
        const wins = won.filter(Boolean).length;
        expect(duelEvidence({ wins, losses: won.length - wins }) / mean).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is 1 before the first item, and a number after any', () => {
    expect(duelEvidence({ wins: 0, losses: 0 })).toBeCloseTo(1, 12);
    expect(duelEvidence({ wins: 100_000, losses: 0 })).toBeCloseTo(1e300, -290);
    expect(() => duelEvidence({ wins: 0.5, losses: 0 })).toThrow(RangeError);
  });

  // Ville: of duels between equals, looked at after every item, at most 5 in 100 may ever pass 20.
  it('rarely declares a winner among equals, however often one looks', () => {
    const random = randomOf(4);
    let declared = 0;
    for (let duel = 0; duel < 1000; duel++) {
      let [wins, losses] = [0, 0];
      for (let item = 0; item < 300; item++) {
        if (random.nextFloat() < 0.5) wins += 1;
        else losses += 1;
        if (duelEvidence({ wins, losses }) < 20) continue;
        declared += 1;
        break;
      }
    }
    expect(declared / 1000).toBeLessThan(0.05);
  });
});

describe('winsNeeded', () => {
  // Recorded from an independent program with 25 bets from 0.02 to 0.98.
  it('is what another program found', () => {
    const found = [0, 1, 2, 5, 10, 20, 40].map((losses) => [
      winsNeeded(losses, 0.05),
      winsNeeded(losses, 0.01),
    ]);
    expect(found).toEqual([
      [7, 9],
      [10, 13],
      [12, 15],
      [18, 22],
      [27, 32],
      [43, 48],
      [72, 78],
    ]);
  });

  it('takes a chance strictly between 0 and 1', () => {
    expect(() => winsNeeded(0, 0)).toThrow(RangeError);
  });
});
