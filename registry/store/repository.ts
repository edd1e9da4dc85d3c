/** What git knows of the folder we are in: its top, its commit, its remotes and who sits there. */
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { notARepository } from '../faults.ts';
import { gitIn } from './git.ts';

export interface Repository {
  /** Top of the work tree; the git directory itself in a bare repository. */
  readonly top: string;
  /** Commit that HEAD is at; null before the first. */
  commit(): Promise<string | null>;
  remotes(): Promise<readonly string[]>;
  /** `user.name` and `user.email`, or stand-ins where git was told neither. */
  user(): Promise<{ readonly name: string; readonly email: string }>;
  version(): Promise<string>;
  /** Where git keeps what all linked work trees share. */
  commonFolder(): Promise<string>;
}

/** @throws notARepository */
export async function repositoryAt(folder: string): Promise<Repository> {
  const git = gitIn(folder);
  const asked = async (...args: string[]): Promise<string> => {
    const answer = await git.attempt({ args });
    return answer.ok ? answer.out.trim() : '';
  };
  // Both at once, because every call of git is a process; a bare repository has no work tree to ask for.
  const places =
    (await asked('rev-parse', '--show-toplevel', '--git-common-dir')) ||
    (await asked('rev-parse', '--absolute-git-dir', '--git-common-dir'));
  if (places === '') throw notARepository({ folder });
  const cut = places.lastIndexOf('\n');
  const [top, common] = [places.slice(0, cut), path.resolve(folder, places.slice(cut + 1))];

  let read: Promise<ReadonlyMap<string, string>> | null = null;
  /** Read once; of several values the last counts, as for git itself. */
  const configured = (): Promise<ReadonlyMap<string, string>> =>
    (read ??= asked('config', '--null', '--get-regexp', '^(user|remote)\\.').then(settingsFrom));

  return {
    top,
    commit: async () => (await asked('rev-parse', '--verify', '--quiet', 'HEAD')) || null,
    async remotes() {
      const found = [...(await configured()).keys()].flatMap(
        (name) => /^remote\.(.+)\.[^.]+$/s.exec(name)?.[1] ?? [],
      );
      return [...new Set(found)].sort();
    },
    async user() {
      const told = await configured();
      return {
        name: told.get('user.name')?.trim() || 'unknown',
        email: told.get('user.email')?.trim() || 'unknown@localhost',
      };
    },
    version: () => asked('version'),
    commonFolder: async () => common,
  };
}

/** What `git config -z` prints; of a setting that is made several times, the last counts. */
function settingsFrom(out: string): ReadonlyMap<string, string> {
  const lines = out.split('\0').filter((line) => line !== '');
  return new Map(
    lines.map((line): [string, string] => [line.split('\n')[0] ?? '', line.slice(line.indexOf('\n') + 1)]),
  );
}

export interface RepositoryAsk {
  readonly work: string;
  /** Becomes the bare repository that `origin` names. */
  readonly origin: string;
}

/** A repository with a bare origin and one commit; made aside and moved into place, so that it is there whole. */
export async function makeRepository({ work, origin }: RepositoryAsk): Promise<void> {
  if (!(await exists(origin))) {
    const aside = await asideOf(origin);
    await gitIn(aside).print({ args: ['init', '--quiet', '--bare', '--initial-branch=main', '.'] });
    await rename(aside, origin);
  }
  if (await exists(work)) return;
  const aside = await asideOf(work);
  const git = gitIn(aside);
  await git.print({ args: ['init', '--quiet', '--initial-branch=main', '.'] });
  const settings = {
    'user.name': 'Fettle demo',
    'user.email': 'demo@fettle.invalid',
    'commit.gpgsign': 'false',
    'remote.origin.url': origin,
    'remote.origin.fetch': '+refs/heads/*:refs/remotes/origin/*',
  };
  for (const [name, value] of Object.entries(settings)) await git.print({ args: ['config', name, value] });
  await git.print({ args: ['commit', '--quiet', '--allow-empty', '--message', 'begin'] });
  await rename(aside, work);
}

async function exists(folder: string): Promise<boolean> {
  try {
    await access(folder);
    return true;
  } catch {
    return false;
  }
}

async function asideOf(folder: string): Promise<string> {
  const aside = `${folder}.making`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  return aside;
}
