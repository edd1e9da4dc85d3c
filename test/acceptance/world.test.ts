/** The whole story, from the installation to a rollback: the committed bundle and the running app beside the stand-in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { githubLog } from '../../registry/store/github-log.ts';
import { stateIn } from '../../bot/events/state.ts';
import { Octokit } from '@octokit/core';
import type { ModelState } from '../../registry/schema/state.ts';
import { SETTINGS } from '../world/seed.ts';
import { openWorld, type OpenWorld } from '../world/open.ts';

const SETTINGS_FILE = '.github/fettle.yml';
const Pulls = z.array(z.object({ number: z.int(), title: z.string(), state: z.string() }));
const Issues = z.array(
  z.object({
    number: z.int(),
    title: z.string(),
    body: z.string().nullable(),
    state: z.string(),
    user: z.object({ login: z.string() }),
  }),
);
const Deployments = z.array(
  z.object({ id: z.int(), environment: z.string(), task: z.string(), description: z.string() }),
);
const Statuses = z.array(z.object({ state: z.string() }));
const Comment = z.object({ body: z.string(), user: z.object({ login: z.string() }) });
const Ref = z.object({ object: z.object({ sha: z.string() }) });
const Checks = z.object({
  check_runs: z.array(
    z.object({ name: z.string(), conclusion: z.string(), output: z.object({ title: z.string() }) }),
  ),
});

let world: OpenWorld;
let thread: number;
let proposal: string;

beforeAll(async () => {
  world = await openWorld({ without: [SETTINGS_FILE] });
  const { number } = await world.twin.issue({ as: 'rita', title: 'Sevens are read as ones' });
  thread = z.int().parse(number);
});

afterAll(async () => {
  expect(world.twin.violations).toEqual([]);
  await world.close();
});

it('begins with an installation, which proposes settings and changes nothing', async () => {
  await world.twin.tellInstallation('created');
  const [pull, ...others] = await pulls();
  expect(others).toEqual([]);
  expect(pull).toMatchObject({ title: 'Let Fettle look after the models here', state: 'open' });
  await expect(settingsOnMain()).rejects.toThrow('404');
  await cron('learn');
  expect(await digits()).toBeNull();
});

it('goes on when the onboarding is merged and a model is named', async () => {
  const [pull] = await pulls();
  await ask('ada', 'PUT', `pulls/${pull?.number}/merge`);
  expect(await settingsOnMain()).toContain('models: {}');
  await push('ada', SETTINGS_FILE, SETTINGS);
  expect(await say('grace', '/fettle status')).toContain('/fettle train');
});

it('trains by the schedule, and proposes what passed every gate', async () => {
  expect(await cron('learn')).toMatchObject({ code: 0 });
  expect((await digits())?.serving).toEqual({});
  const dashboard = await issueOf('Fettle dashboard');
  proposal = /fettle:approve ([0-9a-f]{16})/.exec(dashboard?.body ?? '')?.[1] ?? '';
  expect(dashboard?.body).toContain(
    `- [ ] <!-- fettle:approve ${proposal} --> **digits@1.0.0** for production`,
  );
  expect(await say('grace', '/fettle status')).toContain(`/fettle approve ${proposal}`);
});

it('takes no approval from whoever may not give one', async () => {
  expect(await say('tara', `/fettle approve ${proposal}`)).toContain('**maintain**');
  expect(await say('rita', `/fettle approve ${proposal}`)).toBe('');
  expect((await digits())?.serving).toEqual({});
});

it('promotes when a maintainer approves: an event, a Deployment, a check and the one comment', async () => {
  expect(await say('grace', `/fettle approve ${proposal}`)).toContain('`digits@1.0.0` now serves production');
  expect(await digits()).toMatchObject({
    serving: { production: '1.0.0' },
    decisions: [{ what: 'promoted', version: '1.0.0', automatic: false, by: 'grace' }],
  });
  expect(await ownComments()).toHaveLength(2);
  expect(await deployments()).toEqual([['production', 'digits@1.0.0 to production', 'success']]);
  expect(await check()).toEqual(['success', 'In production: digits@1.0.0']);
  expect((await issueOf('Fettle dashboard'))?.body).toContain('| `digits` | production | **1.0.0** |');
});

it('learns from more data, and lets the next version serve in its place', async () => {
  await push('linus', 'data/digits.csv', world.batches[1] ?? '');
  expect(await say('linus', '/fettle train digits')).toContain('digits');
  expect(world.runs.map(({ code }) => code)).toEqual([0]);
  await say('grace', '/fettle promote digits@1.1.0 to production --reason "it has seen more sevens"');
  expect((await digits())?.serving).toEqual({ production: '1.1.0' });
  expect(await deployments()).toEqual([
    ['production', 'digits@1.1.0 to production', 'success'],
    ['production', 'digits@1.0.0 to production', 'inactive'],
  ]);
  expect(await check()).toEqual(['success', 'In production: digits@1.1.0']);
});

it('takes back by itself what breaks its promise, and opens one issue about it', async () => {
  const wrong = Array.from({ length: 80 }, (_, row) => `7,${row % 2 === 0 ? '1' : '7'}`);
  await push('linus', 'live.csv', ['predicted,label', ...wrong, ''].join('\n'));
  const observed = await world.perform({ verb: 'observe', arguments: 'digits --from live.csv' });
  await world.settled();
  expect([observed.code, observed.log]).toEqual([0, expect.stringContaining('serves digits@1.0.0 again')]);
  expect(await digits()).toMatchObject({ serving: { production: '1.0.0' } });
  expect(await check()).toEqual(['success', 'In production: digits@1.0.0']);
  const issue = await issueOf('digits@1.1.0 broke its promise and was rolled back');
  expect(issue).toMatchObject({ state: 'open', user: { login: `${world.twin.app.slug}[bot]` } });
  expect(issue?.body).toContain('40 of 80 live outcomes wrong');
  expect(issue?.body).toContain('/fettle compare digits@1.0.0 digits@1.1.0');
});

it('opens no second issue when the branch moves again, though the first was closed', async () => {
  const { number = 0 } = (await issueOf('digits@1.1.0 broke its promise and was rolled back')) ?? {};
  await ask('grace', 'PATCH', `issues/${number}`, { state: 'closed' });
  expect(await say('ada', '/fettle promote digits@1.0.0 to staging')).toContain('now serves staging');
  const told = (await issues()).filter(({ title }) => title.includes('broke its promise'));
  expect(told).toMatchObject([{ number, state: 'closed' }]);
});

it('tells whoever asks later what happened, and by whose word', async () => {
  const history = await say('tara', '/fettle history digits');
  expect(history).toMatch(/1\.1\.0 rolled back.*1\.1\.0 promoted.*1\.0\.0 promoted/s);
  expect(history).toContain('it has seen more sevens');
});

// What people and machines do, and where it shows

/** What the schedule starts. */
async function cron(verb: string) {
  const done = await world.perform({ verb, arguments: '' });
  await world.settled();
  return done;
}

/** A comment on the thread. @returns the comment of the app that answers it, once all is quiet; empty for none */
async function say(as: string, body: string): Promise<string> {
  const { id } = await world.twin.comment({ as, on: thread, body });
  await world.settled();
  const answers = new RegExp(`^<!-- fettle:sticky .*[=,]${z.int().parse(id)} -->`);
  return (await ownComments()).find((text) => answers.test(text)) ?? '';
}

async function ownComments(): Promise<readonly string[]> {
  const all = z.array(Comment).parse(await world.twin.comments(thread));
  return all.filter(({ user }) => user.login === `${world.twin.app.slug}[bot]`).map(({ body }) => body);
}

async function push(as: string, file: string, text: string): Promise<void> {
  await world.twin.push({ as, branch: 'main', files: { [file]: text } });
  await world.settled();
}

async function ask(
  as: string,
  method: string,
  path: string,
  body?: Record<string, unknown>,
): Promise<unknown> {
  const answer = await world.twin.request({ as }, method, path, body);
  await world.settled();
  return answer;
}

async function pulls() {
  await world.settled();
  return Pulls.parse(await ask('ada', 'GET', 'pulls?state=all'));
}

async function issues() {
  return Issues.parse(await ask('ada', 'GET', 'issues?state=all&per_page=100'));
}

async function issueOf(title: string) {
  return (await issues()).find((one) => one.title === title);
}

async function settingsOnMain(): Promise<string> {
  const { content } = z
    .object({ content: z.string() })
    .parse(await ask('ada', 'GET', `contents/${SETTINGS_FILE}`));
  return Buffer.from(content, 'base64').toString();
}

/** Newest first. */
async function deployments() {
  const found = Deployments.parse(await ask('ada', 'GET', 'deployments'));
  return Promise.all(
    found.map(async ({ id, environment, description }) => {
      const [status] = Statuses.parse(await ask('ada', 'GET', `deployments/${id}/statuses`));
      return [environment, description, status?.state];
    }),
  );
}

/** The verdict beside the newest commit of the registry. */
async function check() {
  const { object } = Ref.parse(await ask('ada', 'GET', 'git/ref/heads/fettle/registry'));
  const { check_runs: runs } = Checks.parse(await ask('ada', 'GET', `commits/${object.sha}/check-runs`));
  const found = runs.find(({ name }) => name === 'fettle/registry');
  return [found?.conclusion, found?.output.title];
}

/** The registry itself, as anybody may read it. */
async function digits(): Promise<ModelState | null> {
  const [owner = '', name = ''] = world.repository.split('/');
  const api = new Octokit({ auth: world.twin.tokens['ada'], baseUrl: world.twin.url });
  const state = await stateIn(githubLog({ api, owner, name, sleep: async () => undefined }));
  return [...(state?.models.values() ?? [])].find(({ model }) => model === 'digits') ?? null;
}
