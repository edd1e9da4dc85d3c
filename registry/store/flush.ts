/** The names that git gave reach the disk: it flushes files before it renames them, and leaves the folders to chance. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { gitFailed } from '../faults.ts';
import { RECEIVE, sentenceOf, type Git } from './git.ts';

type Printing = Pick<Git, 'folder' | 'print'>;

/** A repository does not move while a process works in it, and to ask is a process of its own. */
const COMMON_FOLDERS = new WeakMap<Printing, string>();

/** What all work trees of a repository share. @throws notARepository */
export async function commonFolderOf(git: Printing): Promise<string> {
  const known = COMMON_FOLDERS.get(git);
  if (known !== undefined) return known;
  const found = path.resolve(
    git.folder,
    (await git.print({ args: ['rev-parse', '--git-common-dir'] })).trim(),
  );
  COMMON_FOLDERS.set(git, found);
  return found;
}

/**
 * Flushes the folders of the reference, from its own up to `refs`. Journalling file systems put everything that was
 * named before on the disk with it.
 *
 * @throws gitFailed when the disk does not take it
 */
export async function flushRef(git: Printing, ref: string): Promise<void> {
  // Windows cannot open a folder and needs no flush.
  if (process.platform === 'win32') return;
  const top = await commonFolderOf(git);
  for (let folder = path.dirname(ref); folder !== '.'; folder = path.dirname(folder)) {
    await flushFolder(path.join(top, folder));
  }
}

async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Git packed the references away, or keeps them in another way and flushes them itself.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    const said = error instanceof Error ? error.message : String(error);
    throw gitFailed({ command: `update-ref in ${folder}`, said: sentenceOf(said) });
  }
}

/**
 * How to push so that a remote on a disk of ours flushes too: a server decides for itself, but a folder takes git's
 * settings from whoever pushes, and none of them from the pusher's own command line.
 */
export async function receiverOf(git: Pick<Git, 'attempt'>, remote: string): Promise<readonly string[]> {
  return (await folderOf(git, remote)) === null ? [] : [RECEIVE];
}

/** The folder that a remote is; null where it is behind a server. */
export async function folderOf({ attempt }: Pick<Git, 'attempt'>, remote: string): Promise<string | null> {
  const url = await attempt({ args: ['remote', 'get-url', '--push', remote] });
  const place = url.ok ? url.out.trim() : '';
  if (place.startsWith('file://')) return decodeURI(place.slice('file://'.length));
  return /^([/.]|[A-Za-z]:[\\/])/.test(place) ? place : null;
}
