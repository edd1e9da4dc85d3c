/** Runs the command line as people do: a process of its own, in a folder, with nothing of ours in its environment. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { git, GIT_ENV } from '../temporary.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
export const BUNDLE = path.join(TOP, 'action/dist/cli.js');
const SOURCE = path.join(TOP, 'action/cli.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', ...GIT_ENV, ...extra };
}

export function fettle(
  folder: string,
  words: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SOURCE, ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: cleanEnvironment(extra),
    maxBuffer: 1 << 28,
  });
  return { code: status, stdout, stderr };
}

/** Every ref and every file of the work tree with its bytes, so that "nothing changed" can be said of all of it. */
export function everythingIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter(
      (file) => !file.startsWith('.git/') && file !== '.git' && statSync(path.join(folder, file)).isFile(),
    );
  return {
    refs: git(folder, 'for-each-ref', '--format=%(refname) %(objectname)'),
    index: git(folder, 'ls-files', '--stage'),
    ...Object.fromEntries(
      files.sort().map((file) => [file, readFileSync(path.join(folder, file), 'base64')]),
    ),
  };
}

/** Rows of two clouds that a line tells apart. */
export function cloudsCsv(rows = 200, from = 0): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = from + index;
    const side = row % 2 === 0 ? -1 : 1;
    return `row-${row},${(side * (1 + ((row * 7) % 13) / 10)).toFixed(3)},${(((row * 37) % 101) / 50).toFixed(3)},${side < 0 ? 'low' : 'high'}`;
  });
  return ['id,x,y,label', ...lines, ''].join('\n');
}

export const CLOUDS_SETTINGS = `models:
  clouds:
    recipe: train-and-promote
    columns: { id: id }
    gates:
      enough-samples: { least: 40, effect: 0.2 }
`;
