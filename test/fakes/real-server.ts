/** Starts real servers that tests talk to, where their programs are installed; each on a free port of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

export interface RealServer {
  readonly url: URL;
  stop(): Promise<void>;
}

/** Where the program lies: on the path, or where Go installs; null when it is nowhere. */
export function programNamed(name: string, says: RegExp): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), path.join(homedir(), 'go/bin')];
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (!existsSync(file)) continue;
    const { stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (says.test(`${stdout}${stderr}`)) return file;
  }
  return null;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

interface Starting {
  readonly program: string;
  readonly words: readonly string[];
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startServer(starting: Starting): Promise<RealServer> {
  const { program, words, port, environment = {} } = starting;
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment },
  });
  let said = '';
  child.stdout.on('data', (piece) => (said += String(piece)));
  child.stderr.on('data', (piece) => (said += String(piece)));
  const url = new URL(`http://127.0.0.1:${port}`);
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, stop: () => stopped(child) };
}

async function answers(url: URL): Promise<boolean> {
  try {
    await (await fetch(url, { redirect: 'manual' })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  return ended;
}
