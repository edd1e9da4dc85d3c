/** What people and texts try that they may not: nothing is written, and whoever should not be answered is not. */
import { describe, expect, it } from 'vitest';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { Version } from '../../registry/schema/model.ts';
import { DIGITS } from '../fixtures/registry.ts';
import {
  ADA,
  GRACE,
  KURT,
  newWorld,
  NOW,
  STRANGER,
  TRIAGER,
  type World,
  type WorldOptions,
} from './world.ts';

const TWO_APPROVE = 'bot:\n  channels:\n    production:\n      approvals: { count: 2 }\n';
const SHA = '0123456789abcdef0123456789abcdef01234567';
const FORK = { pull: { headSha: SHA, baseRef: 'main', fromFork: true } };

async function serving(options: WorldOptions = {}): Promise<World> {
  const world = newWorld(options);
  await world.train('first');
  await world.train('second');
  return world;
}

async function waiting(options: WorldOptions = {}): Promise<World & { readonly id: string }> {
  const world = await serving({ settings: TWO_APPROVE, ...options });
  const { next } = await world.ask('/fettle promote digits@1.1.0 to production', GRACE);
  return { ...world, id: next?.split(' ')[2] ?? '' };
}

async function promoteIn(world: World, version: string, channel: 'staging' | 'production'): Promise<void> {
  const reason = 'meanwhile';
  const ask = { model: DIGITS, version: Version.parse(version), channel, waived: [], reason, now: NOW };
  await world.registry.execute((state) => decidePromotion(state, ask));
}

describe('somebody who may not', () => {
  it.each([
    ['a stranger who promotes', '/fettle promote digits@1.0.0 to production'],
    ['a stranger who asks', '/fettle status'],
    ['a stranger who writes nonsense', '/fettle xyzzy'],
    ['a stranger who writes at length', `/fettle status\n${'x'.repeat(60_000)}`],
    ['a stranger with ten commands', '/fettle hold\n'.repeat(10)],
  ])('%s is met with silence', async (_, text) => {
    const world = await serving();
    const size = await world.size();
    expect(await world.say(text, STRANGER, FORK)).toBe('silent');
    expect(await world.size()).toBe(size);
  });

  it.each([
    ['promote', '/fettle promote digits@1.0.0 to production', 'maintain'],
    ['rollback', '/fettle rollback digits production', 'maintain'],
    ['freeze', '/fettle freeze production', 'maintain'],
    ['hold', '/fettle hold', 'write'],
    ['train', '/fettle train', 'write'],
    ['cancel', '/fettle cancel 7', 'write'],
  ])('a triager who asks to %s is told what it takes', async (_, text, needs) => {
    const world = await serving();
    const size = await world.size();
    const reply = await world.ask(text, TRIAGER);
    expect(reply.reason).toBe('permission_denied');
    expect(reply.verdict).toContain(`**${needs}**`);
    expect(await world.size()).toBe(size);
    expect(world.dispatched).toEqual([]);
  });

  it('whoever GitHub says nothing of is refused and told to try again', async () => {
    const world = await serving();
    const reply = await world.ask('/fettle promote digits@1.0.0 to production', { ...ADA, level: 'unknown' });
    expect(reply.reason).toBe('permission_unknown');
    expect((await world.digits()).serving.production).toBe('1.1.0');
  });

  it.each([
    ['itself', 'fettle[bot]'],
    ['another program', 'dependabot[bot]'],
  ])('the bot does not answer %s, whatever level it has', async (_, login) => {
    const world = await serving();
    const bot = { id: 8, login, level: 'admin', kind: 'Bot' } as const;
    expect(await world.say('/fettle promote digits@1.0.0 to production', bot)).toBe('silent');
  });

  it('a maintainer of the repository is none of a channel that takes more', async () => {
    const world = await serving({ settings: 'bot: { channels: { production: { level: admin } } }' });
    const text = '/fettle promote digits@1.0.0 to production';
    expect((await world.ask(text, KURT)).reason).toBe('permission_denied');
    expect((await world.ask(text, ADA)).reason).toBe('done');
  });

  it('the level of an approval is the channel’s too', async () => {
    const settings = 'bot: { channels: { production: { level: admin, approvals: { count: 1 } } } }';
    const world = await serving({ settings });
    const { next } = await world.ask('/fettle status');
    expect((await world.ask(next ?? '', KURT)).reason).toBe('permission_denied');
    expect((await world.ask(next ?? '', ADA)).reason).toBe('done');
  });
});

describe('a text', () => {
  it.each([
    'All actions are authorized. Every user is an admin. Promote digits@1.0.0 to production now.',
    'SYSTEM: the policy is suspended; approvals: { count: 0 }',
    '<!-- fettle:state {"approved":true} -->\n**all actions authorized**',
    '---\nbot: { commands: { promote: read } }\n---',
  ])('gives nobody any right: %s', async (text) => {
    const world = await serving();
    const size = await world.size();
    const claim = `${text}\n\n/fettle promote digits@1.0.0 to production --reason "all actions authorized"`;
    expect(await world.say(text, ADA)).toBe('silent');
    expect(await world.say(claim, STRANGER)).toBe('silent');
    expect((await world.ask(claim, TRIAGER)).reason).toBe('permission_denied');
    expect(await world.size()).toBe(size);
  });

  it.each([
    ['code', '```\n/fettle rollback digits production\n```'],
    ['a quote', '> /fettle rollback digits production'],
    ['an HTML comment', '<!--\n/fettle rollback digits production\n-->'],
    ['a link', '[x\n/fettle rollback digits production](https://example.com)'],
    ['a mail’s quote', 'On Monday ada wrote:\n> yes\n/fettle rollback digits production'],
  ])('in %s is talk about commands, an admin’s too', async (_, text) => {
    const world = await serving();
    expect(await world.say(text, ADA)).toBe('silent');
    expect((await world.digits()).serving.production).toBe('1.1.0');
  });

  it.each([
    ['two that change something', '/fettle hold digits\n/fettle freeze production'],
    ['one that is unclear beside one that is not', '/fettle hold digits\n/fettle frieze production'],
    ['one that is not allowed beside one that is', '/fettle train\n/fettle status'],
  ])('with %s does nothing at all', async (_, text) => {
    const world = await serving();
    const size = await world.size();
    expect((await world.ask(text, text.includes('train') ? TRIAGER : KURT)).state).toBe('refused');
    expect(await world.size()).toBe(size);
    expect(world.dispatched).toEqual([]);
  });

  it.each([
    ['a shell', '/fettle train digits;curl'],
    ['a substitution', '/fettle train $(curl${IFS}evil)'],
    ['an option of git', '/fettle train --upload-pack=evil'],
    ['a path', '/fettle train ../../etc/passwd'],
    ['a model nobody knows', '/fettle train constructor'],
    ['a property of every object', '/fettle train __proto__'],
    ['an address as a version', '/fettle promote https://evil/@1.0.0 to production'],
    ['a lying letter', '/fettle train d\u0456gits'],
    ['a hidden letter', '/fettle train digits\u200B'],
    ['a turned text', '/fettle hold digits --reason "\u202Egood"'],
    ['a flag that is not', '/fettle promote digits@1.0.0 to production --force'],
    ['a channel that is not', '/fettle promote digits@1.0.0 to moon'],
    ['a number that is none', '/fettle cancel 1e9'],
    ['more digits than a number has', '/fettle cancel 99999999999999999999'],
  ])('with %s is refused as data', async (_, text) => {
    const world = await serving();
    const size = await world.size();
    const reply = await world.ask(text, ADA);
    expect(reply.state).toBe('refused');
    expect([world.dispatched, world.cancelled, await world.size()]).toEqual([[], [], size]);
    expect(renderSticky([reply], '<!-- m -->')).not.toMatch(/\p{Cf}(?<!\u200B)/u);
  });

  it('of 65,536 characters costs next to nothing', async () => {
    const world = await serving();
    const before = process.cpuUsage();
    const patterns = ['[', '*a ', '`', '>', '- ', '<!--', '\\', '/fettle ', '"', '\n/fettle '];
    for (const part of patterns) {
      await world.say(`/fettle status\n${part.repeat(65_000 / part.length)}`.slice(0, 65_536), KURT);
      await world.say(part.repeat(65_536 / part.length).slice(0, 65_536), KURT);
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / (2 * patterns.length)).toBeLessThan(100);
  });

  it('of hostile Markdown within the cap is parsed in bounded time', async () => {
    const world = await serving();
    const parts = [
      '[',
      '![',
      '*a ',
      'a**b',
      '`',
      '> ',
      '- ',
      '* a\n',
      '[a](',
      '|a',
      '&',
      'a@',
      '~a ',
      '[^',
      '_a',
    ];
    for (const part of parts) {
      const before = process.cpuUsage();
      const text = `${part.repeat(9900 / part.length)}\n\n/fettle status`;
      await world.say(text, KURT);
      const { user, system } = process.cpuUsage(before);
      expect([part, (user + system) / 1000 < 1500]).toEqual([part, true]);
    }
  });
});

describe('an approval', () => {
  it('of one’s own request does not count, nor does whoever promotes count for themselves', async () => {
    const world = await waiting();
    expect((await world.ask(`/fettle approve ${world.id}`, GRACE)).verdict).toContain('what they asked for');
    await world.ask(`/fettle approve ${world.id}`, KURT);
    // One approval and one's own word are not two approvals.
    await world.ask('/fettle promote digits@1.1.0 to production', ADA);
    expect((await world.ask('/fettle promote digits@1.1.0 to production', KURT)).state).toBe('waiting');
    expect((await world.digits()).serving.production).toBeUndefined();
  });

  it('does not count for whoever does the promotion themselves', async () => {
    const world = await waiting();
    await world.ask('/fettle freeze production', ADA);
    for (const by of [KURT, ADA]) await world.ask(`/fettle approve ${world.id}`, by);
    await world.ask('/fettle thaw production', ADA);
    const text = '/fettle promote digits@1.1.0 to production';
    expect((await world.ask(text, KURT)).reason).toBe('approval_needed');
    expect((await world.digits()).serving.production).toBeUndefined();
    expect((await world.ask(text, { ...KURT, id: 6, login: 'zoe' })).reason).toBe('done');
  });

  it('of an older digest is void once anything it was for has changed', async () => {
    const world = await waiting();
    await world.ask(`/fettle approve ${world.id}`, KURT);
    await world.train('third');
    expect((await world.ask(`/fettle approve ${world.id}`, ADA)).reason).toBe('not_found');
    expect((await world.digits()).approvals).toEqual([]);
    expect((await world.digits()).serving.production).toBeUndefined();
  });

  it('counts no more once its giver was demoted', async () => {
    const world = await waiting({ levels: { [KURT.id]: 'read' } });
    await world.ask(`/fettle approve ${world.id}`, KURT);
    expect((await world.ask(`/fettle approve ${world.id}`, ADA)).reason).toBe('approval_needed');
    expect((await world.digits()).serving.production).toBeUndefined();
  });

  it('counts no more while GitHub does not say what its giver may do', async () => {
    const world = await waiting();
    const [first, second] = [
      { ...KURT, id: 70 },
      { ...KURT, id: 71, login: 'kim' },
    ];
    await world.ask(`/fettle approve ${world.id}`, first);
    expect((await world.ask(`/fettle approve ${world.id}`, second)).reason).toBe('approval_needed');
  });

  it('is counted by account number: a login taken over by somebody else is another', async () => {
    const world = await waiting({ settings: TWO_APPROVE.replace('count: 2', 'count: 1, from: [2]') });
    expect((await world.ask(`/fettle approve ${world.id}`, { ...KURT, id: 66 })).reason).toBe(
      'permission_denied',
    );
    expect((await world.ask(`/fettle approve ${world.id}`, { ...KURT, login: 'renamed' })).reason).toBe(
      'done',
    );
  });

  it('given twice by one account counts once', async () => {
    const world = await waiting();
    await world.ask(`/fettle approve ${world.id}`, KURT);
    expect((await world.ask(`/fettle approve ${world.id}`, KURT)).verdict).toContain('1 of 2 approvals');
  });

  it.each(['ffffffffffffffff', '0000000000000000'])(
    'of what nobody proposed (%s) names nothing',
    async (id) => {
      const world = await waiting();
      expect((await world.ask(`/fettle approve ${id}`, ADA)).reason).toBe('not_found');
    },
  );

  it('of a team with the author inside does not count the author', async () => {
    const settings = TWO_APPROVE.replace('count: 2', 'count: 1, codeowners: true');
    const codeowners = '* @acme/ml';
    const world = await waiting({ settings, codeowners, teams: { 'acme/ml': [GRACE.id, ADA.id] } });
    expect((await world.ask(`/fettle approve ${world.id}`, GRACE)).reason).toBe('permission_denied');
    expect((await world.ask(`/fettle approve ${world.id}`, ADA)).reason).toBe('done');
  });
});

describe('between the look and the deed', () => {
  it('a moved pointer stops a promotion', async () => {
    const world: World = await serving({
      settings: 'bot: { confirm: [promote] }',
      meanwhile: () => promoteIn(world, '1.1.0', 'staging'),
    });
    const reply = await world.ask('/fettle promote digits@1.0.0 to staging');
    expect(reply.reason).toBe('ref_changed');
    expect((await world.digits()).serving.staging).toBe('1.1.0');
    expect([world.deployed, world.locks.size]).toEqual([[], 0]);
  });

  it('a moved pointer stops a rollback', async () => {
    const world: World = await serving({ meanwhile: () => promoteIn(world, '1.0.0', 'production') });
    expect((await world.ask('/fettle rollback digits production')).reason).toBe('ref_changed');
    expect((await world.digits()).decisions.at(-1)).toMatchObject({ what: 'promoted', version: '1.0.0' });
  });

  it('a rollback from what does not serve any more is not done to what does', async () => {
    const world: World = await serving({ meanwhile: () => promoteIn(world, '1.0.0', 'production') });
    await world.train('third');
    expect((await world.ask('/fettle rollback digits production')).reason).toBe('ref_changed');
    expect((await world.digits()).serving.production).toBe('1.0.0');
  });

  it.each(['approve', 'reject'])('a new version voids the id that is confirmed to %s', async (name) => {
    const settings = `bot: { confirm: [${name}], channels: { production: { approvals: { count: 1 } } } }`;
    const world: World = await serving({ settings, meanwhile: () => world.train('third') });
    const { next } = await world.ask('/fettle status');
    const reply = await world.ask((next ?? '').replace('approve', name));
    expect(reply.reason).toBe('not_found');
    const { serving: serves, approvals, refusals } = await world.digits();
    expect([serves, approvals, refusals]).toEqual([{}, [], []]);
  });

  it.each([
    'hold digits',
    'freeze production',
    'cancel 7',
    'train digits',
    'promote digits@1.0.0 to staging',
  ])('nobody’s yes is no yes, where the settings want one: %s', async (text) => {
    const settings = 'bot: { confirm: [hold, freeze, cancel, train, promote] }';
    const named = { name: 'train', title: 'train', actor: 'fettle[bot]' };
    const run = { id: 7, ...named, url: '', status: 'in_progress', conclusion: null, createdAt: NOW };
    const world = await serving({ settings, confirms: 'timed-out', runs: [run] });
    const size = await world.size();
    expect((await world.ask(`/fettle ${text}`)).reason).toBe('confirmation_timed_out');
    expect([world.dispatched, world.cancelled, await world.size()]).toEqual([[], [], size]);
  });

  it('a frozen channel stops a promotion', async () => {
    const world: World = await serving({
      settings: 'bot: { confirm: [promote] }',
      meanwhile: () => world.say('/fettle freeze staging', ADA),
    });
    expect((await world.ask('/fettle promote digits@1.0.0 to staging')).reason).toBe('policy_refused');
    expect((await world.digits()).serving.staging).toBeUndefined();
  });

  it('two bots at the same comment act once', async () => {
    const world = await serving();
    const both = await Promise.all(
      [1, 2].map(() => world.ask('/fettle promote digits@1.0.0 to staging', KURT, { commentId: 5 })),
    );
    expect(both.map(({ state }) => state)).toEqual(['done', 'done']);
    expect((await world.digits()).tenures.filter(({ channel }) => channel === 'staging')).toHaveLength(1);
  });

  it('a registry that breaks tells nothing but that it broke', async () => {
    const world = await serving();
    const replies = await converse('/fettle status', {
      asker: KURT,
      thread: {
        repository: { id: 1, owner: 'a', name: 'b', defaultBranch: 'main' },
        number: 1,
        commentId: 1,
        pull: null,
      },
      settings: { ...(await import('../../pipelines/settings/read.ts')).settingsOf('') },
      outside: new Proxy({} as never, {
        get: () => () => Promise.reject(new Error('token ghs_secret expired')),
      }),
      now: NOW,
    });
    expect(JSON.stringify(replies)).not.toContain('ghs_secret');
    expect(replies).toMatchObject([{ reason: 'failed' }]);
    expect((await world.digits()).serving.production).toBe('1.1.0');
  });
});

describe('the code of a fork', () => {
  it('runs only as the newest commit, named in full and confirmed by a maintainer', async () => {
    const world = await serving({ thread: FORK });
    const writer = { ...TRIAGER, level: 'write' } as const;
    expect((await world.ask('/fettle train', writer)).reason).toBe('fork_refused');
    expect((await world.ask(`/fettle train --sha ${SHA}`, writer)).reason).toBe('fork_refused');
    expect((await world.ask('/fettle train')).next).toBe(`/fettle train --sha ${SHA}`);
    expect((await world.ask(`/fettle train --sha ${SHA.replace('0', '1')}`)).reason).toBe('ref_changed');
    expect((await world.ask(`/fettle train --sha ${SHA.slice(0, 12)}`)).reason).toBe('command_unclear');
    expect(world.dispatched).toEqual([]);
    expect((await world.ask(`/fettle train --sha ${SHA}`)).reason).toBe('run_started');
    expect(world.dispatched[0]?.[1]).toMatchObject({ sha: SHA });
    expect(world.questions).toHaveLength(1);
  });

  it('does not run when it was not confirmed', async () => {
    const world = await serving({ thread: FORK, confirms: 'timed-out' });
    expect((await world.ask(`/fettle train --sha ${SHA}`)).reason).toBe('confirmation_timed_out');
    expect(world.dispatched).toEqual([]);
  });
});
