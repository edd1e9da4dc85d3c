/** The files of a registry as a commit holds them, read in as few processes as can be. */
import { registryDamaged, registryForeign } from '../faults.ts';
import { textOf, type GitObject } from './git.ts';
import { listFiles } from './git-commit.ts';
import { knownTip, REF, trackingRef, type Site } from './git-tip.ts';
import { CHECKPOINT_PATH, checkFormat, FORMAT_PATH, HEAD_PATH, parseHead, strangerAmong } from './lay-out.ts';
import type { Head } from './log.ts';

export interface Place extends Site {
  /** For people. */
  readonly where: string;
}

export interface Found {
  readonly tip: string;
  readonly head: Head;
  /** Of the paths asked for, those that there are. */
  readonly texts: ReadonlyMap<string, string>;
}

const ALWAYS = [FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH];

/**
 * The head and these files of the newest commit, all of one moment; null where no registry was begun. One process
 * where this clone's branch and the remote's are the same.
 *
 * @throws registryForeign, registryFromFuture, registryDamaged, registryDiverged
 */
export async function filesNow(place: Place, paths: readonly string[]): Promise<Found | null> {
  const { git, remote } = place;
  const tracking = remote === null ? [] : [trackingRef(remote)];
  const wanted = namesAt(REF, paths);
  const objects = await git.objects([REF, ...tracking, ...wanted, REF]);
  const [local, last] = [objects[0] ?? null, objects.at(-1) ?? null];
  const tracked = remote === null ? null : (objects[1] ?? null);
  // A branch that moved while git was reading would have given files of two moments.
  const steady = local !== null && local.oid === last?.oid && (tracked === null || tracked.oid === local.oid);
  if (steady) {
    return foundIn(place, { tip: local.oid, objects: objects.slice(1 + tracking.length, -1), paths });
  }
  const tip = await knownTip(place);
  return tip === null ? null : filesAt(place, tip, paths);
}

/** The same of one commit. */
export async function filesAt(place: Place, tip: string, paths: readonly string[]): Promise<Found> {
  return foundIn(place, { tip, objects: await place.git.objects(namesAt(tip, paths)), paths });
}

function namesAt(commit: string, paths: readonly string[]): readonly string[] {
  return [`${commit}^{tree}`, ...[...ALWAYS, ...paths].map((path) => `${commit}:${path}`)];
}

interface Read {
  readonly tip: string;
  /** The root tree, then the files in the order of their names. */
  readonly objects: readonly (GitObject | null)[];
  readonly paths: readonly string[];
}

async function foundIn(place: Place, { tip, objects, paths }: Read): Promise<Found> {
  const [root, ...blobs] = objects;
  await refuseStrangers(place, tip, root ?? null);
  const texts = textsOf([...ALWAYS, ...paths], blobs);
  checkFormat(texts.get(FORMAT_PATH), place.where);
  const head = texts.get(HEAD_PATH);
  if (head === undefined) throw registryDamaged({ where: HEAD_PATH, wanted: 'a file', found: 'none' });
  return { tip, head: parseHead(head), texts };
}

/** Of these files of a commit, those that there are. @throws registryDamaged */
export async function textsAt(
  { git }: Place,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return textsOf(paths, await git.objects(paths.map((path) => `${commit}:${path}`)));
}

/**
 * Every one of these files of a commit that was found before, one by one as git finds them.
 *
 * @throws registryDamaged for a blob that is no text, and whatever taking one throws
 */
export async function eachFileAt(
  { git }: Place,
  { tip, paths }: Pick<Read, 'tip' | 'paths'>,
  take: (path: string, text: string | undefined) => void,
): Promise<void> {
  const rest = paths.values();
  await git.eachObject(
    paths.map((path) => `${tip}:${path}`),
    (object) => {
      const path = rest.next().value ?? '';
      take(path, textsOf([path], [object]).get(path));
    },
  );
}

/** @throws registryDamaged for a blob that is no text; a path without one is left out */
function textsOf(
  paths: readonly string[],
  blobs: readonly (GitObject | null)[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const blob = blobs[index] ?? null;
    if (blob === null) continue;
    const text = textOf(blob);
    if (text === null) throw registryDamaged({ where: path, wanted: 'UTF-8 text', found: 'other bytes' });
    texts.set(path, text);
  }
  return texts;
}

/** Every file under these paths. @throws registryForeign, registryDamaged */
export async function filesUnder(
  place: Place,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const files = await listFiles(place.git, tip, paths);
  const odd = files.find(({ mode }) => mode !== '100644');
  if (odd !== undefined) await refuse(place, tip, odd.path);
  const blobs = await place.git.objects(files.map(({ oid }) => oid));
  return textsOf(
    files.map(({ path }) => path),
    blobs,
  );
}

interface TreeEntry {
  readonly name: string;
  readonly mode: string;
}

/** @source gitformat: a tree is `<mode> <name>\0<raw object name>`, again and again */
function entriesOf({ oid, bytes }: GitObject): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    const [mode = '', ...name] = bytes.toString('utf8', at, end).split(' ');
    entries.push({ mode, name: name.join(' ') });
    at = end + 1 + oid.length / 2;
  }
  return entries;
}

/**
 * Only the top is looked at here, because that does not grow with the log; `check` looks at every file.
 *
 * @throws registryForeign when the commit holds anything that Fettle does not write
 */
async function refuseStrangers(place: Place, tip: string, root: GitObject | null): Promise<void> {
  const entries = root === null ? [] : entriesOf(root);
  const odd = entries.find(({ mode }) => mode !== '100644' && mode !== '40000');
  const stranger = strangerAmong(entries.map(({ name }) => name)) ?? odd?.name;
  if (stranger !== undefined) await refuse(place, tip, stranger);
}

async function refuse(place: Place, tip: string, stranger: string): Promise<never> {
  const args = ['log', '-1', '--format=%h by %an', tip, '--', `:(top,literal)${stranger}`];
  const commit = (await place.git.print({ args })).trim();
  throw registryForeign({ where: place.where, found: `\`${stranger}\` of commit ${commit}` });
}
