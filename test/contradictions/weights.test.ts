import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factOf, RANKS, type Fact } from '../../pipelines/contradictions/fact.ts';
import { weightsOf } from '../../pipelines/contradictions/weights.ts';

function fact(rank: Fact['rank'], seq: number | null): Fact {
  const statement = { kind: 'value', of: 'x', value: 'y' } as const;
  return factOf({ says: 'x is y', where: 'here', rank, seq, changes: seq !== null }, statement);
}

const FACTS = fc.array(
  fc.record({ rank: fc.constantFrom(...RANKS), seq: fc.option(fc.nat({ max: 5 }), { nil: null }) }),
  { minLength: 1, maxLength: 12 },
);

describe('weights of facts', () => {
  it('let no number of lower ranks outweigh one fact, nor one newer word outweigh two older of its rank', () => {
    fc.assert(
      fc.property(FACTS, (given) => {
        const facts = given.map(({ rank, seq }) => fact(rank, seq));
        const weights = weightsOf(facts);
        if (weights === null) throw new Error('twelve facts can be weighed');
        facts.forEach((one, i) => {
          const lower = facts.flatMap(({ rank }, j) =>
            RANKS.indexOf(rank) > RANKS.indexOf(one.rank) ? [weights[j]!] : [],
          );
          expect(weights[i]).toBeGreaterThan(lower.reduce((sum, weight) => sum + weight, 0));
          const mine = facts.flatMap(({ rank }, j) => (rank === one.rank && j !== i ? [weights[j]!] : []));
          const [a = Infinity, b = Infinity] = mine.sort((x, y) => x - y);
          expect(weights[i]).toBeLessThan(a + b);
        });
      }),
    );
  });

  it('grow with the place in the log, and are the same where nothing comes later', () => {
    const [old, young, stone, rock] = weightsOf([
      fact('people', 3),
      fact('people', 9),
      fact('told', null),
      fact('told', null),
    ])!;
    expect(young).toBeGreaterThan(old!);
    expect(stone).toBe(rock);
  });

  it('are none where they would be no exact numbers', () => {
    const many = RANKS.flatMap((rank) => Array.from({ length: 60 }, (_, seq) => fact(rank, seq)));
    expect(weightsOf(many)).toBeNull();
  });
});
