/** The app as people start it: `node bot/server.ts` in a process of its own, with nothing but its environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import type { Twin } from '../fakes/github/twin.ts';

const SERVER = path.resolve(import.meta.dirname, '../../bot/server.ts');

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

export interface Door {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Null where it ended without listening. */
  readonly url: string | null;
  readonly ended: Promise<number | string>;
}

export function environmentFor(twin: Twin, folder: string): Readonly<Record<string, string>> {
  return {
    APP_ID: String(twin.app.id),
    // As an environment of one line takes it.
    PRIVATE_KEY: twin.app.privateKey.replaceAll('\n', '\\n'),
    WEBHOOK_SECRET: twin.app.webhookSecret,
    GITHUB_API_URL: twin.url,
    FETTLE_BOT_STATE: folder,
    HOST: '127.0.0.1',
    PORT: '0',
  };
}

export async function openDoor(env: Readonly<Record<string, string>>): Promise<Door> {
  const child = spawn(process.execPath, [SERVER], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const told = JSON.parse(line) as { readonly what?: string; readonly url?: string };
      if (told.what === 'listening' && told.url !== undefined) resolve(told.url);
    });
  });
  const url = await Promise.race([listening, ended.then(() => null)]);
  return { child, lines, url, ended };
}

export function webhookOf({ url }: Door): string {
  return `${url}${WEBHOOK_PATH}`;
}
