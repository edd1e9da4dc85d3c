/** Reads from history what left the tree when an epoch began. */
import { historyMissing } from '../faults.ts';
import { EPOCH_HEAD_PATH, headIn } from './epoch.ts';
import { textOf } from './git.ts';
import { textsAt, type Place } from './git-files.ts';
import { HEAD_PATH } from './lay-out.ts';

/** Of these files, those that some earlier epoch's last commit holds: as the newest of them does. */
export async function bygoneAt(
  place: Place,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (paths.length === 0) return found;
  const { ends, isCut } = await endsBefore(place, tip);
  for (const end of ends) {
    const left = paths.filter((path) => !found.has(path));
    if (left.length === 0) break;
    for (const [path, text] of await textsAt(place, end, left)) found.set(path, text);
  }
  if (!isCut || found.size === paths.length) return found;
  const first = paths.find((path) => !found.has(path)) ?? '';
  throw historyMissing({ where: place.where, what: first });
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
