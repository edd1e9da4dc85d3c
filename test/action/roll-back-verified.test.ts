import { beforeAll, describe, expect, it } from 'vitest';
import { rollBackVerified, type Steps } from '../../action/verbs/roll-back-verified.ts';
import { nothingSound } from '../../action/faults.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { coolsUntil, versionOf } from '../../registry/state/query.ts';
import { Version } from '../../registry/schema/model.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { injectedFailures, madeModels, worldOf, type Ill, type Made } from '../fixtures/ill-models.ts';
import { candidate, DIGITS, register, registryOn, stateOfDigits, ticking } from '../fixtures/registry.ts';

describe('a verified rollback', () => {
  const store = memoryStore();
  let made: readonly Made[] = [];
  beforeAll(async () => {
    made = await madeModels(store);
  });

  const world = (ill: Map<Digest, Ill>) => worldOf({ store, made, ill });

  const fileOf = (index: number): Digest => made[index]?.artifacts[0]?.digest as Digest;

  it('takes the version before, in one commit, after it answered its items as recorded', async () => {
    const { registry, steps, log } = await world(new Map());
    const before = (await log.read())?.head.size ?? 0;
    const found = await rollBackVerified(steps, { channel: 'production', to: null });
    expect(found).toMatchObject({ to: '1.3.0', flips: 1 });
    expect(found.probes).toMatchObject([
      { version: '1.3.0', sound: true, items: 24 },
      { version: '1.3.0', sound: true, items: 24 },
    ]);
    expect((await log.read())?.head.size).toBe(before + 1);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.3.0');
  });

  it('ends on a sound version that served before, in each of 200 injected failures', async () => {
    expect(await injectedFailures({ store, made, count: 200 })).toEqual({ trials: 200, verified: 200 });
  });

  it('changes nothing where no version is fit, and says of each why', async () => {
    const ill = new Map([0, 1, 2, 3].map((index) => [fileOf(index), 'missing' as const]));
    const { steps, registry } = await world(ill);
    await expect(rollBackVerified(steps, { channel: 'production', to: null })).rejects.toThrowFault(
      nothingSound,
    );
    expect((await stateOfDigits(registry)).serving.production).toBe('1.4.0');
    const named = rollBackVerified(steps, { channel: 'production', to: Version.parse('1.1.0') });
    await expect(named).rejects.toThrow(/1\.1\.0: wanted artifact/);
  });

  it('puts back what served at first where everything else went bad', async () => {
    const ill = new Map([0, 1, 2].map((index) => [fileOf(index), 'cut' as const]));
    const { steps, registry } = await world(ill);
    const flip: Steps['flip'] = async (to, from) => {
      await steps.flip(to, from);
      ill.set(fileOf(3), 'cut');
    };
    const found = await rollBackVerified({ ...steps, flip }, { channel: 'production', to: null });
    expect(found).toMatchObject({ to: '1.4.0', flips: 2 });
    expect((await stateOfDigits(registry)).serving.production).toBe('1.4.0');
  });

  it('is itself rolled back by naming the version that was taken back', async () => {
    const { steps, registry } = await world(new Map());
    await rollBackVerified(steps, { channel: 'production', to: null });
    const again = await rollBackVerified(steps, { channel: 'production', to: Version.parse('1.4.0') });
    expect(again).toMatchObject({ to: '1.4.0', flips: 1 });
    const known = await stateOfDigits(registry);
    expect(versionOf(known, Version.parse('1.4.0')).rolledBack).toBeNull();
    expect(versionOf(known, Version.parse('1.3.0')).rolledBack).toBe('a test');
  });
});

describe('the cool-down of automatic rollbacks', () => {
  const HOUR = 3_600_000;

  it('leaves a channel alone for a while, whoever asks automatically, and never a person', async () => {
    const registry = registryOn(memoryLog(), { now: ticking(Date.UTC(2026, 10, 21)) });
    for (const word of ['a', 'b', 'c']) await register(registry, candidate(word, 'pass'));
    const ask = {
      model: DIGITS,
      channel: 'production',
      to: null,
      from: null,
      reason: 'a test',
      evidence: null,
    } as const;
    const at = (hours: number) => ({
      ms: 24 * HOUR,
      now: new Date(Date.UTC(2026, 10, 21) + hours * HOUR).toISOString(),
    });
    const back = async (automatic: boolean, hours: number) =>
      (await registry.execute((state) => decideRollBack(state, { ...ask, automatic, coolDown: at(hours) })))
        .length;
    expect(await back(true, 0.1)).toBe(1);
    expect(await back(true, 1)).toBe(0);
    expect(await back(true, 23)).toBe(0);
    const known = await stateOfDigits(registry);
    expect(coolsUntil(known, 'production', at(1))).toMatch(/^2026-11-22T00:00/);
    expect(coolsUntil(known, 'staging', at(1))).toBeNull();
    // A clock that was set back does not freeze it for ever.
    expect(coolsUntil(known, 'production', at(-48))).toBeNull();
    expect(await back(false, 1)).toBe(1);
    expect(known.serving.production).toBe('1.1.0');
  });
});
