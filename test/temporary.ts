/** Temporary folders and git repositories for tests, removed when the test file ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { GIT_ENV } from './temporary-git.ts';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-test-'));
  made.push(folder);
  return folder;
}

export { GIT_ENV };

export function git(folder: string, ...words: string[]): string {
  return execFileSync('git', words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...GIT_ENV },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** A repository with one commit, on the branch main. */
export function temporaryRepository(...options: readonly string[]): string {
  const folder = temporaryFolder();
  git(folder, 'init', '--quiet', '--initial-branch=main', ...options);
  git(folder, 'config', 'user.name', 'Ada Lovelace');
  git(folder, 'config', 'user.email', 'ada@example.com');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'begin');
  return folder;
}
