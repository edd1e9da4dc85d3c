/** Everything that a commit of the registry's branch holds, or what changed in it since an earlier one. */
import { textOf, type GitObject } from './git.ts';
import { listFiles } from './git-commit.ts';
import { filesUnder, type Place } from './git-files.ts';
import { CHECKPOINT_PATH, FORMAT_PATH, HEAD_PATH, segmentPath, VIEW_PATHS } from './lay-out.ts';
import type { Look, Problem, Since } from './log.ts';

const ALWAYS = [FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH];

export async function lookAt(place: Place, tip: string, since: Since | null): Promise<Look> {
  return since !== null && (await isBefore(place, since.mark, tip))
    ? lookSince(place, tip, since)
    : lookAtAll(place, tip);
}

async function lookAtAll(place: Place, tip: string): Promise<Look> {
  const files = await listFiles(place.git, tip, []);
  const plain = files.filter(({ mode }) => mode === '100644');
  const blobs = await place.git.objects(plain.map(({ oid }) => oid));
  const { texts, problems } = textsOf(
    plain.map(({ path }) => path),
    blobs,
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
  const names = new Map([
    ...[...ALWAYS, segmentPath(size)].map((path): [string, string] => [path, `${tip}:${path}`]),
    ...plain.map(({ path, oid }): [string, string] => [path, oid]),
  ]);
  const blobs = await place.git.objects([...names.values()]);
  const changed = new Set(plain.map(({ path }) => path));
  const known = [...names.keys()]
    .map((path, index) => ({ path, blob: blobs[index] ?? null }))
    .filter(({ path, blob }) => blob !== null || changed.has(path));
  const { texts, problems } = textsOf(
    known.map(({ path }) => path),
    known.map(({ blob }) => blob),
  );
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

function textsOf(paths: readonly string[], blobs: readonly (GitObject | null)[]): Texts {
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [index, path] of paths.entries()) {
    const text = textOf(blobs[index]);
    if (text === null) {
      problems.push({ code: 'text', where: path, wanted: 'UTF-8 text', found: 'other bytes' });
    } else texts.set(path, text);
  }
  return { texts, problems };
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
