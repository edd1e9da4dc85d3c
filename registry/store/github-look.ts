/** Everything that a commit of the registry's branch on GitHub holds, or what changed in it since an earlier one. */
import * as z from 'zod';
import { graph, type Ask, type Calls } from './github-call.ts';
import { listFiles, textsOf, type ListedFile } from './github-files.ts';
import { CHECKPOINT_PATH, FORMAT_PATH, HEAD_PATH, isViewPath, segmentPath } from './lay-out.ts';
import type { Look, Problem, Since } from './log.ts';

const ALWAYS = [FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH];

export async function lookAt(calls: Calls, tip: string, since: Since | null): Promise<Look> {
  const { merges, met } = await historyOf(calls, tip, since?.mark ?? null);
  const files = await listFiles(calls, tip);
  if (since === null || !met) {
    const { texts, problems } = await readAll(calls, files.filter(isPlain));
    return {
      mark: tip,
      before: null,
      files: texts,
      gone: [],
      problems: [...problems, ...files.flatMap(oddOf), ...merges],
    };
  }
  return lookSince(calls, { tip, files, merges, since });
}

interface Later {
  readonly tip: string;
  readonly files: readonly ListedFile[];
  readonly merges: readonly Problem[];
  readonly since: Since;
}

/** What was read before is not read again: the names of the objects tell which files differ. */
async function lookSince(calls: Calls, { tip, files, merges, since }: Later): Promise<Look> {
  const before = await listFiles(calls, since.mark);
  const known = new Map(before.map((file) => [file.path, file]));
  const changed = files.filter(({ path, mode, oid }) => {
    const old = known.get(path);
    return old?.oid !== oid || old.mode !== mode;
  });
  const always = new Set([...ALWAYS, segmentPath(since.size)]);
  const needed = files.filter((file) => isPlain(file) && (changed.includes(file) || always.has(file.path)));
  const { texts, problems } = await readAll(calls, needed);
  const now = new Set(files.map(({ path }) => path));
  const changedPaths = new Set(changed.filter(isPlain).map(({ path }) => path));
  const older = before.filter(({ path }) => isViewPath(path) || changedPaths.has(path));
  return {
    mark: tip,
    before: (await readAll(calls, older.filter(isPlain))).texts,
    files: texts,
    gone: before.filter(({ path }) => !now.has(path)).map(({ path }) => path),
    problems: [...problems, ...changed.flatMap(oddOf), ...merges],
  };
}

interface Texts {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

async function readAll(calls: Calls, files: readonly ListedFile[]): Promise<Texts> {
  const read = await textsOf(
    calls,
    files.map(({ path, oid }) => ({ path, expression: oid })),
  );
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { path } of files) {
    const text = read.get(path) ?? null;
    if (text !== null) texts.set(path, text);
    else problems.push({ code: 'text', where: path, wanted: 'UTF-8 text', found: 'other bytes' });
  }
  return { texts, problems };
}

function isPlain({ mode }: ListedFile): boolean {
  return mode === '100644';
}

function oddOf({ path, mode }: ListedFile): readonly Problem[] {
  if (mode === '100644') return [];
  return [{ code: 'mode', where: path, wanted: 'a plain file', found: `mode ${mode}` }];
}

const HistoryAnswer = z.object({
  repository: z.object({
    object: z.object({
      history: z.object({
        nodes: z.array(z.object({ oid: z.string(), parents: z.object({ totalCount: z.int() }) })),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  }),
});
type HistoryAnswer = z.infer<typeof HistoryAnswer>;

const HISTORY = `query FettleHistory($owner: String!, $name: String!, $oid: GitObjectID!, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit {
        history(first: 100, after: $after) {
          nodes { oid parents(first: 2) { totalCount } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
}`;

interface History {
  /** Merges would hide which line was written first. */
  readonly merges: readonly Problem[];
  /** Whether the commit to stop at was met. */
  readonly met: boolean;
}

/** The commits from the tip back to, and without, the one to stop at; to the first where there is none. */
async function historyOf(calls: Calls, tip: string, until: string | null): Promise<History> {
  const { owner, name } = calls.place;
  const merges: Problem[] = [];
  let after: string | null = null;
  do {
    const ask: Ask<HistoryAnswer> = graph(HISTORY, { owner, name, oid: tip, after }, HistoryAnswer);
    const { history }: HistoryAnswer['repository']['object'] = (await calls.get(ask)).repository.object;
    for (const { oid, parents } of history.nodes) {
      if (oid === until) return { merges, met: true };
      if (parents.totalCount > 1) {
        merges.push({ code: 'history', where: oid, wanted: 'one parent', found: 'a merge' });
      }
    }
    after = history.pageInfo.hasNextPage ? history.pageInfo.endCursor : null;
  } while (after !== null);
  return { merges, met: false };
}
