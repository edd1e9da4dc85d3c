/** The whole app beside the GitHub stand-in: webhooks arrive over HTTP, and its calls go to the stand-in's API. */
import { afterAll } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type App, type AppOptions } from '../../bot/app.ts';
import { openJournal } from '../../bot/journal.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import type { Twin, TwinOptions } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import { temporaryFolder } from '../temporary.ts';
import { PLAIN_VOICE } from './plain-voice.ts';

export interface Living {
  readonly twin: Twin;
  readonly app: App;
  readonly lines: readonly string[];
  readonly folder: string;
  /** Until every delivery was handled and GitHub is quiet. */
  settled(): Promise<void>;
  /** The bodies of the app's own comments on a thread. */
  told(thread: number): Promise<readonly string[]>;
}

const open: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A minute of the app's waiting is a few milliseconds here. */
const HURRY = 200;

export async function openLiving(
  options: { readonly twin?: TwinOptions; readonly app?: Partial<AppOptions> } = {},
): Promise<Living> {
  return startBeside(await openedTwin(options.twin), options.app);
}

export async function startBeside(twin: Twin, options: Partial<AppOptions> = {}): Promise<Living> {
  const lines: string[] = [];
  const folder = options.folder ?? temporaryFolder();
  const now = (): string => new Date().toISOString();
  const app = await startApp({
    appId: twin.app.id,
    privateKey: twin.app.privateKey,
    secret: twin.app.webhookSecret,
    apiUrl: twin.url,
    folder,
    host: '127.0.0.1',
    port: 0,
    pages: [],
    workflows: null,
    voice: PLAIN_VOICE,
    journal: openJournal((line) => void lines.push(line), now),
    now,
    sleep: (ms) => sleep(ms / HURRY),
    lookEveryMs: 0,
    ...options,
  });
  open.push(() => app.drain(0));
  twin.webhooksTo(`${app.url}${WEBHOOK_PATH}`);
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 2; quiet = app.ingress.left === 0 ? quiet + 1 : 0) await twin.settled();
  };
  return {
    twin,
    app,
    lines,
    folder,
    settled,
    async told(thread) {
      await settled();
      const comments = await twin.comments(thread);
      return comments.flatMap(({ body, user }) =>
        typeof user === 'object' && user !== null && 'login' in user && user.login === `${twin.app.slug}[bot]`
          ? [String(body)]
          : [],
      );
    },
  };
}
