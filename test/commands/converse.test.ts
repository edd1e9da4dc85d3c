/** Conversations: what each command does, tells and leaves alone, on a registry in memory. */
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bot/commands/index.ts';
import { COMMAND_NAMES } from '../../pipelines/settings/bot.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { Version } from '../../registry/schema/model.ts';
import { DIGITS } from '../fixtures/registry.ts';
import { ADA, GRACE, KURT, newWorld, NOW, STRANGER, TRIAGER, type World } from './world.ts';

const TWO_APPROVE = 'bot:\n  channels:\n    production:\n      approvals: { count: 2 }\n';

/** Digits 1.0.0 serves production; 1.1.0 passed and waits for two people. */
async function waiting(options: Parameters<typeof newWorld>[0] = {}): Promise<World> {
  const world = newWorld({ settings: TWO_APPROVE, ...options });
  await world.train('first');
  await world.registry.execute((state) =>
    decidePromotion(state, {
      model: DIGITS,
      version: Version.parse('1.0.0'),
      channel: 'production',
      waived: [],
      reason: 'the first',
      now: NOW,
    }),
  );
  await world.train('second');
  return world;
}

/** Digits 1.0.0 served production, and 1.1.0 does now. */
async function serving(options: Parameters<typeof newWorld>[0] = {}): Promise<World> {
  const world = newWorld(options);
  await world.train('first');
  await world.train('second');
  return world;
}

async function idIn(world: World): Promise<string> {
  const { next } = await world.ask('/fettle status');
  return next?.split(' ')[2] ?? '';
}

describe('the commands', () => {
  it('are those that the settings can name, each with its own examples', () => {
    expect(COMMANDS.map(({ name }) => name).sort()).toEqual([...COMMAND_NAMES].sort());
    for (const { name, usage, examples } of COMMANDS) {
      expect(usage.split(' ')[0]).toBe(name);
      for (const example of examples) expect(example.split(' ')[0]).toBe(name);
    }
  });

  it.each(COMMANDS.flatMap(({ examples }) => examples))('understand their example `%s`', async (example) => {
    const reply = await (await serving()).ask(`/fettle ${example}`, ADA);
    expect(reply.reason).not.toBe('command_unclear');
  });

  it('are printed by help with the level that each takes here', async () => {
    const world = newWorld({ settings: 'bot: { commands: { promote: admin } }' });
    const { details } = await world.ask('/fettle', TRIAGER);
    for (const { usage } of COMMANDS) expect(details).toContain(`/fettle ${usage}`);
    expect(details).toMatch(/promote <version> to <channel>` \|.*\| admin \|/);
    expect((await world.ask('/fettle help promote')).details).toContain('--dry-run');
  });
});

describe('a question', () => {
  it('is answered with the verdict first and the next command ready', async () => {
    const world = await serving();
    const reply = await world.ask('/fettle status');
    expect(reply).toMatchObject({
      model: 'digits',
      state: 'done',
      reason: 'done',
      next: '/fettle why digits',
    });
    expect(reply.verdict).toContain('**`digits@1.1.0` serves production**: accuracy 90.0% on 100 items');
    expect(reply.details).toContain('| `digits` | production | **1.1.0** |');
  });

  it('on why shows the gate that decided', async () => {
    const world = await serving();
    await world.train('third', 'fail');
    const reply = await world.ask('/fettle why');
    expect(reply.verdict).toContain('`digits@1.2.0`: refused');
    expect(reply.details).toContain('✘\u00A0fail | `no-regression` | because of third');
    expect(reply.details).toContain('analytical fail');
    expect(reply.details).toContain('recorded without what it was judged by');
    expect((await world.ask('/fettle why digits@1.1.0')).verdict).toContain('serving');
  });

  it('on history lists decisions, newest first', async () => {
    const { verdict, details } = await (await serving()).ask('/fettle history digits --most 1');
    expect(verdict).toContain('2 decisions');
    expect(details.split('\n')).toHaveLength(1);
  });

  it('to compare shows both with what is on record', async () => {
    const reply = await (await serving()).ask('/fettle compare digits@1.0.0 digits@1.1.0');
    expect(reply.details).toContain('| metric (95% CI) | 1.0.0 | 1.1.0 | items |');
    // Neither is said to be better: what would pair them is not at hand.
    expect(reply.verdict).not.toMatch(/better|worse/);
    expect(reply.details).toContain('When 1.1.0 was judged it was held against 1.0.0, item by item:');
    expect(reply.details).toContain('no-regression');
    const back = await (await serving()).ask('/fettle compare digits@1.1.0 digits@1.0.0');
    expect(back.details).not.toContain('was judged it was held');
  });

  it('to the doctor finds what is closed and what was silent', async () => {
    const named = { id: 1, name: 'train', title: 'train', actor: 'fettle[bot]', url: '' };
    const run = { ...named, status: 'completed', conclusion: 'success' };
    const world = await serving({ runs: [{ ...run, createdAt: '2026-11-01T12:00:00Z' }] });
    await world.ask('/fettle freeze production --reason "release week"');
    const { verdict, details } = await world.ask('/fettle doctor');
    expect(verdict).toContain('2 findings');
    expect(details).toContain('production is frozen');
    expect(details).toContain('last success 20 d ago');
  });

  it('of everybody is answered where the settings let readers ask', async () => {
    const world = await serving({ settings: 'bot: { commands: { status: read, hold: read } }' });
    expect((await world.ask('/fettle status', STRANGER)).reason).toBe('done');
    expect(await world.say('/fettle why', STRANGER)).toBe('silent');
    expect(await world.say('/fettle hold', STRANGER)).toBe('silent');
    expect(await world.say('/fettle status\n/fettle why', STRANGER)).toBe('silent');
  });

  it('may be asked several times in a comment', async () => {
    const replies = await (await serving()).say('/fettle status\n/fettle why\n/fettle hold');
    expect(replies).toHaveLength(3);
  });

  it('asked of nothing says what begins it', async () => {
    const world = newWorld();
    expect((await world.ask('/fettle status')).next).toBe('/fettle train');
    expect((await world.ask('/fettle rollback production')).reason).toBe('not_found');
  });
});

describe('a promotion', () => {
  it('happens, is shown as a Deployment and tells the way back', async () => {
    const world = await serving();
    const reply = await world.ask('/fettle promote digits@1.0.0 to staging --reason "try it"');
    expect(reply).toMatchObject({
      state: 'done',
      reason: 'done',
      model: 'digits',
      next: '/fettle status digits',
    });
    expect((await world.digits()).serving).toEqual({ production: '1.1.0', staging: '1.0.0' });
    expect((await world.digits()).decisions.at(-1)).toMatchObject({
      by: 'kurt',
      automatic: false,
      reason: 'try it',
    });
    expect(world.deployed).toMatchObject([{ model: 'digits', version: '1.0.0', channel: 'staging' }]);
  });

  it('is rehearsed without writing anything', async () => {
    const world = await serving();
    const before = await world.size();
    const reply = await world.ask('/fettle promote digits@1.0.0 to staging --dry-run');
    expect(reply.reason).toBe('noop_ready');
    expect(await world.size()).toBe(before);
    expect(world.deployed).toEqual([]);
  });

  it('stands though GitHub does not take the Deployment', async () => {
    const world = await serving({ deploy: () => Promise.reject(new Error('502')) });
    const reply = await world.ask('/fettle promote digits@1.0.0 to staging');
    expect(reply.reason).toBe('done');
    expect(reply.details).toContain('could not be shown');
  });

  it('of what serves already changes nothing', async () => {
    const reply = await (await serving()).ask('/fettle promote digits@1.1.0 to production');
    expect(reply.reason).toBe('nothing_to_do');
  });

  it('of what a gate stopped is refused, and done when it is waived and confirmed', async () => {
    const world = await serving();
    await world.train('third', 'investigate');
    expect((await world.ask('/fettle promote digits@1.2.0 to production')).reason).toBe('policy_refused');
    const reply = await world.ask(
      '/fettle promote digits@1.2.0 to production --waive no-regression --reason "seen"',
    );
    expect(reply.reason).toBe('done');
    expect(world.questions[0]).toContain('waiving `no-regression`');
    expect((await world.digits()).serving.production).toBe('1.2.0');
  });
});

describe('a promotion where two must approve', () => {
  it('waits, and happens with the second approval', async () => {
    const world = await waiting();
    const asked = await world.ask('/fettle promote digits@1.1.0 to production --reason "better"', GRACE);
    expect(asked).toMatchObject({ state: 'waiting', reason: 'approval_needed' });
    const first = await world.ask(asked.next ?? '', KURT);
    expect(first).toMatchObject({ state: 'waiting', reason: 'approval_needed' });
    expect((await world.digits()).serving.production).toBe('1.0.0');
    const second = await world.ask(asked.next ?? '', ADA);
    expect(second).toMatchObject({ state: 'done', reason: 'done' });
    expect((await world.digits()).serving.production).toBe('1.1.0');
    expect((await world.digits()).decisions.at(-1)?.reason).toContain('better');
    expect(world.deployed).toHaveLength(1);
  });

  it('that nobody asked for waits under an id that status shows', async () => {
    const world = await waiting();
    const id = await idIn(world);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    await world.ask(`/fettle approve ${id}`, KURT);
    await world.ask(`/fettle approve ${id}`, ADA);
    expect((await world.digits()).serving.production).toBe('1.1.0');
  });

  it('is blocked by a refusal, until whoever refused comes round', async () => {
    const world = await waiting();
    const id = await idIn(world);
    await world.ask(`/fettle reject ${id} --reason "worse on sevens"`, GRACE);
    await world.ask(`/fettle approve ${id}`, KURT);
    expect((await world.ask(`/fettle approve ${id}`, ADA)).reason).toBe('policy_refused');
    expect((await world.digits()).serving.production).toBe('1.0.0');
    await world.ask(`/fettle approve ${id}`, GRACE);
    expect((await world.digits()).serving.production).toBe('1.1.0');
  });

  it('counts owners alone where the settings ask for them', async () => {
    const settings = TWO_APPROVE.replace('count: 2', 'count: 1, codeowners: true');
    const codeowners = '/fettle/digits/ @acme/ml\n';
    const world = await waiting({ settings, codeowners, teams: { 'acme/ml': [ADA.id] } });
    const id = await idIn(world);
    expect((await world.ask(`/fettle approve ${id}`, KURT)).verdict).toContain('CODEOWNERS');
    expect((await world.ask(`/fettle approve ${id}`, ADA)).reason).toBe('done');
  });

  it('counts nobody where there are no owners at all', async () => {
    const settings = TWO_APPROVE.replace('count: 2', 'count: 1, codeowners: true');
    const world = await waiting({ settings });
    expect((await world.ask(`/fettle approve ${await idIn(world)}`, ADA)).reason).toBe('permission_denied');
  });
});

describe('a rollback', () => {
  it('is confirmed, done and told', async () => {
    const world = await serving();
    const reply = await world.ask('/fettle rollback production --reason "fails on 7"');
    expect(reply).toMatchObject({ reason: 'done', next: '/fettle hold digits' });
    expect(world.questions).toHaveLength(1);
    expect((await world.digits()).serving.production).toBe('1.0.0');
    expect(world.locks.size).toBe(0);
    expect(world.deployed).toMatchObject([{ version: '1.0.0' }]);
  });

  it.each([
    ['no', 'confirmation_refused'],
    ['timed-out', 'confirmation_timed_out'],
  ] as const)('is not done when the answer is %s', async (confirms, reason) => {
    const world = await serving({ confirms });
    expect((await world.ask('/fettle rollback digits production')).reason).toBe(reason);
    expect((await world.digits()).serving.production).toBe('1.1.0');
    expect(world.locks.size).toBe(0);
  });

  it('is possible while the channel is frozen', async () => {
    const world = await serving();
    await world.ask('/fettle freeze production');
    expect((await world.ask('/fettle rollback digits production')).reason).toBe('done');
  });

  it('waits for whoever is at it, and takes over from whoever was cut off', async () => {
    const world = await serving();
    const lock = {
      name: 'digits.production',
      owner: { id: 9, login: 'zoe' },
      reason: 'thinking',
      claim: 'comment-1',
    };
    world.locks.set(lock.name, { ...lock, since: '2026-11-21T11:59:30.000Z' });
    const reply = await world.ask('/fettle rollback digits production');
    expect(reply).toMatchObject({ reason: 'lock_conflict' });
    expect(reply.verdict).toContain('zoe');
    world.locks.set(lock.name, { ...lock, since: '2026-11-21T11:00:00.000Z' });
    expect((await world.ask('/fettle rollback digits production')).reason).toBe('done');
  });
});

describe('what is closed', () => {
  it('a held model is promoted by people alone', async () => {
    const world = await serving();
    expect((await world.ask('/fettle hold digits --reason "mending labels"')).reason).toBe('done');
    await world.train('third');
    expect((await world.digits()).serving.production).toBe('1.1.0');
    expect((await world.ask('/fettle status')).details).toContain('is held** by kurt: mending labels');
    await world.ask(`/fettle approve ${await idIn(world)}`);
    expect((await world.digits()).serving.production).toBe('1.2.0');
    await world.ask('/fettle unhold digits');
    await world.train('fourth');
    expect((await world.digits()).serving.production).toBe('1.3.0');
    expect((await world.ask('/fettle unhold')).reason).toBe('nothing_to_do');
  });

  it('a frozen channel takes nothing from gates or people, and opens again', async () => {
    const world = await serving();
    await world.ask('/fettle freeze production --reason "release week"');
    await world.train('third');
    expect((await world.digits()).serving.production).toBe('1.1.0');
    const reply = await world.ask('/fettle promote digits@1.2.0 to production');
    expect(reply).toMatchObject({ reason: 'policy_refused', model: 'digits' });
    expect(reply.verdict).toContain('release week');
    expect((await world.ask('/fettle thaw production')).reason).toBe('done');
    expect((await world.ask('/fettle promote digits@1.2.0 to production')).reason).toBe('done');
  });
});

describe('the same comment handled twice', () => {
  it.each([
    ['a promotion', '/fettle promote digits@1.0.0 to staging'],
    ['a rollback', '/fettle rollback digits production'],
    ['a hold', '/fettle hold digits'],
    ['a freeze', '/fettle freeze staging'],
  ])('does %s once', async (_, text) => {
    const world = await serving();
    await world.train('third');
    await world.ask(text, KURT, { commentId: 5 });
    const size = await world.size();
    const again = await world.ask(text, KURT, { commentId: 5 });
    expect(again.state).toBe('done');
    expect(await world.size()).toBe(size);
  });

  it('tells a rollback again, and does not go back further', async () => {
    const world = await serving();
    await world.train('third');
    const first = await world.ask('/fettle rollback digits production', KURT, { commentId: 5 });
    const again = await world.ask('/fettle rollback digits production', KURT, { commentId: 5 });
    expect(again.verdict).toBe(first.verdict);
    expect((await world.digits()).serving.production).toBe('1.1.0');
    expect(world.questions).toHaveLength(1);
  });

  it.each([
    ['/fettle hold digits', '/fettle unhold digits'],
    ['/fettle freeze staging', '/fettle thaw staging'],
    ['/fettle promote digits@1.0.0 to production', '/fettle rollback digits production'],
    ['/fettle rollback digits production', '/fettle promote digits@1.2.0 to production'],
  ])('does not undo what others did since: %s', async (text, since) => {
    const world = await serving();
    await world.train('third');
    await world.ask(text, KURT, { commentId: 5 });
    await world.ask(since, ADA);
    const size = await world.size();
    expect((await world.ask(text, KURT, { commentId: 5 })).reason).toBe('nothing_to_do');
    expect(await world.size()).toBe(size);
  });

  it('asks for a promotion once, and approves once', async () => {
    const world = await waiting();
    for (const _ of [1, 2]) {
      await world.ask('/fettle promote digits@1.1.0 to production', GRACE, { commentId: 5 });
    }
    const id = await idIn(world);
    for (const _ of [1, 2]) await world.ask(`/fettle approve ${id}`, KURT, { commentId: 6 });
    const { asked, approvals } = await world.digits();
    expect([asked.length, approvals.length]).toEqual([1, 1]);
  });
});

describe('a slip of the fingers', () => {
  it.each([
    ['/fettle stats', 'Did you mean `/fettle status`'],
    ['/fettle promote digits@1.0.0 to prodction', 'channel'],
    ['/fettle promote digits to production', 'model@version'],
    ['/fettle promote digits@1.0.0', 'promote <version> to <channel>'],
    ['/fettle promote digits@1.0.0 to production --reson "a"', 'did you mean `--reason`'],
    ['/fettle why digts', 'Did you mean `digits`'],
    ['/fettle approve 12', '16 hex digits'],
    ['/fettle cancel soon', 'number of a run'],
    ['/fettle status --reason "a"', 'no flags'],
  ])('%s is answered with what was meant', async (text, hint) => {
    const world = await serving();
    const size = await world.size();
    const { verdict, details, state } = await world.ask(text);
    expect(state).toBe('refused');
    expect(`${verdict} ${details}`).toContain(hint);
    expect(await world.size()).toBe(size);
  });

  it('of a stranger is met with silence', async () => {
    expect(await (await serving()).say('/fettle stats', STRANGER)).toBe('silent');
  });
});
