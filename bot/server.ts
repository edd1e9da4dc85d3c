/** The door of the app: environment -> app -> signals -> exit code. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FettleError } from '../registry/base/fault.ts';
import { startApp, type App, type AppOptions } from './app.ts';
import { converse } from './commands/converse.ts';
import { renderSticky } from './commands/render.ts';
import { WorkflowSource } from './events/callers.ts';
import { credentialsMissing, workflowsMisnamed } from './faults.ts';
import { openJournal } from './journal.ts';

/** Less than the half minute after which most platforms kill. */
const DRAIN_MS = 25_000;
const LOOK_EVERY_MS = 10 * 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

const now = (): string => new Date().toISOString();
const journal = openJournal((line) => process.stdout.write(line), now);

/** @throws credentialsMissing, workflowsMisnamed */
function optionsFrom(env: Environment): AppOptions {
  const appId = Number(env['APP_ID']);
  if (!Number.isInteger(appId) || appId <= 0) {
    throw credentialsMissing({
      wanted: 'the number of the GitHub App in APP_ID',
      found: env['APP_ID'] ?? 'none',
    });
  }
  return {
    appId,
    privateKey: privateKeyFrom(env),
    secret: env['WEBHOOK_SECRET'],
    apiUrl: env['GITHUB_API_URL'] ?? apiOf(env['GHE_HOST'], env['GHE_PROTOCOL']),
    folder: env['FETTLE_BOT_STATE'] ?? '.fettle/bot',
    host: env['HOST'] ?? '0.0.0.0',
    port: Number(env['PORT'] ?? 3000),
    pages: (env['FETTLE_BOT_PAGES'] ?? '')
      .split(',')
      .flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
    workflows: workflowsFrom(env['FETTLE_BOT_WORKFLOWS']),
    voice: { converse, render: renderSticky },
    journal,
    now,
    sleep: (ms) => sleep(ms, undefined, { ref: false }),
    lookEveryMs: Number(env['FETTLE_BOT_LOOK_MS'] ?? LOOK_EVERY_MS),
  };
}

/** @throws workflowsMisnamed */
function workflowsFrom(told: string | undefined): WorkflowSource | null {
  if (told === undefined || told === '') return null;
  const found = WorkflowSource.safeParse(told);
  if (!found.success) throw workflowsMisnamed({ found: told });
  return found.data;
}

function apiOf(host: string | undefined, protocol: string | undefined): string {
  return host === undefined ? 'https://api.github.com' : `${protocol ?? 'https'}://${host}/api/v3`;
}

/** Line ends are written as `\n` where an environment takes only one line. */
function privateKeyFrom(env: Environment): string {
  const file = env['PRIVATE_KEY_PATH'];
  const key = env['PRIVATE_KEY'] ?? (file === undefined ? '' : readFileSync(file, 'utf8'));
  const text = key.includes('\\n') ? key.replaceAll('\\n', '\n') : key;
  if (text.includes('PRIVATE KEY-----')) return text;
  throw credentialsMissing({
    wanted: 'the private key of the GitHub App in PRIVATE_KEY',
    found: text === '' ? 'none' : 'something else',
  });
}

/** The second signal does not wait. */
function stopOn(signal: 'SIGTERM' | 'SIGINT', app: App): void {
  process.once(signal, () => {
    process.once(signal, () => process.exit(1));
    journal.say('draining', { signal, left: app.ingress.left });
    void app.drain(DRAIN_MS).then((left) => process.exit(left === 0 ? 0 : 1));
  });
}

try {
  const app = await startApp(optionsFrom(process.env));
  stopOn('SIGTERM', app);
  stopOn('SIGINT', app);
} catch (error) {
  journal.wrong(error, { event: 'start' });
  if (error instanceof FettleError) journal.say('mend', { next: error.mend });
  process.exit(1);
}
