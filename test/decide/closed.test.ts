/** Holds, frozen channels, requests and refusals, as the registry decides them whoever writes. */
import { describe, expect, it } from 'vitest';
import { decideFreeze, decideHold, decideThaw, decideUnhold } from '../../registry/decide/activate.ts';
import { decideApproval, decideRefusal, decideRequest } from '../../registry/decide/approve.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { approverUnknown, channelFrozen, promotionRefused } from '../../registry/faults.ts';
import { Version } from '../../registry/schema/model.ts';
import { objectionTo } from '../../registry/state/objection.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf } from '../fixtures/events.ts';
import { candidate, DIGITS, register, registryOn, stateOfDigits } from '../fixtures/registry.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const LATER = '2026-11-28T12:00:00.000Z';
const ONE = Version.parse('1.0.0');
const TWO = Version.parse('1.1.0');
const KURT = { kind: 'user', id: 2, login: 'kurt' } as const;
const GRACE = { kind: 'user', id: 3, login: 'grace' } as const;
const promotion = { model: DIGITS, version: ONE, channel: 'staging' as const };
const asked = { ...promotion, waived: [], reason: 'try it', now: NOW };
const why = { model: DIGITS, reason: 'a release is near' };
const frozen = { channel: 'production' as const, reason: 'a release is near' };

async function serving(): Promise<Registry> {
  const registry = registryOn();
  await register(registry, candidate('first', 'pass'));
  await register(registry, candidate('second', 'pass'));
  return registry;
}

describe('a held model', () => {
  it('is not promoted by the gates, until it is let go', async () => {
    const registry = await serving();
    await registry.execute((state) => decideHold(state, why));
    await register(registry, candidate('third', 'pass'));
    expect((await stateOfDigits(registry)).serving.production).toBe(TWO);
    await registry.execute((state) => decideUnhold(state, why));
    await register(registry, candidate('fourth', 'pass'));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.3.0');
  });

  it('is held once, and promoted by people all the same', async () => {
    const registry = await serving();
    await registry.execute((state) => decideHold(state, why));
    expect(await registry.execute((state) => decideHold(state, why))).toEqual([]);
    await registry.execute((state) => decidePromotion(state, asked));
    expect((await stateOfDigits(registry)).serving.staging).toBe(ONE);
  });

  it('is a reason to object to what the gates promoted elsewhere', async () => {
    const registry = await serving();
    await registry.execute((state) => decideHold(state, why));
    const { state } = (await registry.read())!;
    const event = eventOf('model.promoted', { version: '1.0.0', channel: 'staging', automatic: true });
    expect(objectionTo(state, event, { origin: 'local/test', now: NOW })).toContain('digits is held');
  });
});

describe('a frozen channel', () => {
  it('takes nothing new from people or gates, and lets the version before serve again', async () => {
    const registry = await serving();
    await registry.execute((state) => decideFreeze(state, frozen));
    await register(registry, candidate('third', 'pass'));
    expect((await stateOfDigits(registry)).serving.production).toBe(TWO);
    const into = { ...asked, channel: 'production' as const };
    await expect(registry.execute((state) => decidePromotion(state, into))).rejects.toThrowFault(
      channelFrozen,
    );
    await registry.execute((state) => decidePromotion(state, asked));
    const back = {
      model: DIGITS,
      channel: 'production',
      to: null,
      from: null,
      automatic: true,
      reason: 'bad',
    } as const;
    await registry.execute((state) => decideRollBack(state, { ...back, evidence: null }));
    expect((await stateOfDigits(registry)).serving).toEqual({ production: ONE, staging: ONE });
    // What was taken back itself comes in by no back door.
    await expect(
      registry.execute((state) => decideRollBack(state, { ...back, to: TWO, evidence: null })),
    ).rejects.toThrowFault(channelFrozen);
  });

  it('opens again', async () => {
    const registry = await serving();
    await registry.execute((state) => decideFreeze(state, frozen));
    expect(await registry.execute((state) => decideFreeze(state, frozen))).toEqual([]);
    await registry.execute((state) => decideThaw(state, frozen));
    await registry.execute((state) => decidePromotion(state, { ...asked, channel: 'production' }));
    expect((await stateOfDigits(registry)).serving.production).toBe(ONE);
  });

  it('is opened by no tag', async () => {
    const registry = await serving();
    await registry.execute((state) => decideFreeze(state, frozen));
    const { state } = (await registry.read())!;
    const deed = { kind: 'serves', channel: 'production', version: '1.0.0' } as const;
    const found = objectionTo(state, eventOf('model.imported', { deed }), { origin: 'local/test', now: NOW });
    expect(found).toContain('production is frozen');
  });
});

describe('a promotion that was asked for', () => {
  it('remembers who asked first, until something else is asked for', async () => {
    const registry = await serving();
    await registry.execute((state) => decideRequest(state, { ...promotion, by: KURT, reason: 'better' }));
    expect(
      await registry.execute((state) => decideRequest(state, { ...promotion, by: GRACE, reason: 'a' })),
    ).toEqual([]);
    expect((await stateOfDigits(registry)).asked).toMatchObject([{ reason: 'better', of: { version: ONE } }]);
    await register(registry, candidate('third', 'pass'));
    expect((await stateOfDigits(registry)).asked).toEqual([]);
  });

  it('and refused is promoted by nobody, until whoever refused approves it', async () => {
    const log = memoryLog();
    const [kurt, grace] = [KURT, GRACE].map((actor) => registryOn(log, { actor, visit: actor.login }));
    if (kurt === undefined || grace === undefined) throw new Error('two people were wanted');
    const robot = registryOn(log, { actor: { kind: 'bot', id: 9, login: 'ci' }, visit: 'ci' });
    await register(robot, candidate('first', 'pass'));
    const word = { ...promotion, least: 1 };
    await grace.execute((state) => decideRefusal(state, { ...word, by: GRACE, reason: 'worse on sevens' }));
    await expect(kurt.execute((state) => decidePromotion(state, asked))).rejects.toThrowFault(
      promotionRefused,
    );
    await kurt.execute((state) => decideApproval(state, { ...word, by: KURT, expires: LATER }));
    await expect(kurt.execute((state) => decidePromotion(state, asked))).rejects.toThrowFault(
      promotionRefused,
    );
    await grace.execute((state) => decideApproval(state, { ...word, by: GRACE, expires: LATER }));
    await kurt.execute((state) => decidePromotion(state, { ...asked, least: 2 }));
    expect((await stateOfDigits(robot)).serving.staging).toBe(ONE);
  });

  it('is refused by people with an account alone, its own author among them', async () => {
    const registry = registryOn(memoryLog(), { actor: GRACE });
    await register(registry, candidate('first', 'pass'));
    const local = { kind: 'local', login: 'ada' } as const;
    await expect(
      registry.execute((state) => decideRefusal(state, { ...promotion, by: local, reason: 'no' })),
    ).rejects.toThrowFault(approverUnknown);
    await registry.execute((state) =>
      decideRefusal(state, { ...promotion, by: GRACE, reason: 'mine is bad' }),
    );
    expect((await stateOfDigits(registry)).refusals).toHaveLength(1);
  });

  it('is about what is there: a word on something else is objected to', async () => {
    const { state } = (await (await serving()).read())!;
    const event = eventOf('promotion.refused', { version: '1.0.0', channel: 'staging', seen: 1 });
    expect(objectionTo(state, event, { origin: 'local/test', now: NOW })).toContain('something else');
  });
});

describe('a visit that is handled again', () => {
  it('recalls what it did, on a later day too, and does it once', async () => {
    const log = memoryLog();
    await register(registryOn(log), candidate('first', 'pass'));
    const visit = { visit: 'comment-5', askedAt: '2026-11-21T23:59:00.000Z', actor: KURT };
    const first = registryOn(log, { ...visit, now: () => '2026-11-21T23:59:30.000Z' });
    const deed = { type: 'hold.placed', subject: DIGITS } as const;
    expect(await first.recall(deed)).toBeNull();
    await first.execute((state) => decideHold(state, why));
    const again = registryOn(log, { ...visit, now: () => '2026-11-22T00:00:30.000Z' });
    expect(await again.recall(deed)).toMatchObject({ type: 'hold.placed', at: '2026-11-21T23:59:30.000Z' });
    const size = (await again.read())?.size;
    await again.execute(() => [{ ...deed, body: { reason: why.reason } }]).catch(() => undefined);
    expect((await again.read())?.size).toBe(size);
  });
});
