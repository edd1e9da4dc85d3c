/** The door for the GitHub Action: inputs -> verb -> outputs, summary, exit code. */
import path from 'node:path';
import * as z from 'zod';
import { credentialsOf } from '../pipelines/artifacts/credentials.ts';
import { FettleError } from '../registry/base/fault.ts';
import type { Actor, Source } from '../registry/schema/event.ts';
import { inputOf, splitCommandLine } from './arguments.ts';
import { exitOfError } from './exit.ts';
import { runnerMissing } from './faults.ts';
import { decisionOf, failureOf } from './decision.ts';
import { annotate, log, readInputs, summarize, writeOutputs, type ActionInputs } from './io.ts';
import { lendToken } from './lend-token.ts';
import { paintFor } from './paint.ts';
import { progressOn } from './progress.ts';
import { takeKeys } from './take-keys.ts';
import { verbNamed } from './verbs/index.ts';
import { EXIT, type Told, type VerbContext } from './verbs/verb.ts';

/** What the runner tells of itself; GitHub documents these variables for every job. */
const Runner = z.object({
  GITHUB_WORKSPACE: z.string().min(1),
  GITHUB_REPOSITORY_ID: z.coerce.number().pipe(z.int()),
  GITHUB_RUN_ID: z.coerce.number().pipe(z.int()),
  GITHUB_RUN_ATTEMPT: z.coerce.number().pipe(z.int()),
  GITHUB_JOB: z.string().min(1),
  GITHUB_SHA: z.string().min(1),
  GITHUB_ACTOR: z.string().min(1),
  GITHUB_ACTOR_ID: z.coerce.number().pipe(z.int().positive()),
  /** Somebody else than the actor where a run is done again; older servers do not say. */
  GITHUB_TRIGGERING_ACTOR: z.string().min(1).optional(),
});
type Runner = z.infer<typeof Runner>;

const KEYS = takeKeys(process.env);
lendToken(process.env);

async function main(): Promise<void> {
  let asked = { verb: '', dryRun: false };
  try {
    const inputs = readInputs();
    asked = inputs;
    const told = await perform(inputs, runnerOf(process.env));
    const exit = told.exit ?? EXIT.done;
    const text = told.text(paintFor(false));
    log(text);
    await summarize({ markdown: told.summary ?? null, text });
    const ok = exit === EXIT.done || exit === EXIT.refused;
    writeOutputs({ ok, exitCode: exit, decision: decisionOf(inputs, told), result: told.data });
    // A refused candidate is the gates doing their work; it fails the job only where that was asked for.
    process.exitCode = exit === EXIT.refused && !inputs.failOnRefusal ? EXIT.done : exit;
  } catch (error) {
    await tellError(error, asked);
  }
}

async function perform(inputs: ActionInputs, runner: Runner): Promise<Told> {
  const entry = verbNamed(inputs.verb);
  if (entry.brief === true) z.config({ jitless: true });
  const verb = await entry.load();
  const line = splitCommandLine([
    inputs.verb,
    ...inputs.words,
    ...(inputs.dryRun && verb.writes ? ['--dry-run'] : []),
  ]);
  const input = inputOf(verb, line);
  return verb.run(contextOf(runner, { folder: inputs.folder, dryRun: line.common.dryRun }), input);
}

/** @throws runnerMissing, naming the variables */
function runnerOf(environment: NodeJS.ProcessEnv): Runner {
  const found = Runner.safeParse(environment);
  if (found.success) return found.data;
  throw runnerMissing({ variables: found.error.issues.map(({ path: [name] }) => String(name)) });
}

function contextOf(
  runner: Runner,
  { folder, dryRun }: { readonly folder: string; readonly dryRun: boolean },
): VerbContext {
  const source: Source = {
    door: 'action',
    repo_id: runner.GITHUB_REPOSITORY_ID,
    run_id: runner.GITHUB_RUN_ID,
    attempt: runner.GITHUB_RUN_ATTEMPT,
    job: runner.GITHUB_JOB,
    sha: runner.GITHUB_SHA,
  };
  const login = runner.GITHUB_ACTOR;
  const again = runner.GITHUB_TRIGGERING_ACTOR ?? login;
  const actor: Actor = { kind: login.endsWith('[bot]') ? 'bot' : 'user', id: runner.GITHUB_ACTOR_ID, login };
  return {
    folder: path.resolve(runner.GITHUB_WORKSPACE, folder),
    now: () => new Date().toISOString(),
    progress: progressOn({
      isTerminal: false,
      write: (text) => log(text.trimEnd()),
      elapsedMs: () => performance.now(),
    }),
    dryRun,
    actor,
    ...(again === login ? {} : { againBy: again }),
    source,
    secrets: { keys: KEYS, stores: credentialsOf(process.env) },
  };
}

async function tellError(error: unknown, asked: Pick<ActionInputs, 'verb' | 'dryRun'>): Promise<void> {
  const known = error instanceof FettleError ? error : null;
  const broken = {
    code: 'action/broken',
    message: String(error),
    mend: 'Report this with the log of the job.',
    retry: 'never',
  };
  const { code, message, mend, retry } = known ?? broken;
  annotate(message, mend);
  await summarize({ markdown: null, text: `${message}. ${mend}` });
  const exitCode = exitOfError(error);
  writeOutputs({
    ok: false,
    exitCode,
    decision: failureOf(asked, { code, message, mend }, exitCode),
    result: { code, says: message, mend, retry },
  });
  process.exitCode = exitCode;
}

await main();
