/** Finds the commit by which the log had first reached a size: sizes only grow, so few heads need to be read. */
import { FettleError } from '../base/fault.ts';
import { SEALED_FOLDERS } from '../schema/seal.ts';
import { textOf } from './git.ts';
import { listFiles } from './git-commit.ts';
import { filesUnder, type Place } from './git-files.ts';
import { HEAD_PATH, parseHead, segmentPath } from './lay-out.ts';
import type { Reached } from './log.ts';

/** Heads that one process reads. */
const PROBES = 64;

export async function firstReaching(place: Place, tip: string, wanted: number): Promise<Reached | null> {
  const out = await place.git.print({ args: ['rev-list', '--reverse', tip] });
  const commits = out.split('\n').filter((line) => line !== '');
  const found = await firstWith(place, commits, wanted);
  if (found === null) return null;
  const { mark, size } = found;
  const plain = (await listFiles(place.git, mark, [])).filter(({ mode }) => mode === '100644');
  const files = await filesUnder(place, mark, [HEAD_PATH, segmentPath(size - 1), ...SEALED_FOLDERS]);
  return { mark, files, paths: plain.map(({ path }) => path) };
}

interface Sized {
  readonly mark: string;
  readonly size: number;
}

/** @param commits  the oldest first */
async function firstWith(place: Place, commits: readonly string[], wanted: number): Promise<Sized | null> {
  let [from, until]: [number, number] = [0, commits.length];
  let best: Sized | null = null;
  while (from < until) {
    const step = Math.max(1, Math.ceil((until - from) / PROBES));
    const at = Array.from({ length: Math.ceil((until - from) / step) }, (_, index) =>
      Math.min(until - 1, from + (index + 1) * step - 1),
    );
    const sizes = await sizesAt(
      place,
      at.map((index) => commits[index] ?? ''),
    );
    // A commit without a readable head is nothing to begin at, and which way to go from it nobody knows.
    if (sizes.some((size) => size === null)) return null;
    const first = sizes.findIndex((size) => (size ?? 0) >= wanted);
    if (first === -1) return best;
    best = { mark: commits[at[first] ?? 0] ?? '', size: sizes[first] ?? 0 };
    if (step === 1) return best;
    [from, until] = [first === 0 ? from : (at[first - 1] ?? 0) + 1, at[first] ?? 0];
  }
  return best;
}

async function sizesAt({ git }: Place, commits: readonly string[]): Promise<readonly (number | null)[]> {
  const heads = await git.objects(commits.map((commit) => `${commit}:${HEAD_PATH}`));
  return heads.map((head) => {
    try {
      return parseHead(textOf(head) ?? '').size;
    } catch (error) {
      if (error instanceof FettleError) return null;
      throw error;
    }
  });
}
