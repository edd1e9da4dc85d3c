/** Reads from history what left the tree when an epoch began. */
import { historyMissing } from '../faults.ts';
import { keptFrom, vouchedIn, type Kept } from './bygone.ts';
import { EPOCH_HEAD_PATH, headIn } from './epoch.ts';
import { textOf } from './git.ts';
import { listFiles } from './git-commit.ts';
import { textsAt, type Place } from './git-files.ts';
import { HEAD_PATH, segmentPath } from './lay-out.ts';

/** Of these files, those that the last commit of an earlier epoch holds, and that the tree's own lines vouch for. */
export async function bygoneAt(
  place: Place,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const { ends, isCut } = await endsBefore(place, tip);
  const history = { ends, textsAt: (end: string, left: readonly string[]) => textsAt(place, end, left) };
  const found = await vouchedIn(history, paths, await keptAt(place, tip));
  if (!isCut || found.size === paths.length) return found;
  const first = paths.find((path) => !found.has(path)) ?? '';
  throw historyMissing({ where: place.where, what: first });
}

async function keptAt(place: Place, tip: string): Promise<Kept> {
  const head = (await textsAt(place, tip, [EPOCH_HEAD_PATH])).get(EPOCH_HEAD_PATH);
  const from = await keptFrom(head, async () =>
    (await listFiles(place.git, tip, ['log'])).map(({ path }) => path),
  );
  const path = segmentPath(from);
  return { from, text: (await textsAt(place, tip, [path])).get(path) };
}

interface Ends {
  /** The last commit of each earlier epoch, the newest first. */
  readonly ends: readonly string[];
  /** Whether this repository's history stops before the first of them. */
  readonly isCut: boolean;
}

/** A commit that only mended the folder of an epoch is passed over: what is before it is no epoch's end. */
async function endsBefore({ git }: Place, tip: string): Promise<Ends> {
  const out = await git.print({ args: ['log', '--format=%H %P', tip, '--', EPOCH_HEAD_PATH] });
  const changes = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ commit: line.split(' ')[0] ?? '', parent: line.split(' ')[1] ?? '' }));
  const known = changes.filter(({ parent }) => parent !== '');
  const heads = await git.objects(
    known.flatMap(({ commit, parent }) => [`${commit}:${HEAD_PATH}`, `${parent}:${HEAD_PATH}`]),
  );
  const epochs = heads.map((head) => headIn(textOf(head))?.epoch);
  const ends = known.filter((_, index) => (epochs[index * 2] ?? 0) > (epochs[index * 2 + 1] ?? 0));
  // Git shows a commit whose parents it lacks as one without any; the commit itself names them.
  const roots = changes.filter(({ parent }) => parent === '').map(({ commit }) => commit);
  const cut = (await git.objects(roots)).some((root) => /^parent /m.test(root?.bytes.toString() ?? ''));
  return { ends: ends.map(({ parent }) => parent), isCut: cut };
}
