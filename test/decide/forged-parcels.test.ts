/** Whoever can push can leave a parcel: none of them decides what the log's own writers could not. */
import { beforeEach, describe, expect, it } from 'vitest';
import { decideStop } from '../../registry/decide/activate.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry, RegistryOptions } from '../../registry/decide/execute.ts';
import { readImport } from '../../registry/decide/import-gto.ts';
import { ModelName, Version } from '../../registry/schema/model.ts';
import type { Policy } from '../../registry/schema/policy.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { type Actor } from '../../registry/schema/event.ts';
import { approvable } from '../../registry/state/approvals.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { problemsIn } from '../conformance/event-log.ts';
import { idemFor, ORIGIN } from '../fixtures/events.ts';
import { forgerAt, leave, memoryInbox, refusalIn, user, type World } from '../fixtures/parcels.ts';
import { candidate, DIGITS, register, registryOn } from '../fixtures/registry.ts';
import { ADA, GRACE, idsOf, KURT, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const DAY = '2026-11-21';
const AT = `${DAY}T12:00:00.000Z`;
const LATER = '2026-11-30T12:00:00.000Z';
const VERSION = Version.parse('1.1.0');
const ASK = { model: DIGITS, version: VERSION, channel: 'production' as const };
const event = forgerAt(AT);

const TWO = policy({
  approvals: { production: { count: 2, from: null } },
  inert: { 'paper-trading': { people: 2 } },
});
const AUTHORS = { ...TWO.roles, author: { keys: idsOf('author', 'ada') } };

function opened(log: EventLog, changes: Partial<RegistryOptions> = {}): Registry {
  return registryOn(log, { origin: ORIGIN, signers: [SIGNERS.log, SIGNERS.author], ...changes });
}

/** Version 1.0.0 by Ada serves, 1.1.0 by Ada waits for two approvals. */
async function waiting(word: Policy = TWO): Promise<World> {
  const log = memoryLog();
  const keeper = opened(log, { actor: user(ADA), visit: 'keeper' });
  await register(keeper, candidate('first', 'pass'));
  const ask = { signed: signedBy(word, 'ada', 'grace'), origin: ORIGIN, now: AT };
  await keeper.execute((state) => decidePolicyChange(state, ask));
  await register(keeper, candidate('second', 'pass'));
  return { log, keeper, inbox: memoryInbox() };
}

async function approvalBy(keeper: Registry, by: Actor): Promise<RegistryEvent> {
  const of = approvable((await keeper.read())!.state, ASK);
  return event({ type: 'approval.given', by, body: { ...of, expires: LATER } });
}

const PROMOTION = {
  type: 'model.promoted',
  body: {
    version: '1.1.0',
    channel: 'production',
    replaces: '1.0.0',
    automatic: false,
    waived: [],
    reason: 'mine',
  },
};

describe('a parcel', () => {
  let world: World;
  beforeEach(async () => {
    world = await waiting();
  });

  it('gives nobody’s approval where no author signs', async () => {
    const events = [await approvalBy(world.keeper, user(GRACE)), await approvalBy(world.keeper, user(KURT))];
    await leave(world, events);
    expect(await refusalIn(world)).toMatch(/nobody vouches that grace/);
  });

  it('promotes nothing past approvals', async () => {
    await leave(world, [event(PROMOTION)]);
    expect(await refusalIn(world)).toMatch(/needs 2 approvals/);
  });

  it.each([
    ['while everything is stopped', /is stopped/, {}],
    ['on a channel that serves something else', /serves nothing/, { channel: 'staging' }],
    ['that nobody registered', /9\.9\.9/, { version: '9.9.9' }],
  ])('promotes no version %s', async (_, reason, body) => {
    if (Object.keys(body).length === 0) await world.keeper.execute((state) => decideStop(state, 'a drill'));
    await leave(world, [event({ ...PROMOTION, body: { ...PROMOTION.body, ...body } })]);
    expect(await refusalIn(world)).toMatch(reason);
  });

  it('overrules no gate without a word', async () => {
    await register(world.keeper, candidate('third', 'investigate'));
    const body = { ...PROMOTION.body, version: '1.2.0', channel: 'staging', replaces: null };
    await leave(world, [event({ ...PROMOTION, body })]);
    expect(await refusalIn(world)).toMatch(/gate no-regression did not pass/);
  });

  it('judges no version again, nor registers it again', async () => {
    await register(world.keeper, candidate('third', 'fail'));
    const entries = await world.log.entries(0);
    const again = entries.filter(({ envelope }) =>
      ['model.registered', 'evaluation.recorded', 'verdict.given'].includes(envelope.type),
    );
    for (const { envelope } of again.slice(-3)) {
      await leave(world, [event({ type: envelope.type, body: envelope.body })]);
      await refusalIn(world);
    }
  });

  it('puts no policy in force that the one before does not allow', async () => {
    const none = { ...TWO, version: 2, approvals: {} };
    await leave(world, [
      event({ type: 'policy.changed', subject: 'registry', body: signedBy(none, 'stranger') }),
    ]);
    expect(await refusalIn(world)).toMatch(/root signatures of policy 1/);
  });

  it('lets no module act that people have not attested', async () => {
    const body = { module: 'paper-trading', allowed: true, reason: 'mine' };
    await leave(world, [event({ type: 'activation.tried', subject: 'registry', body })]);
    expect(await refusalIn(world)).toMatch(/nobody has attested/);
    const attestation = { origin: ORIGIN, module: 'paper-trading', licences: ['MIT'], expires: LATER };
    const signatures = [signWord(SIGNERS.ada, 'attestation', attestation)];
    const attested = { attestation, signatures };
    await leave(world, [event({ type: 'module.attested', subject: 'registry', body: attested })]);
    expect(await refusalIn(world)).toMatch(/2 people must sign/);
  });

  it('ends no stop where no author signs', async () => {
    await world.keeper.execute((state) => decideStop(state, 'a drill'));
    await leave(world, [event({ type: 'switch.released', subject: 'registry', body: { reason: 'mine' } })]);
    expect(await refusalIn(world)).toMatch(/nobody vouches/);
  });

  it('makes nothing serve by a tag where approvals are asked for, and no tag does', async () => {
    const deed = { kind: 'serves', channel: 'production', version: '1.1.0' };
    const tag = { source: 'gto', tag: 'digits#production#1', commit: 'c', taggedAt: AT, by: 'Mallory' };
    await leave(world, [event({ type: 'model.imported', body: { ...tag, deed } })]);
    expect(await refusalIn(world)).toMatch(/no tag is enough/);
    const { state } = (await world.keeper.read())!;
    const tags = ['digits@v2.0.0', 'digits#production#1'].map((name, seconds) => ({
      name,
      commit: 'c',
      seconds,
      tagger: 'Mallory',
    }));
    const read = readImport(state, {
      tags,
      known: new Set(),
      channels: new Map([['production', 'production']]),
    });
    expect(read.deeds.map(({ body }) => 'deed' in body && body.deed.kind)).toEqual(['registered']);
    expect(read.unread).toMatchObject([{ tag: 'digits#production#1' }]);
  });

  it.each([
    ['a version again', { kind: 'registered', version: '1.1.0' }, /is there already/],
    [
      'what nobody registered serve',
      { kind: 'serves', channel: 'staging', version: '9.9.9' },
      /nobody registered/,
    ],
    ['a refused version serve', { kind: 'serves', channel: 'staging', version: '1.2.0' }, /did not pass/],
  ])('makes no tag tell of %s', async (_, deed, reason) => {
    await register(world.keeper, candidate('third', 'fail'));
    const tag = { source: 'gto', tag: 'digits@v1.1.0', commit: 'c', taggedAt: AT, by: 'Mallory' };
    await leave(world, [event({ type: 'model.imported', body: { ...tag, deed } })]);
    expect(await refusalIn(world)).toMatch(reason);
  });

  it('makes no line that nobody could read afterwards', async () => {
    const stop = { type: 'switch.thrown', subject: 'registry', body: { reason: 'mine' } };
    await leave(world, [{ ...event(stop), crit: ['later'] }]);
    expect(await refusalIn(world)).toMatch(/a reader that knows later/);
    expect(await world.log.entries(0)).not.toHaveLength(0);
  });

  it.each([
    ['half a character', '"reason":"mine"', '"reason":"\\ud800"'],
    ['a zero with a sign', '"registry":', '"other":-0,"registry":'],
  ])('does not stop the fold by %s', async (_, from, to) => {
    const stop = event({ type: 'switch.thrown', subject: 'registry', body: { reason: 'mine' } });
    await leave(world, [stop]);
    const [one] = await world.inbox.list();
    await world.inbox.discard([one!]);
    expect(one?.text).toContain(from);
    await world.inbox.offer(DAY, one!.text!.replace(from, to));
    expect(await refusalIn(world)).toMatch(/cannot be read/);
  });

  it('refuses nothing in the fold’s name', async () => {
    const body = { parcel: `sha256:${'0'.repeat(64)}`, reason: 'mine', types: [] };
    await leave(world, [event({ type: 'parcel.refused', subject: 'registry', body })]);
    expect(await refusalIn(world)).toMatch(/only the log's own writers/);
  });

  it('says what it saw of a model that is called as objects’ own members are', async () => {
    const strange = ModelName.parse('constructor');
    const body = { reason: 'mine' };
    await register(world.keeper, candidate('other', 'pass', { model: strange }));
    await leave(world, [event({ type: 'model.retired', subject: strange, body })]);
    expect(await refusalIn(world)).toMatch(/what it saw of constructor/);
  });
});

describe('a registry without a policy', () => {
  it('gets its first from no parcel', async () => {
    const log = memoryLog();
    const keeper = opened(log, { visit: 'keeper' });
    await register(keeper, candidate('first', 'pass'));
    const world = { log, keeper, inbox: memoryInbox() };
    const roles = { ...policy().roles, root: { keys: idsOf('ada'), threshold: 1 } };
    const body = signedBy(policy({ roles }), 'ada');
    await leave(world, [event({ type: 'policy.changed', subject: 'registry', body })]);
    expect(await refusalIn(world)).toMatch(/a first policy/);
  });
});

describe('a parcel that an author signed', () => {
  it('gives the approvals that a machine saw, and those of whoever signed', async () => {
    const world = await waiting({
      ...TWO,
      roles: { ...AUTHORS, author: { keys: idsOf('author', 'grace') } },
    });
    await leave(world, [await approvalBy(world.keeper, user(GRACE))], ['grace']);
    await leave(world, [await approvalBy(world.keeper, user(KURT))], ['author']);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 2, refused: 0 });
    await leave(world, [event(PROMOTION)], ['author']);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1, refused: 0 });
    expect((await world.keeper.read())!.state.models.get(DIGITS)!.serving.production).toBe('1.1.0');
  });

  it('gives no other person’s approval', async () => {
    const world = await waiting({ ...TWO, roles: AUTHORS });
    await leave(world, [await approvalBy(world.keeper, user(KURT))], ['ada']);
    expect(await refusalIn(world)).toMatch(/cannot speak for kurt/);
  });

  it.each<[string, Partial<{ by: Actor; channel: string; expires: string; metrics: string }>]>([
    ['by whoever made the version', { by: user(ADA) }],
    ['by a bot', { by: { kind: 'bot', id: 9, login: 'fettle[bot]' } }],
    ['that has expired', { expires: `${DAY}T00:00:00.500Z` }],
    ['of another channel', { channel: 'staging' }],
    ['of other metrics', { metrics: `sha256:${'0'.repeat(64)}` }],
  ])('gives no approval %s', async (_, { by = user(KURT), ...changes }) => {
    const world = await waiting({ ...TWO, roles: AUTHORS });
    const of = approvable((await world.keeper.read())!.state, ASK);
    const body = { ...of, expires: LATER, ...changes };
    await leave(world, [event({ type: 'approval.given', by, body })], ['author']);
    await refusalIn(world);
  });

  it('is judged event by event by the policy that each will stand on', async () => {
    const world = await waiting();
    const next = { ...TWO, version: 2, roles: { ...TWO.roles, author: { keys: idsOf('author') } } };
    const change = event({
      type: 'policy.changed',
      subject: 'registry',
      body: signedBy(next, 'ada', 'grace'),
    });
    await leave(world, [change, event({ type: 'model.retired', body: { reason: 'mine' } })]);
    expect(await refusalIn(world)).toMatch(/no author signed it/);
    await leave(world, [change]);
    await leave(world, [
      event({ type: 'switch.thrown', subject: 'registry', body: { reason: 'mine' }, at: LATER }),
    ]);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1, refused: 1 });
    expect((await world.log.entries(0)).at(-1)).toMatchObject({ envelope: { type: 'parcel.refused' } });
    // The refusal follows the new policy, which asks for an author.
    expect((await world.log.entries(0)).at(-1)?.bundle).not.toBeNull();
  });
});

describe('a key of another event', () => {
  it('neither makes that event vanish nor stops the fold', async () => {
    const world = await waiting();
    const idem = idemFor('the victim');
    const stop = event({ type: 'switch.thrown', subject: 'registry', body: { reason: 'fire' }, idem });
    await leave(world, [stop]);
    const run = { run: 'run-00112233445566aa', recipe: 'x', asked: {}, inputs: [], steps: [] };
    await leave(world, [event({ type: 'run.started', body: run, idem, at: `${DAY}T00:00:00.000Z` })]);
    expect(await world.keeper.fold(world.inbox)).toMatchObject({ folded: 1, refused: 1, known: 0 });
    await leave(world, [stop]);
    expect(await refusalIn(world)).toMatch(/is another event’s|is another event's/);
  });

  it('is counted once when one deed is left in two wrappings, or twice in one', async () => {
    const world = await waiting();
    const run = { run: 'run-00112233445566aa', recipe: 'x', asked: {}, inputs: [], steps: [] };
    const one = event({ type: 'run.started', body: run });
    await leave(world, [one]);
    await leave(world, [one, one]);
    const { size } = (await world.keeper.read())!;
    expect(await world.keeper.fold(world.inbox)).toEqual({ folded: 1, refused: 0, known: 1 });
    expect((await world.keeper.read())!.size).toBe(size + 1);
    expect(await problemsIn(world.log)).toEqual([]);
  });
});

describe('an inbox that cannot be tidied up', () => {
  it('is read once by each fold', async () => {
    const world = await waiting();
    await world.inbox.offer(DAY, 'garbage');
    const many = Array.from({ length: 520 }, (_, index) => world.inbox.offer(DAY, `garbage ${index}`));
    await Promise.all(many);
    const stuck = { ...world.inbox, discard: async () => {} };
    expect(await world.keeper.fold(stuck)).toEqual({ folded: 0, refused: 521, known: 0 });
    expect(await problemsIn(world.log)).toEqual([]);
  });
});

describe('an approval given long ago', () => {
  it('is not given again', async () => {
    const world = await waiting({ ...TWO, roles: AUTHORS });
    const approver = opened(world.log, { actor: user(KURT), visit: 'kurt' });
    const [given] = await approver.execute((state) =>
      decideApproval(state, { ...ASK, by: user(KURT), expires: LATER }),
    );
    await register(world.keeper, candidate('third', 'pass'));
    await leave(world, [{ ...given!, idem: event(PROMOTION).idem }], ['author']);
    expect(await refusalIn(world)).toMatch(/something else/);
  });
});
