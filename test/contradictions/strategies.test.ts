import { describe, expect, it } from 'vitest';
import { factOf, type Fact } from '../../pipelines/contradictions/fact.ts';
import { contradictionsIn } from '../../pipelines/contradictions/detect.ts';
import { resolved } from '../../pipelines/contradictions/resolve.ts';
import { byPriority, byTime } from '../../pipelines/contradictions/strategies.ts';

function told(value: string, changes: Partial<Fact> = {}): Fact {
  const fact = factOf({ says: value, where: 'here', rank: 'told' }, { kind: 'value', of: 'it', value });
  return { ...fact, ...changes };
}

describe('priority', () => {
  it('needs everybody who is given up to rank below everybody who is kept', () => {
    const [low, high] = [told('1'), told('2', { rank: 'counted' })];
    expect(byPriority({ givenUp: [low], kept: [high] })).toEqual({
      strategy: 'priority',
      reason: 'what was counted stands over what a record tells',
    });
    expect(byPriority({ givenUp: [low], kept: [high, told('3')] })).toBeNull();
    expect(byPriority({ givenUp: [], kept: [low] })).toBeNull();
  });

  it('never gives up a guard', () => {
    const guard = told('1', { guards: true });
    expect(byPriority({ givenUp: [guard], kept: [told('2', { rank: 'signed' })] })).toBeNull();
    expect(
      byTime({
        givenUp: [{ ...guard, changes: true, seq: 1 }],
        kept: [told('2', { changes: true, seq: 2 })],
      }),
    ).toBeNull();
  });
});

describe('time', () => {
  const word = (seq: number | null): Fact => told(`${seq}`, { changes: true, seq });

  it('lets the later word count, and nothing that no later word replaces', () => {
    expect(byTime({ givenUp: [word(1)], kept: [word(2)] })?.strategy).toBe('temporal');
    expect(byTime({ givenUp: [word(2)], kept: [word(1)] })).toBeNull();
    expect(byTime({ givenUp: [word(1)], kept: [word(null)] })).toBeNull();
    expect(byTime({ givenUp: [told('1')], kept: [word(2)] })).toBeNull();
  });
});

describe('contradictions that share facts', () => {
  it('are weighed together: what stands in both is given up once', () => {
    // Three records against one: by pairs alone each of them would be as good as the other.
    const facts = [told('1'), told('1'), told('1'), told('2')];
    const resolutions = resolved(contradictionsIn(facts));
    expect(resolutions).toHaveLength(3);
    // By records of one rank alone nothing is settled, however many say the same.
    expect(new Set(resolutions.map(({ strategy }) => strategy))).toEqual(new Set(['escalation']));
    const counted = resolved(contradictionsIn([...facts, told('2', { rank: 'counted' })]));
    expect(counted.filter(({ strategy }) => strategy === 'priority')).toHaveLength(3);
    const given = new Set(counted.flatMap(({ givenUp }) => givenUp));
    expect([...given].sort()).toEqual(facts.slice(0, 3));
  });

  it('are left to people where there are too many to weigh', () => {
    const facts = Array.from({ length: 400 }, (_, seq) => told('1', { rank: 'told', changes: true, seq }));
    const rivals = (['asked', 'gates', 'people', 'signed', 'counted'] as const).flatMap((rank) =>
      Array.from({ length: 400 }, (_, seq) => told('1', { rank, changes: true, seq })),
    );
    const all = [...facts, ...rivals];
    const [law] = contradictionsIn([told('1'), told('2')]).map((one) => one.law);
    const resolutions = resolved([{ law: law!, facts: all }]);
    expect(resolutions.map(({ strategy, givenUp }) => [strategy, givenUp])).toEqual([['escalation', []]]);
  });
});
