/** What else happens on GitHub: pull requests, pushes, runs, installations, issues, labels, and boxes that are checked. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { converse } from '../../bot/commands/converse.ts';
import { callersOf } from '../../bot/events/callers.ts';
import { EVENTS } from '../../bot/events/index.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { APP_PERMISSIONS } from '../fakes/github/twin.ts';
import { candidate, register, stateOfDigits } from '../fixtures/registry.ts';
import '../matchers.ts';
import { openLiving, type Living } from './living.ts';
import { seed } from './seeded.ts';

const SETTINGS = `bot:
  dashboard: true
models:
  digits:
    recipe: train-and-promote
    from: data/digits.csv
    promote: null
`;
const TRAIN = `name: train
on:
  workflow_dispatch:
    inputs:
      model: { type: string }
      reason: { type: string }
      request: { type: string }
jobs: {}
`;
const FILES = {
  '.github/fettle.yml': SETTINGS,
  '.github/workflows/train.yml': TRAIN,
  'data/digits.csv': 'a\n',
};

let living: Living;
let registry: Registry;
beforeAll(async () => {
  living = await openLiving({
    twin: { repositories: [{ name: 'octo/models', files: FILES }, { name: 'octo/bare' }] },
    app: { voice: { converse, render: renderSticky }, pages: ['octo/models'] },
  });
  registry = await seed(living.twin);
  await living.settled();
});

async function get(place: string): Promise<unknown> {
  return living.twin.request({ as: 'ada' }, 'GET', place);
}

async function checksOf(branch: string): Promise<readonly unknown[]> {
  await living.settled();
  const { object } = (await get(`git/ref/heads/${branch}`)) as { object: { sha: string } };
  const calls = living.twin.calls.filter(({ operation }) => operation === 'checks/create');
  return calls
    .map(({ body }) => body)
    .filter((body) => (body as { head_sha: string }).head_sha === object.sha);
}

describe('a pull request', () => {
  it('that breaks the settings gets a failed check on the very line', async () => {
    await living.twin.push({
      as: 'linus',
      branch: 'broken',
      files: { '.github/fettle.yml': 'bot:\n  dashboard: true\n  dashbord: true\n' },
    });
    await living.twin.pull({ as: 'linus', head: 'broken' });
    expect(await checksOf('broken')).toEqual([
      expect.objectContaining({
        name: 'fettle',
        conclusion: 'failure',
        output: expect.objectContaining({
          annotations: [
            expect.objectContaining({
              path: '.github/fettle.yml',
              start_line: 3,
              end_line: 3,
              annotation_level: 'failure',
            }),
          ],
        }),
      }),
    ]);
  });

  it('whose settings are in order passes, once more when it is mended', async () => {
    await living.twin.push({ as: 'linus', branch: 'broken', files: { '.github/fettle.yml': 'bot: {}\n' } });
    expect(await checksOf('broken')).toEqual([expect.objectContaining({ conclusion: 'success' })]);
  });

  it('that changes the data of a model is told what that means', async () => {
    await living.twin.push({ as: 'linus', branch: 'data', files: { 'data/digits.csv': 'b\n' } });
    await living.twin.pull({ as: 'linus', head: 'data' });
    expect(await checksOf('data')).toEqual([
      expect.objectContaining({
        conclusion: 'neutral',
        output: expect.objectContaining({ summary: expect.stringContaining('\n/fettle train digits\n') }),
      }),
    ]);
  });

  it('about something else gets no check', async () => {
    await living.twin.push({ as: 'linus', branch: 'readme', files: { 'README.md': 'Hello\n' } });
    await living.twin.pull({ as: 'linus', head: 'readme' });
    expect(await checksOf('readme')).toEqual([]);
  });
});

interface Issue {
  readonly user: unknown;
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

async function dashboard(): Promise<Issue> {
  await living.settled();
  const issues = (await get('issues?state=open&per_page=100')) as readonly Issue[];
  const found = issues.filter(({ title }) => title === 'Fettle dashboard');
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('the dashboard', () => {
  it('is one issue that shows what serves, what waits and what ran', async () => {
    const { body } = await dashboard();
    expect(body).toContain('| `digits` | production | **1.0.0** | 90.0%');
    expect(body).toMatch(/- \[ \] <!-- fettle:approve [0-9a-f]{16} --> \*\*digits@1.1.0\*\* for production/);
    expect(body).toMatch(/\| `digits` \| `run-[0-9a-f]{16}` \| done \|/);
    expect(body).toContain('All is well');
    expect(body).toMatch(/Compute: `digits` .* in 2 runs/);
  });

  let edits = 0;

  /** The stand-in tells of no edited issue. */
  async function edited(as: string, change: (body: string) => string): Promise<void> {
    const { number, body, user } = await dashboard();
    const fresh = change(body);
    await living.twin.request({ as }, 'PATCH', `issues/${number}`, { body: fresh });
    const payload = {
      action: 'edited',
      installation: { id: living.twin.app.installationId },
      repository: await living.twin.request({ as }, 'GET', '/repos/octo/models'),
      issue: { number, body: fresh, user },
      changes: { body: { from: body } },
      sender: await living.twin.request({ as }, 'GET', '/user'),
    };
    const routed = EVENTS.find(({ name }) => name === 'issues')?.read(payload) ?? null;
    expect(routed).not.toBeNull();
    if (routed === null) return;
    await living.app.ingress.take({ id: `edited-${++edits}-by-${as}`, name: 'issues', ...routed });
    await living.settled();
  }
  const check = (body: string): string => body.replace('- [ ]', '- [x]');

  it('takes no approval from whoever may not give one', async () => {
    await edited('linus', check);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
    expect(await living.told((await dashboard()).number)).toEqual([
      expect.stringContaining('permission_denied'),
    ]);
    expect((await dashboard()).body).not.toContain('- [x]');
  });

  it('says nothing to a stranger', async () => {
    const { number } = await dashboard();
    const told = await living.told(number);
    await edited('stella', check).catch(() => undefined);
    expect(await living.told(number)).toEqual(told);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
  });

  it('takes no box for an approval beside which somebody wrote of another thing', async () => {
    const words = /(fettle:approve [0-9a-f]{16} -->).*/;
    const { number, body } = await dashboard();
    const told = await living.told(number);
    const lie = body.replace(words, '$1 **harmless@1.0.1** for staging: accuracy 99.0%, passed every gate');
    await living.twin.request({ as: 'linus' }, 'PATCH', `issues/${number}`, { body: lie });
    expect((await dashboard()).body).toContain('harmless@1.0.1');
    await edited('ada', check);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
    expect(await living.told(number)).toEqual(told);
    expect((await dashboard()).body).not.toContain('harmless');
  });

  it('takes a checked box of a permitted person for their approval, and is told anew', async () => {
    await edited('ada', check);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
    expect((await dashboard()).body).toContain('Nothing waits.');
  });
});

describe('a push on the registry’s branch', () => {
  it('tells a check of what serves', async () => {
    await register(registry, candidate('third', 'pass', { channel: null }));
    expect(await checksOf('fettle/registry')).toContainEqual(
      expect.objectContaining({
        name: 'fettle/registry',
        output: expect.objectContaining({ title: 'In production: digits@1.1.0' }),
      }),
    );
  });
});

describe('a run', () => {
  it('that was asked for by comment and failed is told in the comment', async () => {
    const { number } = await living.twin.issue({ as: 'rita', title: 'Train it' });
    const on = Number(number);
    await living.twin.comment({ as: 'linus', on, body: '/fettle train digits' });
    expect(await living.told(on)).toEqual([expect.stringContaining('⏳')]);
    const run = living.twin.memory.runs.at(-1)!;
    await living.twin.startRun(run.id);
    await living.twin.finishRun(run.id, 'failure');
    expect(await living.told(on)).toEqual([expect.stringContaining(`[run ${run.id}]`)]);
    expect((await living.told(on))[0]).toContain('**Failed:**');
  });
});

describe('an installation', () => {
  const Pulls = z.array(z.object({ head: z.object({ ref: z.string() }), body: z.string() }));
  const Entry = z.object({ path: z.string(), content: z.string().default('') });

  /** What is on the branch that is proposed, below `.github`, by path. */
  async function offered(one: Living): Promise<ReadonlyMap<string, string>> {
    const by = { as: 'ada', repository: 'octo/bare' };
    const at = async (path: string): Promise<unknown> =>
      one.twin.request(by, 'GET', `contents/${path}?ref=fettle/welcome`);
    const workflows = await at('.github/workflows').catch(() => []);
    const paths = z
      .array(Entry)
      .parse(workflows)
      .map(({ path }) => path);
    const files = await Promise.all(
      ['.github/fettle.yml', ...paths].map(async (path) => Entry.parse(await at(path))),
    );
    return new Map(files.map(({ path, content }) => [path, Buffer.from(content, 'base64').toString()]));
  }

  async function welcomed(one: Living): Promise<z.infer<typeof Pulls>> {
    for (const id of ['first', 'second']) {
      const payload = {
        action: 'created',
        installation: { id: one.twin.app.installationId },
        repositories: [{ full_name: 'octo/bare' }, { full_name: 'octo/models' }],
      };
      await one.app.ingress.take({ id, name: 'installation', lane: 'installation', payload });
    }
    await one.settled();
    const by = { as: 'ada', repository: 'octo/bare' };
    await expect(one.twin.request(by, 'GET', 'contents/.github/fettle.yml')).rejects.toThrow('404');
    return Pulls.parse(await one.twin.request(by, 'GET', 'pulls?state=all'));
  }

  const SOURCE = { repository: 'acme/fettle', commit: '0123456789'.repeat(4) };
  const REPOSITORIES = [{ name: 'octo/models', files: FILES }, { name: 'octo/bare' }];

  it('is welcomed by a pull request that changes nothing until merged, once', async () => {
    const pulls = await welcomed(living);
    expect(pulls.map(({ head }) => head.ref)).toEqual(['fettle/welcome']);
    const files = await offered(living);
    expect([...files.keys()]).toEqual(['.github/fettle.yml']);
    expect(files.get('.github/fettle.yml')).toContain('models: {}');
    expect(pulls[0]?.body).toContain('Nothing is trained by comment until workflows are there');
  });

  it('is brought the workflows too, where the app knows whose to call and may propose them', async () => {
    const one = await openLiving({ twin: { repositories: REPOSITORIES }, app: { workflows: SOURCE } });
    const [pull] = await welcomed(one);
    const files = await offered(one);
    expect([...files.keys()].toSorted()).toEqual([
      '.github/fettle.yml',
      ...['benchmark', 'learn', 'train', 'watch'].map((name) => `.github/workflows/fettle-${name}.yml`),
    ]);
    expect(files.get('.github/workflows/fettle-train.yml')).toContain(
      `uses: acme/fettle/.github/workflows/train.yml@${SOURCE.commit}`,
    );
    const { bot } = settingsOf(files.get('.github/fettle.yml') ?? '');
    for (const file of [bot.workflows.train, bot.workflows.benchmark]) {
      expect(files.has(`.github/workflows/${file}`)).toBe(true);
    }
    expect(pull?.body).toContain('both end at once while no model is named');
  });

  it('is brought settings alone where the app may not propose workflows, and told how to add them', async () => {
    const { workflows: _, ...less } = APP_PERMISSIONS;
    const one = await openLiving({
      twin: { repositories: REPOSITORIES, permissions: less },
      app: { workflows: SOURCE },
    });
    const pulls = await welcomed(one);
    expect(pulls.map(({ head }) => head.ref)).toEqual(['fettle/welcome']);
    expect([...(await offered(one)).keys()]).toEqual(['.github/fettle.yml']);
    const body = pulls[0]?.body ?? '';
    expect(body).toContain('no permission `workflows: write`');
    for (const [file, text] of callersOf(SOURCE)) {
      expect(body).toContain(file);
      expect(body).toContain(text);
    }
  });
});

describe('issues and labels', () => {
  it('are kept to be learnt from, without a word of theirs', async () => {
    const { number } = await living.twin.issue({ as: 'rita', title: 'It crashes', body: 'A long story' });
    await living.twin.label({ as: 'tara', on: Number(number), labels: ['bug'] });
    await living.settled();
    const folder = path.join(living.folder, 'observations');
    const { id } = (await living.twin.request({ as: 'ada' }, 'GET', '/repos/octo/models')) as { id: number };
    const text = readFileSync(
      path.join(folder, String(id), `${new Date().toISOString().slice(0, 7)}.jsonl`),
      'utf8',
    );
    const kept = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(kept).toContainEqual(expect.objectContaining({ what: 'issue', action: 'opened', issue: number }));
    expect(kept).toContainEqual(expect.objectContaining({ action: 'labeled', issue: number, label: 'bug' }));
    expect(text).not.toMatch(/crashes|story/);
  });
});

describe('the pages', () => {
  it('show the registry of a repository that was given free, and of no other', async () => {
    const page = await fetch(`${living.app.url}/octo/models`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('octo/models · model registry');
    expect((await fetch(`${living.app.url}/octo/bare`)).status).toBe(404);
    expect((await fetch(`${living.app.url}/octo/models`, { method: 'POST' })).status).toBe(405);
  });

  it('ask GitHub no more often for a thousand readers than for one', async () => {
    await fetch(`${living.app.url}/octo/models`);
    const before = living.twin.calls.length;
    for (let reader = 0; reader < 5; reader++) {
      expect((await fetch(`${living.app.url}/octo/models`)).status).toBe(200);
    }
    expect(living.twin.calls).toHaveLength(before);
  });

  it.each(['//', 'http://:99999/', '//['])('go on after somebody asked for %s', async (address) => {
    const { port } = new URL(living.app.url);
    const said = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (piece) => (text += String(piece)));
      socket.on('close', () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 404 /);
    expect((await fetch(`${living.app.url}/healthz`)).status).toBe(200);
  });

  it('tell of health, readiness and counts', async () => {
    expect(await (await fetch(`${living.app.url}/healthz`)).text()).toBe('ok\n');
    expect((await fetch(`${living.app.url}/readyz`)).status).toBe(200);
    const text = await (await fetch(`${living.app.url}/metrics`)).text();
    expect(text).toMatch(/^fettle_deliveries_total\{outcome="done"\} [1-9]\d*$/m);
    expect(text).toMatch(/^fettle_github_calls_total [1-9]\d*$/m);
    expect(text).toMatch(/^fettle_webhook_acknowledgement_seconds_bucket\{le="\+Inf"\} [1-9]\d*$/m);
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [\d.e+-]+)$/);
    }
  });
});
