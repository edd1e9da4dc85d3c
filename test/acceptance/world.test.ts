/** The whole story as people meet it: installed, welcomed, trained by schedule, approved by a comment, taken back by service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openWorld, type OpenWorld } from '../world/open.ts';
import { SETTINGS } from '../world/seed.ts';

let world: OpenWorld;
beforeAll(async () => {
  world = await openWorld({ without: ['.github/fettle.yml'] });
}, 120_000);
afterAll(() => world.close());

/** What GitHub's API answers to the owner of the repository. */
async function github<S extends z.ZodType>(shape: S, path: string): Promise<z.infer<S>> {
  await world.settled();
  return shape.parse(await world.twin.request({ as: 'ada' }, 'GET', path));
}

const Said = z.object({ body: z.string(), user: z.object({ login: z.string() }) });
const Pull = z.object({ number: z.int(), title: z.string(), head: z.object({ ref: z.string() }) });
const Issue = z.object({ number: z.int(), title: z.string(), body: z.string().nullable() });

/** What the bot says in a thread. */
async function answers(on: number): Promise<readonly string[]> {
  await world.settled();
  const all = (await world.twin.comments(on)).map((comment) => Said.parse(comment));
  return all.filter(({ user }) => user.login.endsWith('[bot]')).map(({ body }) => body);
}

async function say(as: string, on: number, body: string): Promise<readonly string[]> {
  await world.twin.comment({ as, on, body });
  return answers(on);
}

async function events(): Promise<readonly string[]> {
  const { bare } = world.twin.repository();
  const log = await bare.run(['show', 'refs/heads/fettle/registry:log/000/000/000.jsonl']);
  return log
    .trim()
    .split('\n')
    .map((line) => z.object({ event: z.object({ type: z.string() }) }).parse(JSON.parse(line)).event.type);
}

describe('a repository that met Fettle today', () => {
  let thread = 0;

  it('is welcomed by a pull request, and nothing has changed until that is merged', async () => {
    await world.twin.tellInstallation('created');
    const [welcome] = await github(z.array(Pull), 'pulls');
    expect(welcome).toMatchObject({ title: 'Let Fettle look after the models here' });
    const { bare } = world.twin.repository();
    expect(await bare.object('refs/heads/main:.github/fettle.yml')).toBeNull();
    await world.twin.request({ as: 'ada' }, 'PUT', `pulls/${welcome?.number ?? 0}/merge`, {});
    expect(await bare.object('refs/heads/main:.github/fettle.yml')).not.toBeNull();
  });

  it('names a model, and the schedule trains the first version, which waits for a person', async () => {
    await world.twin.push({ as: 'ada', branch: 'main', files: { '.github/fettle.yml': SETTINGS } });
    expect(await world.perform({ verb: 'learn', arguments: '' })).toMatchObject({ code: 0 });
    expect(await events()).toContain('model.registered');
    expect(await events()).not.toContain('model.promoted');
  });

  it('is told what waits, in a thread, with the words to approve it', async () => {
    thread = z
      .object({ number: z.int() })
      .parse(await world.twin.issue({ as: 'tara', title: 'Digits' })).number;
    const [status = ''] = await say('tara', thread, '/fettle status');
    expect(status).toContain('digits@1.0.0');
    expect(status).toMatch(/\/fettle approve [0-9a-f]{16}/);
  });

  it('lets nobody approve who may not, and serves once a maintainer has', async () => {
    const [status = ''] = await answers(thread);
    const [words = ''] = /\/fettle approve [0-9a-f]{16}/.exec(status) ?? [];
    await say('tara', thread, words);
    expect(await events()).not.toContain('model.promoted');
    const said = await say('grace', thread, words);
    expect(said.join('\n')).toContain('digits@1.0.0` now serves production');
    expect(await events()).toContain('model.promoted');
  });

  it('shows the promotion as a Deployment and on the check of the registry', async () => {
    const Deployment = z.object({ environment: z.string(), id: z.int() });
    const [deployment] = await github(z.array(Deployment), 'deployments');
    expect(deployment).toMatchObject({ environment: 'production' });
    const Status = z.object({ state: z.string() });
    expect(await github(z.array(Status), `deployments/${deployment?.id ?? 0}/statuses`)).toMatchObject([
      { state: 'success' },
    ]);
    const tip = (await world.twin.repository().bare.ref('refs/heads/fettle/registry'))?.oid ?? '';
    const Checks = z.object({ check_runs: z.array(z.object({ output: z.object({ title: z.string() }) })) });
    const { check_runs: checks } = await github(Checks, `commits/${tip}/check-runs`);
    expect(checks.map(({ output }) => output.title)).toContain('In production: digits@1.0.0');
  });

  it('trains again when asked, and promotes the better one by comment', async () => {
    await world.twin.push({
      as: 'linus',
      branch: 'main',
      files: { 'data/digits.csv': world.batches[1] ?? '' },
    });
    const started = await say('linus', thread, '/fettle train digits');
    expect(started.join('\n')).toContain('digits');
    expect(world.runs.map(({ code }) => code)).toEqual([0]);
    const said = await say('grace', thread, '/fettle promote digits@1.1.0 to production');
    expect(said.join('\n')).toContain('now serves production');
  });

  it('has the version taken back when service shows that it fails, and an issue that says so', async () => {
    const live = Array.from({ length: 120 }, (_, row) => `1.1.0,${row % 10},${(row + 1) % 10}`);
    await world.twin.push({
      as: 'linus',
      branch: 'main',
      files: { 'live.csv': ['version,predicted,label', ...live, ''].join('\n') },
    });
    const observed = await world.perform({ verb: 'observe', arguments: 'digits --from live.csv' });
    expect(observed.log).toContain('digits@1.0.0');
    expect(await events()).toContain('model.rolled-back');
    const told = (await github(z.array(Issue), 'issues?state=all')).filter(({ title }) =>
      title.includes('failed in service'),
    );
    expect(told).toMatchObject([{ title: 'digits@1.1.0 failed in service: 1.0.0 serves again' }]);
    expect(told[0]?.body).toContain('/fettle why digits@1.1.0');
  });

  it('has one answer a thread and model, and made no request that GitHub does not describe', async () => {
    const marked = (await answers(thread)).filter((body) => body.includes('digits'));
    expect(new Set(marked).size).toBe(marked.length);
    expect(world.twin.violations).toEqual([]);
  });
});
