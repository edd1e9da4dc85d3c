import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBeat, decideLease, decideReaping, decideReturn } from '../../registry/decide/lease.ts';
import { decideRunFailure, decideRunStart } from '../../registry/decide/record-run.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { leaseHeld, leaseLost, leaseSpent, runNotOpen } from '../../registry/faults.ts';
import { estimateOf, leaseOf, performedElsewhere, spentIn } from '../../registry/state/leases.ts';
import { candidate, DIGITS, register, registryOn, runId, stateOfDigits } from '../fixtures/registry.ts';

const RUN = runId('one');
const STEP = 'train';
const THIS = { model: DIGITS, run: RUN };
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 21, 12, minute)).toISOString();
const ask = (holder: string, minute: number) => ({
  model: DIGITS,
  run: RUN,
  step: STEP,
  holder,
  now: at(minute),
  minutes: 10,
});
const RECORD = {
  step: STEP,
  stage: 'train',
  digest: digestOf('the step'),
  outputs: { model: { kind: 'onnx' as const, digest: digestOf('the model'), sizeBytes: 7 } },
  tookMs: 400,
  known: false,
};

async function begun(): Promise<Registry> {
  const registry = registryOn();
  const start = { model: DIGITS, run: RUN, recipe: 'r', asked: {}, inputs: [], steps: [STEP] };
  await registry.execute((state) => decideRunStart(state, start));
  return registry;
}

const take = (registry: Registry, holder: string, minute: number) =>
  registry.execute((state) => decideLease(state, ask(holder, minute)));
const reap = (registry: Registry, minute: number) =>
  registry.execute((state) => decideReaping(state, at(minute)));

describe('a lease', () => {
  it('is held by one machine, which holds on to it by saying so', async () => {
    const registry = await begun();
    await take(registry, 'a', 0);
    await expect(take(registry, 'b', 5)).rejects.toThrowFault(leaseHeld);
    await registry.execute((state) => decideBeat(state, ask('a', 8)));
    await expect(take(registry, 'b', 15)).rejects.toThrowFault(leaseHeld);
    expect(leaseOf(await stateOfDigits(registry), RUN, STEP)).toMatchObject({
      attempt: 1,
      beat: 1,
      until: at(18),
    });
  });

  it('gives what was performed to whoever knows the step’s digest, and is charged for', async () => {
    const registry = await begun();
    await take(registry, 'a', 0);
    const end = { kind: 'performed' as const, record: RECORD };
    const back = { ...ask('a', 3), end };
    await registry.execute((state) => decideReturn(state, back));
    expect(await registry.execute((state) => decideReturn(state, back))).toEqual([]);
    const view = await registry.read();
    if (view === null) throw new Error('no registry');
    expect(performedElsewhere(view.state, { ...THIS, digest: RECORD.digest })?.outputs).toEqual(
      RECORD.outputs,
    );
    expect(performedElsewhere(view.state, { ...THIS, digest: digestOf('another') })).toBeNull();
    expect(spentIn(await stateOfDigits(registry), at(59))).toBeGreaterThanOrEqual(0);
  });

  it('is lost when nobody holds on to it, and whoever wakes up late is told', async () => {
    const registry = await begun();
    await take(registry, 'a', 0);
    expect(await reap(registry, 9)).toEqual([]);
    expect(await reap(registry, 10)).toHaveLength(1);
    await expect(registry.execute((state) => decideBeat(state, ask('a', 11)))).rejects.toThrowFault(
      leaseLost,
    );
    await take(registry, 'b', 12);
    const late = { ...ask('a', 13), end: { kind: 'performed' as const, record: RECORD } };
    await expect(registry.execute((state) => decideReturn(state, late))).rejects.toThrowFault(leaseLost);
    expect(leaseOf(await stateOfDigits(registry), RUN, STEP)).toMatchObject({
      attempt: 2,
      holder: 'b',
      end: null,
    });
  });

  it('is tried three times; the run that lost a step for the third time ends', async () => {
    const registry = await begun();
    for (const [minute, holder] of [
      [0, 'a'],
      [20, 'b'],
      [40, 'c'],
    ] as const) {
      await take(registry, holder, minute);
    }
    await expect(take(registry, 'd', 59)).rejects.toThrowFault(leaseSpent);
    await reap(registry, 59);
    const { runs, leases } = await stateOfDigits(registry);
    expect(runs[0]?.outcome).toMatchObject({ kind: 'failed', fault: leaseSpent.code, step: STEP });
    expect(leases).toEqual([]);
    await expect(take(registry, 'e', 59)).rejects.toThrowFault(runNotOpen);
  });

  it('never has two holders, whatever happens in whatever order', async () => {
    const deed = fc.record({
      who: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('take', 'beat', 'fail', 'reap'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async (deeds) => {
        const registry = await begun();
        // The oracle: who holds it until when, by the words of the rule alone.
        let held: { who: string; until: number } | null = null;
        for (const [index, { who, what }] of deeds.entries()) {
          const minute = index * 4;
          const free = held === null || held.until <= minute;
          const mine = held !== null && held.who === who;
          const act = {
            take: () => take(registry, who, minute),
            beat: () => registry.execute((state) => decideBeat(state, ask(who, minute))),
            fail: () =>
              registry.execute((state) =>
                decideReturn(state, { ...ask(who, minute), end: { kind: 'failed', fault: 'f', says: 's' } }),
              ),
            reap: () => reap(registry, minute),
          }[what];
          const went = await act().then(
            () => true,
            () => false,
          );
          if (what === 'take' && went) {
            expect(free || mine).toBe(true);
            held = { who, until: minute + 10 };
          } else if (what === 'take') {
            expect(held === null ? 'spent' : free ? 'spent' : 'held').not.toBe('free');
          } else if (what === 'beat' && went) held = { who, until: minute + 10 };
          else if (what === 'fail' && went) held = null;
          else if (what === 'reap' && free) held = null;
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('what runs took', () => {
  it('is added up by month and estimated by the longest of the last', async () => {
    const registry = registryOn();
    expect(estimateOf(undefined)).toBeNull();
    for (const [word, tookMs] of [
      ['a', 100],
      ['b', 900],
      ['c', 300],
    ] as const) {
      await register(registry, candidate(word, 'pass', { steps: [{ ...RECORD, tookMs }] }));
    }
    const known = await stateOfDigits(registry);
    expect(spentIn(known, at(0))).toBe(1300);
    expect(spentIn(known, '2026-12-01T00:00:00.000Z')).toBe(0);
    expect(estimateOf(known)).toBe(900);
  });

  it('counts a run that failed by how long it was at work', async () => {
    const registry = await begun();
    const outcome = { kind: 'failed' as const, fault: 'f', says: 's', step: null };
    await registry.execute((state) =>
      decideRunFailure(state, { model: DIGITS, run: RUN, outcome, steps: [] }),
    );
    // The clock of these tests ticks a second an event.
    expect(spentIn(await stateOfDigits(registry), at(0))).toBe(1000);
  });
});
