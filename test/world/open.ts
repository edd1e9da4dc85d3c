/** A world to meet the bot in: the GitHub stand-in with a repository of digits, and the app as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { batchesOf } from '../../action/verbs/demo-data.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import { openTwin, type Twin, type TwinOptions } from '../fakes/github/twin.ts';
import { performRun, performStep, type Performed, type Step } from './runner.ts';
import { SETTINGS, WORKFLOWS } from './seed.ts';

const TOP = path.resolve(import.meta.dirname, '../..');

export interface WorldOptions {
  /** Beside the README, the data and the workflows; a file of the same name replaces the seeded one. */
  readonly files?: Readonly<Record<string, string>>;
  /** Seeded files that are left out, such as `.github/fettle.yml` before the onboarding is merged. */
  readonly without?: readonly string[];
  readonly twin?: Omit<TwinOptions, 'repositories' | 'onDispatch'>;
  /** Hears every line that the app writes. */
  readonly heard?: (line: string) => void;
}

export interface OpenWorld {
  readonly twin: Twin;
  readonly appUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Twelve batches of digits as CSV files: `data/digits.csv` is the first. */
  readonly batches: readonly string[];
  /** What the app wrote so far, one JSON object a line. */
  readonly lines: readonly string[];
  /** As a schedule or a person starts a job: the Action on a fresh clone, pushing through git. */
  perform(step: Step, by?: string): Promise<Performed>;
  /** What the Action wrote in dispatched runs, newest last. */
  readonly runs: readonly Performed[];
  /** Until GitHub is quiet and the app has handled every delivery. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const REPOSITORY = 'octo/models';

export async function openWorld(options: WorldOptions = {}): Promise<OpenWorld> {
  const batches = batchesOf(readFileSync(path.join(TOP, 'action/demo/digits.csv.gz')));
  const csv = batches.map((batch) => batch.csv);
  const runs: Performed[] = [];
  const files = Object.entries({
    '.github/fettle.yml': SETTINGS,
    ...WORKFLOWS,
    'data/digits.csv': csv[0] ?? '',
    ...options.files,
  }).filter(([name]) => options.without?.includes(name) !== true);
  const twin = await openTwin({
    ...options.twin,
    repositories: [{ name: REPOSITORY, files: Object.fromEntries(files) }],
    onDispatch: async (run, at) => void runs.push(...(await performRun(at, run))),
  });
  const app = await startServer(twin, options.heard ?? (() => undefined));
  twin.webhooksTo(`${app.url}${WEBHOOK_PATH}`);
  let scheduled = 0;
  return {
    twin,
    appUrl: app.url,
    repository: REPOSITORY,
    batches: csv,
    lines: app.lines,
    runs,
    perform: (step, by = 'github-actions[bot]') =>
      performStep(twin, { runId: 7_000 + ++scheduled, actor: by }, step),
    settled: () => settled(twin, app.url),
    async close() {
      await app.stop();
      await twin.close();
    },
  };
}

/** The gauge of what the app has taken and not done. */
const LEFT = /^fettle_deliveries_left (\d+)$/m;

async function settled(twin: Twin, appUrl: string): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    await twin.settled();
    const answer = await fetch(`${appUrl}/metrics`);
    quiet = LEFT.exec(await answer.text())?.[1] === '0' ? quiet + 1 : 0;
  }
}

interface Server {
  readonly url: string;
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

const Listening = z.object({ what: z.literal('listening'), url: z.string() });

/** As whoever operates it starts it: with nothing but its environment. */
async function startServer(twin: Twin, heard: (line: string) => void): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-app-'));
  const child = spawn(process.execPath, [path.join(TOP, 'bot/server.ts')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      APP_ID: String(twin.app.id),
      PRIVATE_KEY: twin.app.privateKey.replaceAll('\n', '\\n'),
      WEBHOOK_SECRET: twin.app.webhookSecret,
      GITHUB_API_URL: twin.url,
      FETTLE_BOT_STATE: folder,
      FETTLE_BOT_PAGES: REPOSITORY,
      // The emulator has no list of all comments of a repository, by which missed ones are found.
      FETTLE_BOT_LOOK_MS: '0',
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error(`the app ended: ${lines.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      heard(line);
      const told = Listening.safeParse(JSON.parse(line));
      if (told.success) resolve(told.data.url);
    });
  });
  return { url, lines, stop: () => stopServer(child, { ended, folder }) };
}

async function stopServer(
  child: ChildProcess,
  { ended, folder }: { readonly ended: Promise<unknown>; readonly folder: string },
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
