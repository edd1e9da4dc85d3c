/** Reads from the history on GitHub what left the tree when an epoch began. */
import * as z from 'zod';
import { keptFrom, vouchedIn, type Kept } from './bygone.ts';
import { EPOCH_HEAD_PATH, headIn } from './epoch.ts';
import { graph, type Ask, type Calls } from './github-call.ts';
import { listFiles, textsOf, textsOrDamage } from './github-files.ts';
import { HEAD_PATH, segmentPath } from './lay-out.ts';

/** Of these files, those that the last commit of an earlier epoch holds, and that the tree's own lines vouch for. */
export async function bygoneAt(
  calls: Calls,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const history = {
    ends: await endsBefore(calls, tip),
    textsAt: (end: string, left: readonly string[]) => textsIn(calls, end, left),
  };
  return vouchedIn(history, paths, await keptAt(calls, tip));
}

async function textsIn(
  calls: Calls,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = paths.map((path) => ({ path, expression: `${commit}:${path}` }));
  return textsOrDamage(await textsOf(calls, wanted));
}

async function keptAt(calls: Calls, tip: string): Promise<Kept> {
  const head = (await textsIn(calls, tip, [EPOCH_HEAD_PATH])).get(EPOCH_HEAD_PATH);
  const from = await keptFrom(head, async () => (await listFiles(calls, tip)).map(({ path }) => path));
  const path = segmentPath(from);
  return { from, text: (await textsIn(calls, tip, [path])).get(path) };
}

/** The last commit of each earlier epoch, the newest first; a commit that only mended the folder is passed over. */
async function endsBefore(calls: Calls, tip: string): Promise<readonly string[]> {
  const changes = await changesOf(calls, tip);
  const known = changes.filter(({ parent }) => parent !== null);
  const heads = await textsOf(
    calls,
    known.flatMap(({ commit, parent }) =>
      [commit, parent].map((oid) => ({ path: `${oid}`, expression: `${oid}:${HEAD_PATH}` })),
    ),
  );
  const epochAt = (oid: string | null): number => headIn(heads.get(`${oid}`) ?? null)?.epoch ?? 0;
  return known.flatMap(({ commit, parent }) =>
    parent !== null && epochAt(commit) > epochAt(parent) ? [parent] : [],
  );
}

interface Change {
  readonly commit: string;
  readonly parent: string | null;
}

const ChangesAnswer = z.object({
  repository: z.object({
    object: z.object({
      history: z.object({
        nodes: z.array(
          z.object({ oid: z.string(), parents: z.object({ nodes: z.array(z.object({ oid: z.string() })) }) }),
        ),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  }),
});
type ChangesAnswer = z.infer<typeof ChangesAnswer>;

const CHANGES = `query FettleEpochs($owner: String!, $name: String!, $oid: GitObjectID!, $path: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit {
        history(first: 100, after: $after, path: $path) {
          nodes { oid parents(first: 1) { nodes { oid } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
}`;

/** The commits that changed the epoch's head, the newest first. */
async function changesOf(calls: Calls, tip: string): Promise<readonly Change[]> {
  const { owner, name } = calls.place;
  const changes: Change[] = [];
  let after: string | null = null;
  do {
    const words = { owner, name, oid: tip, path: EPOCH_HEAD_PATH, after };
    const ask: Ask<ChangesAnswer> = graph(CHANGES, words, ChangesAnswer);
    const { history }: ChangesAnswer['repository']['object'] = (await calls.get(ask)).repository.object;
    for (const { oid, parents } of history.nodes) {
      changes.push({ commit: oid, parent: parents.nodes[0]?.oid ?? null });
    }
    after = history.pageInfo.hasNextPage ? history.pageInfo.endCursor : null;
  } while (after !== null);
  return changes;
}
