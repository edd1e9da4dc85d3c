/** Parcels that would stop every fold, give back a budget, speak for somebody else or reserve a step for ever. */
import { beforeEach, describe, expect, it } from 'vitest';
import { foldRulesOf } from '../../action/verbs/fold-rules.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { decideApproval, decideRefusal } from '../../registry/decide/approve.ts';
import { decideLease, decideReturn } from '../../registry/decide/lease.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { type Actor } from '../../registry/schema/event.ts';
import { Version } from '../../registry/schema/model.ts';
import type { Policy } from '../../registry/schema/policy.ts';
import { approvable } from '../../registry/state/approvals.ts';
import { performedElsewhere, spentIn } from '../../registry/state/leases.ts';
import { problemsIn } from '../conformance/event-log.ts';
import { ORIGIN } from '../fixtures/events.ts';
import {
  AT,
  beginning,
  begun,
  finished,
  forgerAt,
  leave,
  refusalIn,
  RUN,
  TWO,
  user,
  type World,
} from '../fixtures/parcels.ts';
import { candidate, DIGITS, register, registryOn, runId, stateOfDigits } from '../fixtures/registry.ts';
import { ADA, GRACE, idsOf, KURT, SIGNERS } from '../fixtures/trust.ts';

const DAY = '2026-11-21';
const LATER = '2026-11-30T12:00:00.000Z';
const VERSION = Version.parse('1.1.0');
const ASK = { model: DIGITS, version: VERSION, channel: 'production' as const };
const MOST = Number.MAX_SAFE_INTEGER;
const event = forgerAt(AT);

/** A version with its verdict, as any writer records it. */
function judged(version: string, alpha: string, at = AT): readonly RegistryEvent[] {
  const { lineage, artifacts } = candidate(version, 'pass');
  const gates = [{ gate: 'improvement', answer: 'pass', reason: 'mine', alpha }];
  const verdict = { version, run: lineage.run, against: null, answer: 'pass', gates, keepsData: false };
  return [
    event({ type: 'model.registered', body: { version, artifacts, lineage }, at }),
    event({ type: 'verdict.given', body: verdict, at }),
  ];
}

describe('a parcel of numbers', () => {
  let world: World;
  beforeEach(async () => {
    world = await begun();
  });

  it('stops no fold by more milliseconds than can be written down', async () => {
    // With a signature, since without one nothing takes longer than it lasted.
    world = await begun({ ...TWO, roles: { ...TWO.roles, author: { keys: idsOf('author', 'grace') } } });
    await leave(world, [finished(MOST), finished(MOST)], ['grace']);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1 });
    await leave(world, [finished(MOST)], ['grace']);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1 });
    await register(world.keeper, candidate('third', 'pass'));
    expect(await problemsIn(world.log)).toEqual([]);
  });

  it.each(['999999999999999', '-1000', '1.5'])('takes no chance of %s from the budget', async (alpha) => {
    await leave(world, judged('5.0.0', alpha));
    expect(await refusalIn(world)).toMatch(/is no chance/);
  });

  it.each([
    ['registers', 'model.registered', { version: '999999999.999999999.999999999' }],
    ['imports', 'model.imported', { deed: { kind: 'registered', version: '999999999.999999999.999999999' } }],
  ])('%s no last of all versions, after which nothing could be trained', async (_, type, changes) => {
    const { lineage, artifacts } = candidate('last', 'pass');
    const tag = { source: 'gto', tag: 't', commit: 'c', taggedAt: AT, by: 'Mallory' };
    const body = type === 'model.imported' ? { ...tag, ...changes } : { lineage, artifacts, ...changes };
    await leave(world, [event({ type, body })]);
    expect(await refusalIn(world)).toMatch(/no room/);
    await register(world.keeper, candidate('third', 'pass'));
  });

  it('gives no budget back by events of months to come', async () => {
    const before = spentIn(await stateOfDigits(world.keeper), AT);
    await leave(world, [beginning('new'), finished(1000, { run: 'new' })]);
    await world.keeper.fold(world.inbox);
    const future = ['2099-01', '2099-02', '2099-03'];
    await leave(
      world,
      future.map((month) => finished(1, { at: `${month}-01T00:00:00.000Z` })),
    );
    expect(await refusalIn(world)).toMatch(/2099/);
    expect(spentIn(await stateOfDigits(world.keeper), AT)).toBe(before + 1000);
  });

  it('gives no chances back by verdicts of days to come', async () => {
    await leave(world, judged('5.0.0', '0.025'));
    await world.keeper.fold(world.inbox);
    const days = Array.from({ length: 62 }, (_, day) => new Date(Date.UTC(2099, 0, day + 1)).toISOString());
    await leave(
      world,
      days.flatMap((at, index) => judged(`6.${index}.0`, '0', at)),
    );
    await refusalIn(world);
    const { grants } = await stateOfDigits(world.keeper);
    expect(grants).toMatchObject([{ day: DAY, judged: 1 }]);
  });
});

describe('a parcel about who asked', () => {
  const word = async ({ keeper }: World, type: string, by: Actor): Promise<RegistryEvent> => {
    const of = approvable((await keeper.read())!.state, ASK);
    return event({ type, by, body: { ...of, reason: 'mine' } });
  };
  const signed = (...names: readonly (keyof typeof SIGNERS)[]): Policy => ({
    ...TWO,
    roles: { ...TWO.roles, author: { keys: idsOf(...names) } },
  });

  it('asks in nobody’s name where no author signs, so that whoever asks next does not approve it', async () => {
    const world = await begun();
    await leave(world, [await word(world, 'promotion.asked', user(GRACE))]);
    expect(await refusalIn(world)).toMatch(/nobody vouches that grace/);
  });

  it.each(['promotion.asked', 'promotion.refused'])(
    'gives no %s of somebody else than who signed',
    async (type) => {
      const world = await begun(signed('author', 'ada'));
      await leave(world, [await word(world, type, user(KURT))], ['ada']);
      expect(await refusalIn(world)).toMatch(/cannot speak for kurt/);
    },
  );

  it('asks as nobody who could be counted out not at all', async () => {
    const world = await begun(signed('author', 'ada'));
    await leave(world, [await word(world, 'promotion.asked', { kind: 'local', login: 'ada' })], ['ada']);
    expect(await refusalIn(world)).toMatch(/only a GitHub account/);
  });

  it('registers no version of somebody else than who signed, to be approved by its own author', async () => {
    const world = await begun(signed('author', 'ada'));
    const { lineage, artifacts } = candidate('third', 'pass');
    const body = { version: '1.2.0', artifacts, lineage };
    await leave(world, [event({ type: 'model.registered', by: user(KURT), body })], ['ada']);
    expect(await refusalIn(world)).toMatch(/cannot speak for kurt/);
  });

  it('refuses nothing for who may not approve it', async () => {
    const from = { production: { count: 1, from: [GRACE.id] } };
    const world = await begun({ ...signed('author', 'kurt', 'ada', 'grace'), approvals: from });
    await leave(world, [await word(world, 'promotion.refused', user(KURT))], ['kurt']);
    expect(await refusalIn(world)).toMatch(/does not name this account/);
    const grace = registryOn(world.log, {
      origin: ORIGIN,
      signers: [SIGNERS.log, SIGNERS.grace],
      actor: user(GRACE),
      visit: 'grace',
    });
    const by = user(GRACE);
    await grace.execute((state) => decideApproval(state, { ...ASK, by, expires: LATER }));
    await grace.execute((state) => decideRefusal(state, { ...ASK, by, reason: 'on second thoughts' }));
    // Whoever made the version takes it back without being one who may approve.
    const ada = user(ADA);
    await world.keeper.execute((state) => decideRefusal(state, { ...ASK, by: ada, reason: 'a flaw' }));
    expect((await stateOfDigits(world.keeper)).refusals.map(({ by: who }) => who)).toEqual(['grace', 'ada']);
    expect(await problemsIn(world.log)).toEqual([]);
  });
});

describe('a parcel past the approvals that only the settings ask for', () => {
  const rules = foldRulesOf(
    settingsOf('bot:\n  channels:\n    production:\n      approvals:\n        count: 1\n'),
  );

  it.each<[string, string, object]>([
    [
      'promotes nothing',
      'model.promoted',
      { version: '1.1.0', replaces: '1.0.0', automatic: false, waived: [], reason: 'mine' },
    ],
    [
      'tells of no tag',
      'model.imported',
      {
        source: 'gto',
        tag: 'digits#production#9',
        commit: 'c',
        taggedAt: AT,
        by: 'Mallory',
        deed: { kind: 'serves', channel: 'production', version: '1.1.0' },
      },
    ],
  ])('%s', async (_, type, body) => {
    const world = await begun(null);
    // By hand, because whoever begins without rules promotes what passes.
    await world.keeper.execute((state) =>
      decideRollBack(state, {
        model: DIGITS,
        channel: 'production',
        to: null,
        from: null,
        automatic: false,
        reason: 'a drill',
        evidence: null,
      }),
    );
    const channel = type === 'model.promoted' ? { channel: 'production' } : {};
    await leave(world, [event({ type, body: { ...body, ...channel } })]);
    expect(await world.keeper.fold(world.inbox, rules)).toMatchObject({ folded: 0, refused: 1 });
    const { state } = (await world.keeper.read())!;
    expect(state.trust.refused.at(-1)!.reason).toMatch(
      /settings ask for 1 approvals for production, found 0/,
    );
    expect(state.models.get(DIGITS)!.serving.production).toBe('1.0.0');
  });
});

describe('a parcel of leases', () => {
  const RECORD = {
    step: 'train',
    stage: 'train',
    digest: digestOf('the step'),
    outputs: { model: { kind: 'onnx' as const, digest: digestOf('evil'), sizeBytes: 7 } },
    tookMs: 4,
    known: false,
  };
  const minutes = (count: number): string => new Date(Date.parse(AT) + count * 60_000).toISOString();
  const taken = (more: object): RegistryEvent => {
    const lease = { run: RUN, step: 'train', attempt: 1, beat: 0, holder: 'm', until: minutes(10) };
    return event({ type: 'lease.taken', body: { ...lease, ...more } });
  };
  const ended = (more: object): RegistryEvent => {
    const end = { kind: 'performed', record: RECORD };
    return event({
      type: 'lease.ended',
      body: { run: RUN, step: 'train', attempt: 1, end, heldMs: 4, ...more },
    });
  };
  let world: World;
  beforeEach(async () => {
    world = await begun(null);
  });

  it.each<[string, object, RegExp]>([
    ['for ever', { until: '2999-01-01T00:00:00.000Z' }, /too long/],
    ['of a run that is not open', { run: runId('second') }, /is not open/],
    ['of a run that nobody began', { run: runId('never') }, /is not open/],
    ['of a step that the run has not', { step: 'deploy' }, /no step/],
    ['at its last attempt before the first', { attempt: 3 }, /attempt/],
  ])('takes no step %s', async (_, more, reason) => {
    await leave(world, [taken(more)]);
    expect(await refusalIn(world)).toMatch(reason);
  });

  it('takes no step from its holder', async () => {
    const ask = { model: DIGITS, run: RUN, step: 'train', holder: 'honest', now: AT, minutes: 60 };
    await world.keeper.execute((state) => decideLease(state, ask));
    await leave(world, [taken({ beat: 1, until: minutes(20) })]);
    expect(await refusalIn(world)).toMatch(/honest/);
    await leave(world, [taken({ attempt: 2, until: minutes(20) })]);
    expect(await refusalIn(world)).toMatch(/honest/);
  });

  it('gives no result of a step that nobody took, nor of another than was taken', async () => {
    await leave(world, [ended({})]);
    expect(await refusalIn(world)).toMatch(/nobody holds/);
    const other = { kind: 'performed', record: { ...RECORD, step: 'evaluate' } };
    await leave(world, [taken({}), ended({ end: other })]);
    expect(await refusalIn(world)).toMatch(/evaluate/);
  });

  it('is as good as a machine of ours where it keeps to the rules', async () => {
    await leave(world, [taken({}), taken({ beat: 1 }), ended({})]);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1, refused: 0 });
  });

  it('gives nothing to the runs of another model', async () => {
    const ask = { model: DIGITS, run: RUN, step: 'train', holder: 'm', now: AT };
    await world.keeper.execute((state) => decideLease(state, { ...ask, minutes: 60 }));
    const end = { kind: 'performed' as const, record: RECORD };
    await world.keeper.execute((state) => decideReturn(state, { ...ask, end }));
    const { state } = (await world.keeper.read())!;
    expect(performedElsewhere(state, { model: DIGITS, run: RUN, digest: RECORD.digest })).not.toBeNull();
    expect(performedElsewhere(state, { model: DIGITS, run: runId('x'), digest: RECORD.digest })).toBeNull();
  });
});
