/** Everything that a commit of the registry's branch holds, or what changed in it since an earlier one. */
import { textOf } from './git.ts';
import { listFiles } from './git-commit.ts';
import { filesUnder, type Place } from './git-files.ts';
import { sizesOf } from './git-sizes.ts';
import { CHECKPOINT_PATH, FORMAT_PATH, HEAD_PATH, segmentPath, VIEW_PATHS } from './lay-out.ts';
import type { Look, Problem, Since } from './log.ts';

const ALWAYS = [FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH];

/** No host takes a larger file. */
const FILE_BYTES_MAX = 100_000_000;
/** Far more than a log of a million events. */
const LOOK_BYTES_MAX = 1_000_000_000;

export async function lookAt(place: Place, tip: string, since: Since | null): Promise<Look> {
  return since !== null && (await isBefore(place, since.mark, tip))
    ? lookSince(place, tip, since)
    : lookAtAll(place, tip);
}

async function lookAtAll(place: Place, tip: string): Promise<Look> {
  const files = await listFiles(place.git, tip, []);
  const plain = files.filter(({ mode }) => mode === '100644');
  const { texts, problems } = await readTexts(
    place,
    plain.map(({ path, oid }) => ({ path, name: oid })),
  );
  return {
    mark: tip,
    before: null,
    files: texts,
    gone: [],
    problems: [...problems, ...files.flatMap(oddOf), ...twiceIn(files), ...(await mergesIn(place, tip))],
  };
}

/** What was read before is not read again: git names the files that differ between the two commits. */
async function lookSince(place: Place, tip: string, { mark: since, size }: Since): Promise<Look> {
  const changes = await changesBetween(place, since, tip);
  const gone = changes.filter(({ mode }) => mode === '000000').map(({ path }) => path);
  const plain = changes.filter(({ mode }) => mode === '100644');
  // Changed files are asked for by their objects: a name can hold whatever would make git read another.
  const changed = new Set(plain.map(({ path }) => path));
  const always = [...ALWAYS, segmentPath(size)].filter((path) => !changed.has(path));
  const { texts, problems } = await readTexts(place, [
    ...always.map((path) => ({ path, name: `${tip}:${path}`, optional: true })),
    ...plain.map(({ path, oid }) => ({ path, name: oid })),
  ]);
  const odd = changes.filter(({ mode }) => mode !== '000000').flatMap(oddOf);
  return {
    mark: tip,
    before: await textsBefore(place, since, plain),
    files: texts,
    gone,
    problems: [...problems, ...odd, ...twiceIn(changes), ...(await mergesIn(place, `${since}..${tip}`))],
  };
}

/** The view, which the new events change, and every changed file as it was. */
async function textsBefore(
  place: Place,
  since: string,
  changed: readonly Change[],
): Promise<ReadonlyMap<string, string>> {
  const view = await filesUnder(place, since, VIEW_PATHS);
  const others = changed.filter(({ path, before }) => !view.has(path) && !/^0+$/.test(before));
  const blobs = await place.git.objects(others.map(({ before }) => before));
  const found = others.flatMap(({ path }, index): [string, string][] => {
    const text = textOf(blobs[index]);
    return text === null ? [] : [[path, text]];
  });
  return new Map([...view, ...found]);
}

interface Change {
  readonly path: string;
  /** As it is now; all zeros when it is gone. */
  readonly mode: string;
  readonly oid: string;
  /** The object that it was; all zeros when it is new. */
  readonly before: string;
}

async function changesBetween({ git }: Place, since: string, tip: string): Promise<readonly Change[]> {
  const out = await git.print({ args: ['diff-tree', '-r', '-z', '--no-renames', since, tip] });
  const parts = out.split('\0');
  const changes: Change[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [, mode = '', before = '', oid = ''] = (parts[index] ?? '').split(' ');
    changes.push({ mode, oid, before, path: parts[index + 1] ?? '' });
  }
  return changes;
}

async function isBefore({ git }: Place, since: string, tip: string): Promise<boolean> {
  return (await git.attempt({ args: ['merge-base', '--is-ancestor', since, tip] })).ok;
}

interface Texts {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

interface Wanted {
  readonly path: string;
  /** What git knows it by. */
  readonly name: string;
  /** May be missing. */
  readonly optional?: boolean;
}

/** What is too large is told of and not read, so that a file cannot end whoever verifies it. */
async function readTexts({ git }: Place, wanted: readonly Wanted[]): Promise<Texts> {
  const names = [...new Set(wanted.map(({ name }) => name))];
  const found = await sizesOf(git, names);
  const sizes = new Map(names.map((name, index) => [name, found[index] ?? null]));
  const small = namesWithin(LOOK_BYTES_MAX, sizes);
  const blobs = await git.objects(small);
  const known = new Map(small.map((name, index) => [name, textOf(blobs[index])]));
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { path, name, optional } of wanted) {
    const [size, text] = [sizes.get(name) ?? null, known.get(name) ?? null];
    if (text !== null) texts.set(path, text);
    else if (size !== null && !known.has(name)) problems.push(tooLarge(path, size));
    else if (size !== null || optional !== true) problems.push(noText(path));
  }
  return { texts, problems };
}

/** The smallest of them that are not too large, one by one nor together. */
function namesWithin(most: number, sizes: ReadonlyMap<string, number | null>): readonly string[] {
  let sum = 0;
  const bySize = [...sizes].map(([name, size]) => ({ name, size: size ?? 0 }));
  return bySize
    .toSorted((a, b) => a.size - b.size)
    .filter(({ size }) => size <= FILE_BYTES_MAX && (sum += size) <= most)
    .map(({ name }) => name);
}

function tooLarge(where: string, size: number): Problem {
  const wanted = `at most ${FILE_BYTES_MAX} bytes, and ${LOOK_BYTES_MAX} in all`;
  return { code: 'size', where, wanted, found: `${size}` };
}

function noText(where: string): Problem {
  return { code: 'text', where, wanted: 'UTF-8 text', found: 'other bytes' };
}

function oddOf({ path, mode }: Pick<Change, 'path' | 'mode'>): readonly Problem[] {
  if (mode === '100644') return [];
  return [{ code: 'mode', where: path, wanted: 'a plain file', found: `mode ${mode}` }];
}

/** A tree that names a file twice shows one of them to some readers and the other to the rest. */
function twiceIn(files: readonly Pick<Change, 'path'>[]): readonly Problem[] {
  const seen = new Set<string>();
  const twice = files.filter(({ path }) => seen.size === seen.add(path).size);
  return twice.map(({ path }) => ({
    code: 'twice',
    where: path,
    wanted: 'one file',
    found: 'two of a name',
  }));
}

/** Merges would hide which line was written first. */
async function mergesIn({ git }: Place, range: string): Promise<readonly Problem[]> {
  const merges = await git.print({ args: ['rev-list', '--min-parents=2', range] });
  const found = merges.split('\n').filter((line) => line !== '');
  return found.map((where) => ({ code: 'history', where, wanted: 'one parent', found: 'a merge' }));
}
