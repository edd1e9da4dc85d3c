/** Attacks on the app as a whole: forged words in payloads, people without rights, hostile names, and GitHub in the way. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { BAD_GATEWAY, primaryLimit, secondaryLimit } from '../fakes/github/faults.ts';
import type { Thing } from '../fakes/github/things.ts';
import { APP_PERMISSIONS } from '../fakes/github/twin.ts';
import { stateOfDigits } from '../fixtures/registry.ts';
import { send } from '../ingress/deliveries.ts';
import { openLiving, type Living } from './living.ts';
import { seed } from './seeded.ts';

const SETTINGS = `bot: { confirm: [] }
models:
  digits:
    recipe: train-and-promote
    from: data/digits.csv
    promote: null
`;
const TRAIN = `name: train
run-name: train \${{ inputs.model }} \${{ inputs.request }} \${{ inputs.reason }}
on:
  workflow_dispatch:
    inputs:
      model: { type: string }
      reason: { type: string }
      request: { type: string }
      sha: { type: string }
jobs: {}
`;
const FILES = { '.github/fettle.yml': SETTINGS, '.github/workflows/train.yml': TRAIN };
const VOICE = { converse, render: renderSticky };
const PROMOTE = '/fettle promote digits@1.1.0 to staging';

let living: Living;
let registry: Registry;
beforeAll(async () => {
  living = await openLiving({
    twin: {
      repositories: [
        { name: 'octo/models', files: FILES },
        { name: 'octo/other', files: FILES },
      ],
    },
    app: { voice: VOICE },
  });
  registry = await seed(living.twin);
  await living.settled();
});

afterEach(() => {
  living.twin.faults.clear();
  living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
});

async function thread(title = 'A thread'): Promise<number> {
  return Number((await living.twin.issue({ as: 'rita', title }))['number']);
}

async function sizeOf(): Promise<number> {
  return (await registry.read())?.size ?? 0;
}

async function staging(): Promise<string | undefined> {
  return (await stateOfDigits(registry)).serving.staging;
}

interface Forged {
  readonly as: string;
  readonly on: number;
  readonly body: string;
  readonly comment?: Thing;
  readonly repository?: Thing;
}

/** A comment as it is, told to the app with other words about it, under a good signature. */
async function tell({ as, on, body, comment, repository }: Forged): Promise<number> {
  const { twin, app } = living;
  twin.webhooksTo(null);
  const said = await twin.comment({ as, on, body });
  const where = z.looseObject({}).parse(await twin.request({ as: 'ada' }, 'GET', ''));
  const payload = {
    action: 'created',
    installation: { id: twin.app.installationId },
    repository: { ...where, ...repository },
    issue: { number: on },
    comment: { ...said, ...comment },
  };
  const sent = await send({
    url: app.url,
    body: JSON.stringify(payload),
    secret: twin.app.webhookSecret,
  });
  await living.settled();
  return sent.status;
}

describe('who somebody is', () => {
  it('GitHub says when it is asked: a reader whom the payload calls MEMBER stays a reader', async () => {
    const on = await thread();
    const size = await sizeOf();
    const comment = { author_association: 'MEMBER' };
    expect(await tell({ as: 'rita', on, body: PROMOTE, comment })).toBe(202);
    expect([await living.told(on), await sizeOf()]).toEqual([[], size]);
  });

  it('GitHub says when it is asked: an admin whom the payload calls NONE is one', async () => {
    const on = await thread();
    await tell({ as: 'ada', on, body: '/fettle status', comment: { author_association: 'NONE' } });
    expect(await living.told(on)).toEqual([expect.stringContaining('digits@1.0.0')]);
  });

  it('is their number: whoever took over the name of an admin has no rights', async () => {
    const on = await thread();
    const size = await sizeOf();
    const comment = { user: { id: 424_242, login: 'ada', type: 'User' } };
    await tell({ as: 'ada', on, body: PROMOTE, comment });
    expect([await living.told(on), await sizeOf()]).toEqual([[], size]);
  });

  it.each([404, 403, 429, 500, null])(
    'nobody is let in where GitHub answers %s when asked',
    async (status) => {
      const on = await thread();
      const size = await sizeOf();
      living.twin.faults.plan({
        fault:
          status === null
            ? { kind: 'drop' }
            : { kind: 'answer', answer: { status, body: { message: 'no' } } },
        when: ({ path: at }) => at.endsWith('/permission'),
        times: Number.POSITIVE_INFINITY,
      });
      await living.twin.comment({ as: 'ada', on, body: PROMOTE });
      expect((await living.told(on)).join('')).not.toContain('now serves');
      expect(await sizeOf()).toBe(size);
    },
  );
});

describe('a comment', () => {
  it('that was edited into a command is none', async () => {
    const on = await thread();
    const size = await sizeOf();
    const { id } = await living.twin.comment({ as: 'ada', on, body: 'Looks good to me.' });
    await living.twin.editComment({ as: 'ada', id: Number(id), body: PROMOTE });
    expect([await living.told(on), await sizeOf()]).toEqual([[], size]);
  });

  it('of the app itself, or of any program, is no command', async () => {
    const on = await thread();
    const size = await sizeOf();
    for (const app of [living.twin.app.slug, 'github-actions']) {
      const token = await living.twin.installationToken({ app });
      await living.twin.comment({ as: token, on, body: PROMOTE });
    }
    await living.settled();
    expect([await living.twin.comments(on), await sizeOf()]).toEqual([expect.toSatisfy(isPair), size]);
  });

  it('in an archived repository is not looked at', async () => {
    const on = await thread();
    const before = living.app.asked.calls;
    expect(await tell({ as: 'ada', on, body: PROMOTE, repository: { archived: true } })).toBe(202);
    expect(living.app.asked.calls).toBe(before);
  });

  it('on a closed thread is answered as on any other', async () => {
    const on = await thread();
    await living.twin.request({ as: 'ada' }, 'PATCH', `issues/${on}`, { state: 'closed' });
    await living.twin.comment({ as: 'rita', on, body: '/fettle status' });
    expect(await living.told(on)).toEqual([]);
    await living.twin.comment({ as: 'linus', on, body: '/fettle status' });
    expect(await living.told(on)).toHaveLength(1);
  });

  it('on a locked thread, where the app has no word, is told of in the journal and stops nothing', async () => {
    const on = await thread();
    await living.twin.lock({ as: 'ada', issue: on });
    await living.twin.comment({ as: 'linus', on, body: '/fettle status' });
    expect(await living.told(on)).toEqual([]);
    expect(living.lines.join('')).toContain('bot/github-refused');
    const next = await thread();
    await living.twin.comment({ as: 'linus', on: next, body: '/fettle status' });
    expect(await living.told(next)).toHaveLength(1);
  });

  it('costs GitHub nothing beyond the repository that it was made in', () => {
    const own = living.twin.calls.filter(({ login }) => login === `${living.twin.app.slug}[bot]`);
    expect(own.length).toBeGreaterThan(20);
    const asked = own.map(({ path: at, body }) => `${at} ${JSON.stringify(body)}`);
    expect(asked.filter((one) => /octo\/other|"name":"other"/.test(one))).toEqual([]);
    expect(asked.some((one) => one.includes('"name":"models"'))).toBe(true);
  });
});

describe('a fork', () => {
  it('changes no rule and no workflow by what it proposes', async () => {
    const { twin } = living;
    const fork = await twin.fork({ as: 'stella' });
    const evil = { [`.github/fettle.yml`]: `bot: { commands: { promote: read } }\n` };
    const head = await twin.push({
      as: 'stella',
      repository: fork,
      branch: 'evil',
      files: { ...evil, '.github/workflows/train.yml': TRAIN.replace('jobs: {}', 'jobs: { evil: {} }') },
    });
    const on = Number((await twin.pull({ as: 'stella', head: 'stella:evil' }))['number']);
    const size = await sizeOf();
    await twin.comment({ as: 'stella', on, body: PROMOTE });
    expect([await living.told(on), await sizeOf()]).toEqual([[], size]);
    await twin.comment({ as: 'linus', on, body: `/fettle train digits --sha ${head}` });
    expect((await living.told(on)).join('')).toContain('fork_refused');
    expect(twin.memory.runs).toEqual([]);
  });

  it('runs as the commit that was named and by the workflow of the default branch', async () => {
    const { twin } = living;
    const head = await twin.push({
      as: 'stella',
      repository: 'stella/models',
      branch: 'main',
      files: { 'x.py': '1' },
    });
    const on = Number((await twin.pull({ as: 'stella', head: 'stella:main' }))['number']);
    await living.settled();
    await twin.comment({ as: 'ada', on, body: `/fettle train digits --sha ${head}` });
    const asked = async (): Promise<unknown> =>
      (await twin.comments(on)).find(({ body }) => String(body).startsWith('<!-- fettle:question'))?.['id'];
    await expect.poll(asked, { interval: 5, timeout: 10_000 }).toBeDefined();
    await twin.react({ as: 'ada', comment: Number(await asked()), content: '+1' });
    await living.settled();
    expect(twin.memory.runs).toMatchObject([{ headBranch: 'main', inputs: { sha: head, model: 'digits' } }]);
  });
});

describe('a name', () => {
  it.each(['a;$(touch${IFS}x)', '<img/src=x>', '`id`', '--upload-pack=x', '@everyone', 'refs/heads/main'])(
    'of a branch is never said and never run: %s',
    async (branch) => {
      const { twin } = living;
      await twin.push({ as: 'linus', branch, files: { [`${encodeURIComponent(branch)}.txt`]: '1' } });
      const title = `${branch} </details>`;
      const on = Number((await twin.pull({ as: 'linus', head: branch, title }))['number']);
      const { id } = await twin.comment({ as: 'linus', on, body: '/fettle train digits' });
      const told = (await living.told(on)).join('');
      expect(told).not.toContain(branch);
      expect(twin.memory.runs.at(-1)).toMatchObject({
        headBranch: 'main',
        inputs: { model: 'digits', reason: `asked for by linus in #${on}`, request: `comment-${id}` },
      });
    },
  );

  it('of a label is kept as one line of data, whatever it says', async () => {
    const names = [
      '"; rm -rf ~ #',
      '::set-env name=A::b',
      '<img src=x onerror=alert(1)>',
      '@everyone',
      'a\nb',
    ];
    const where = await living.twin.request({ as: 'ada' }, 'GET', '');
    for (const name of names) {
      const user = { id: 1, login: 'ada', type: 'User' };
      const body = JSON.stringify({
        action: 'created',
        installation: { id: living.twin.app.installationId },
        repository: where,
        label: { name },
        sender: user,
      });
      const secret = living.twin.app.webhookSecret;
      expect((await send({ url: living.app.url, name: 'label', body, secret })).status).toBe(202);
    }
    await living.settled();
    const at = path.join(living.folder, 'observations');
    const [file = ''] = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith('.jsonl'),
    );
    const lines = readFileSync(path.join(at, file), 'utf8').trimEnd().split('\n');
    const labels = lines.map((line) =>
      z.looseObject({ label: z.string().nullable() }).parse(JSON.parse(line)),
    );
    expect(labels.flatMap(({ label }) => label ?? [])).toEqual(names);
    expect(living.lines.join('')).not.toContain('onerror');
  });

  it('of a model pings nobody: in settings it breaks the check, in a comment it stands in code', async () => {
    const { twin } = living;
    const files = { '.github/fettle.yml': "models:\n  '@everyone': { recipe: train-and-promote }\n" };
    await twin.push({ as: 'linus', branch: 'names', files });
    const on = Number((await twin.pull({ as: 'linus', head: 'names' }))['number']);
    await twin.comment({ as: 'linus', on, body: '/fettle train @everyone' });
    const told = (await living.told(on)).join('');
    expect(told.replaceAll(/`[^`]*`/g, '')).not.toMatch(/@\w/);
    const check = twin.calls.findLast(({ operation }) => operation === 'checks/create')?.body;
    expect(check).toMatchObject({ conclusion: 'failure' });
  });

  it('of a run that nobody asked for here tells nothing, though it is called like one', async () => {
    const on = await thread();
    const { id } = await living.twin.comment({ as: 'linus', on, body: '/fettle train digits' });
    const before = await living.told(on);
    const run = { id: 987_654, name: `train comment-${String(id)}`, html_url: 'x', conclusion: 'failure' };
    const body = JSON.stringify({
      action: 'completed',
      installation: { id: living.twin.app.installationId },
      repository: await living.twin.request({ as: 'ada' }, 'GET', ''),
      workflow_run: { ...run, event: 'pull_request' },
    });
    const secret = living.twin.app.webhookSecret;
    await send({ url: living.app.url, name: 'workflow_run', body, secret });
    expect(await living.told(on)).toEqual(before);
  });
});

describe('GitHub in the way', () => {
  const tenures = async (): Promise<number> =>
    (await stateOfDigits(registry)).tenures.filter(({ channel }) => channel === 'staging').length;

  it.each([
    ['a secondary limit', secondaryLimit(1), 1],
    ['a rate limit', { kind: 'answer', answer: primaryLimit(1, Date.now()) } as const, 1],
    ['a storm of 502', BAD_GATEWAY, 12],
  ])('%s delays a command, and does it once', async (_, fault, times) => {
    const on = await thread();
    const before = await tenures();
    const version = (await staging()) === '1.1.0' ? '1.0.0' : '1.1.0';
    living.twin.faults.plan({
      fault,
      times,
      when: ({ login, path: at }) => login.endsWith('[bot]') && !at.endsWith('/permission'),
    });
    await living.twin.comment({ as: 'ada', on, body: `/fettle promote digits@${version} to staging` });
    expect(await living.told(on)).toEqual([expect.stringContaining('now serves staging')]);
    expect([await staging(), await tenures()]).toEqual([version, before + 1]);
  });

  it('a permission that the app lacks is told of in the journal, without its token', async () => {
    const permissions = { ...APP_PERMISSIONS, issues: 'read', pull_requests: 'read' };
    const poor = await openLiving({
      twin: { repositories: [{ name: 'octo/models', files: FILES }], permissions },
      app: { voice: VOICE },
    });
    const { number } = await poor.twin.issue({ as: 'rita', title: 'A thread' });
    await poor.twin.comment({ as: 'ada', on: Number(number), body: '/fettle status' });
    expect(await poor.told(Number(number))).toEqual([]);
    expect(poor.lines.join('')).toContain('bot/github-refused');
    expect(poor.lines.join('')).not.toContain('ghs_');
  });

  it('a token that has expired is replaced, and the command goes on', async () => {
    const on = await thread();
    living.twin.expireTokens();
    await living.twin.comment({ as: 'linus', on, body: '/fettle status' });
    expect(await living.told(on)).toHaveLength(1);
  });
});

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2;
}
