/** A machine of GitHub Actions in little: clones the repository, and runs the Action's bundle for every step that uses it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Run, Twin } from '../fakes/github/twin.ts';

const TOP = path.resolve(import.meta.dirname, '../..');

const ActionFile = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string().optional() })),
  runs: z.object({ main: z.string() }),
});
const Workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z.array(
        z.object({ uses: z.string().optional(), with: z.record(z.string(), z.string()).optional() }),
      ),
    }),
  ),
});

export interface Step {
  readonly verb: string;
  readonly arguments: string;
}

export interface Performed {
  readonly code: number | null;
  readonly log: string;
  /** The job's summary, as Markdown. */
  readonly summary: string;
  readonly outputs: string;
}

export interface Job {
  readonly runId: number;
  readonly actor: string;
  readonly repository?: string;
}

/** The step as the runner performs it: a fresh clone, the token in the environment, inputs, and files for what comes back. */
export async function performStep(twin: Twin, job: Job, step: Step): Promise<Performed> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-runner-'));
  try {
    const workspace = path.join(folder, 'workspace');
    const token = await twin.installationToken({ app: 'github-actions' });
    const { fullName } = twin.repository(job.repository);
    await checkout(twin.gitUrl(fullName, token), { workspace, clean: twin.gitUrl(fullName) });
    const [output, summary] = [path.join(folder, 'output'), path.join(folder, 'summary')];
    for (const file of [output, summary]) writeFileSync(file, '');
    const { main, inputs } = inputsFor(step);
    const ended = await bundleRun(main, {
      ...CLEAN,
      ...inputs,
      ...(await whoRuns(twin, job)),
      GITHUB_TOKEN: token,
      GITHUB_SERVER_URL: twin.origin,
      GITHUB_API_URL: twin.url,
      GITHUB_REPOSITORY: fullName,
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    });
    return { ...ended, summary: readFileSync(summary, 'utf8'), outputs: readFileSync(output, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For `onDispatch`: the steps of the dispatched workflow that use Fettle, in turn; the first that fails ends the run. */
export async function performRun(twin: Twin, run: Run): Promise<readonly Performed[]> {
  await twin.startRun(run.id);
  const done: Performed[] = [];
  let conclusion = 'failure';
  try {
    const job = { runId: run.id, actor: run.actor, repository: run.repository };
    for (const step of await stepsOf(twin, run)) {
      done.push(await performStep(twin, job, step));
      if (done.at(-1)?.code !== 0) return done;
    }
    conclusion = 'success';
    return done;
  } finally {
    await twin.finishRun(run.id, conclusion);
  }
}

const CLEAN = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};

async function checkout(
  url: string,
  { workspace, clean }: { readonly workspace: string; readonly clean: string },
): Promise<void> {
  const options = { env: CLEAN };
  const git = promisify(execFile);
  await git('git', ['clone', '--quiet', '--depth=1', '--branch=main', url, workspace], options);
  // What the checkout leaves on the disk knows no token.
  await git('git', ['-C', workspace, 'remote', 'set-url', 'origin', clean], options);
}

/** Inputs become variables as the runner makes them; those that the step does not name have their defaults. */
function inputsFor(step: Step): { readonly main: string; readonly inputs: Readonly<Record<string, string>> } {
  const action = ActionFile.parse(parse(readFileSync(path.join(TOP, 'action.yml'), 'utf8')));
  const given: Readonly<Record<string, string>> = { ...step };
  const pairs = Object.entries(action.inputs).map(([name, { default: usual }]) => [
    `INPUT_${name.toUpperCase()}`,
    given[name] ?? usual ?? '',
  ]);
  return { main: path.join(TOP, action.runs.main), inputs: Object.fromEntries(pairs) };
}

const User = z.object({ id: z.int() });

async function whoRuns(twin: Twin, { runId, actor }: Job): Promise<Readonly<Record<string, string>>> {
  const known = actor in twin.tokens ? await twin.request({ as: actor }, 'GET', '/user') : { id: 41_898_282 };
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY_ID: '4711',
    GITHUB_RUN_ID: String(runId),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'fettle',
    GITHUB_SHA: (await twin.repository().bare.ref('refs/heads/main'))?.oid ?? '',
    GITHUB_ACTOR: actor,
    GITHUB_ACTOR_ID: String(User.parse(known).id),
  };
}

function bundleRun(
  main: string,
  env: Readonly<Record<string, string>>,
): Promise<Pick<Performed, 'code' | 'log'>> {
  const { GITHUB_WORKSPACE: cwd = '' } = env;
  const child = spawn(process.execPath, [main], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void parts.push(text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, log: parts.join('') }));
  });
}

async function stepsOf(twin: Twin, { repository, workflow, inputs }: Run): Promise<readonly Step[]> {
  const { bare } = twin.repository(repository);
  const file = await bare.object(`refs/heads/main:.github/workflows/${workflow}`);
  const { jobs } = Workflow.parse(parse(file?.bytes.toString() ?? ''));
  return Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses?.includes('fettle') === true)
    .map(({ with: words = {} }) => ({
      verb: filledIn(words['verb'] ?? 'run', inputs),
      arguments: filledIn(words['arguments'] ?? '', inputs),
    }));
}

function filledIn(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (_, name: string) => inputs[name] ?? '');
}
