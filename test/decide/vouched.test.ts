/** What a parcel may carry that no author signed: it tells and holds back, and decides nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { foldRulesOf } from '../../action/verbs/fold-rules.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { decideStop } from '../../registry/decide/activate.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import { signerMissing } from '../../registry/faults.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { spentIn } from '../../registry/state/leases.ts';
import { ORIGIN } from '../fixtures/events.ts';
import {
  AT,
  beginning,
  begun,
  finished,
  forgerAt,
  leave,
  refusalIn,
  TWO,
  type Told,
  type World,
} from '../fixtures/parcels.ts';
import { DIGITS, registryOn, stateOfDigits } from '../fixtures/registry.ts';
import { idsOf } from '../fixtures/trust.ts';

const event = forgerAt(AT);
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

describe('a parcel that no author signed', () => {
  let world: World;
  beforeEach(async () => {
    world = await begun();
  });

  const NOTHING = { n: 10, errors: 9, expectedErrorMax: '0.1', eValue: '1000', detectedAt: 9 };
  const deciding: readonly (readonly [string, Told])[] = [
    ['retires no model', { type: 'model.retired', body: { reason: 'mine' } }],
    [
      'takes back no version, whatever service it claims to have seen',
      {
        type: 'model.rolled-back',
        body: {
          channel: 'staging',
          from: '1.1.0',
          to: '1.0.0',
          automatic: true,
          reason: 'mine',
          evidence: { ...NOTHING, outcomes: { kind: 'outcomes', digest: NO_DIGEST, sizeBytes: 1 } },
        },
      },
    ],
    [
      'forgets no bytes',
      {
        type: 'artifact.forgotten',
        subject: 'registry',
        body: { kind: 'dataset', removed: NO_DIGEST, replacement: null, rows: 1, reason: 'mine' },
      },
    ],
    ['lifts no hold', { type: 'hold.lifted', body: { reason: 'mine' } }],
    [
      'thaws no channel',
      { type: 'channel.thawed', subject: 'registry', body: { channel: 'production', reason: 'mine' } },
    ],
  ];

  it.each(deciding)('%s where no author signs', async (_, telling) => {
    await leave(world, [event(telling)]);
    expect(await refusalIn(world)).toMatch(`${telling.type}: nobody vouches that grace said so`);
  });

  it.each(deciding)('%s in a registry without a policy', async (_, telling) => {
    const open = await begun(null);
    await leave(open, [event(telling)]);
    expect(await refusalIn(open)).toMatch(`${telling.type}: nobody vouches that grace said so`);
  });

  it('is left by nobody for what no fold would take: the writer is told at once', async () => {
    const sent: unknown[] = [];
    const outbox = { eager: false, send: async (parcel: unknown) => void sent.push(parcel) };
    const writer = registryOn(world.log, { origin: ORIGIN, signers: [], outbox, visit: 'writer' });
    const retire = writer.execute((state) => decideRetirement(state, { model: DIGITS, reason: 'done' }));
    await expect(retire).rejects.toThrowFault(signerMissing);
    expect(sent).toEqual([]);
    await writer.execute((state) => decideStop(state, 'a fire'));
    expect(sent).toHaveLength(1);
  });
});

describe('a parcel of a run that nobody signed', () => {
  let world: World;
  beforeEach(async () => {
    world = await begun();
  });

  it('wipes out no run that is at work, to have its step done again', async () => {
    await leave(world, [event({ type: 'run.started', body: beginning('open').body })]);
    expect(await refusalIn(world)).toMatch(/has begun already/);
  });

  it.each<[string, () => readonly RegistryEvent[], RegExp]>([
    ['that nobody began', () => [finished(1)], /is not open/],
    [
      'that has ended already',
      () => [beginning('mine'), finished(1, { run: 'mine' }), finished(1, { run: 'mine' })],
      /is not open/,
    ],
    [
      'that took longer than it lasted',
      () => [beginning('mine'), finished(600_000, { run: 'mine' })],
      /it took 600000 ms and lasted 0/,
    ],
  ])('ends none %s', async (_, events, reason) => {
    const before = spentIn(await stateOfDigits(world.keeper), AT);
    await leave(world, events());
    expect(await refusalIn(world)).toMatch(reason);
    expect(spentIn(await stateOfDigits(world.keeper), AT)).toBe(before);
  });

  it.each([
    ['the model', 'compute:\n  budgets:\n    digits: 10\n'],
    ['every model', 'compute:\n  minutes: 10\n'],
  ])('uses up no minutes where the settings limit those of %s', async (_, settings) => {
    const rules = foldRulesOf(settingsOf(settings));
    await leave(world, [beginning('mine'), finished(30_000, { run: 'mine' })]);
    expect(await world.keeper.fold(world.inbox, rules)).toMatchObject({ folded: 0, refused: 1 });
    const { state } = (await world.keeper.read())!;
    expect(state.trust.refused.at(-1)!.reason).toMatch(/minutes of digits are limited/);
    expect(spentIn(state.models.get(DIGITS), AT)).toBe(0);
  });

  it('counts where an author signed it, and where no minutes are limited', async () => {
    const rules = foldRulesOf(settingsOf('compute:\n  budgets:\n    clouds: 10\n'));
    await leave(world, [beginning('mine'), finished(30_000, { run: 'mine' })]);
    expect(await world.keeper.fold(world.inbox, rules)).toMatchObject({ folded: 1, refused: 0 });
    world = await begun({ ...TWO, roles: { ...TWO.roles, author: { keys: idsOf('author', 'grace') } } });
    await leave(world, [beginning('mine'), finished(30_000, { run: 'mine' })], ['grace']);
    const limited = foldRulesOf(settingsOf('compute:\n  minutes: 10\n'));
    expect(await world.keeper.fold(world.inbox, limited)).toMatchObject({ folded: 1, refused: 0 });
    expect(spentIn(await stateOfDigits(world.keeper), AT)).toBe(30_000);
  });
});
