/** What git knows of the folder we are in: its top, its commit, its remotes and who sits there. */
import { simpleGit } from 'simple-git';
import { notARepository } from '../faults.ts';

export interface Repository {
  /** Top of the work tree; the git directory itself in a bare repository. */
  readonly top: string;
  /** Commit that HEAD is at; null before the first. */
  commit(): Promise<string | null>;
  remotes(): Promise<readonly string[]>;
  /** Address of a remote, for people; credentials in it are left out. */
  address(remote: string): Promise<string>;
  /** `user.name` and `user.email`, or stand-ins where git was told neither. */
  user(): Promise<{ readonly name: string; readonly email: string }>;
}

/** @throws notARepository */
export async function repositoryAt(folder: string): Promise<Repository> {
  const git = simpleGit(folder);
  const raw = async (...words: string[]): Promise<string | null> => {
    try {
      return (await git.raw(words)).trim();
    } catch {
      return null;
    }
  };
  const top = (await raw('rev-parse', '--show-toplevel')) ?? (await raw('rev-parse', '--absolute-git-dir'));
  if (top === null || top === '') throw notARepository({ folder });

  return {
    top,
    commit: async () => (await raw('rev-parse', '--verify', '--quiet', 'HEAD')) || null,
    remotes: async () => ((await raw('remote')) ?? '').split('\n').filter((name) => name !== ''),
    address: async (remote) => withoutCredentials((await raw('remote', 'get-url', remote)) ?? remote),
    user: async () => ({
      name: (await raw('config', 'user.name')) || 'unknown',
      email: (await raw('config', 'user.email')) || 'unknown@localhost',
    }),
  };
}

function withoutCredentials(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
