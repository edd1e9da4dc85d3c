/** The registry's log on a branch that is reached through GitHub's API alone, without a clone. */
import * as z from 'zod';
import { branchInTheWay, logMoved, remoteUnreachable } from '../faults.ts';
import { messageFor } from './commit-message.ts';
import { EPOCH_HEAD_PATH, filesInEpoch, isEpochPath, segmentsOf } from './epoch.ts';
import { bygoneAt } from './github-bygone.ts';
import {
  AGAIN_AFTER_MS,
  callsTo,
  graph,
  rest,
  type Ask,
  type Calls,
  type GitHubPlace,
} from './github-call.ts';
import {
  filesAt,
  foreign,
  listFiles,
  textsOf,
  textsOrDamage,
  tipsAt,
  whereOf,
  type Tip,
} from './github-files.ts';
import { lookAt } from './github-look.ts';
import {
  CHECKPOINT_PATH,
  idemPath,
  isViewPath,
  positionsIn,
  readSegments,
  segmentPaths,
  stretchOf,
} from './lay-out.ts';
import type { AppendAsk, EventLog, Head, RestoreAsk } from './log.ts';
import { nameOf, NOTHING, planAppend, type Plan, type Source } from './plan-append.ts';

export type GitHubLogOptions = GitHubPlace;

const BRANCH = 'fettle/registry';
const REF = `refs/heads/${BRANCH}`;
/** A mutation carries whole files, and GitHub takes no more than some 40 MB of them. */
const BATCH_MAX = 500;

/** Whoever the client signs in as is the author of its commits, and GitHub signs them. */
export function githubLog(place: GitHubLogOptions): EventLog {
  return {
    where: whereOf(callsTo(place)),
    batchMax: BATCH_MAX,

    ...readingOf(place),

    restore: (ask) => restore(callsTo(place), ask),

    append: (ask) => append(callsTo(place), ask),
  };
}

type Reading = Omit<EventLog, 'where' | 'batchMax' | 'append' | 'restore'>;

function readingOf(place: GitHubLogOptions): Reading {
  return {
    async read(paths) {
      const calls = callsTo(place);
      const { tip } = await tipsAt(calls, REF);
      if (tip === null) return null;
      const { head, texts } = await filesAt(calls, tip, paths ?? []);
      const view = paths === undefined ? await filesOf(calls, tip.oid, isViewPath) : texts;
      const checkpoint = tip.top.find(({ name }) => name === CHECKPOINT_PATH)?.text ?? '';
      return { head, checkpoint, view: new Map([...view].filter(([path]) => isViewPath(path))) };
    },

    async entries(from, until = Infinity) {
      const calls = callsTo(place);
      const { tip } = await tipsAt(calls, REF);
      if (tip === null) return [];
      // Most registries are in their first epoch, and what lies at the top says so without another call.
      const isLater = tip.top.some(({ name }) => isEpochPath(`${name}/`));
      const { head, texts } = await filesAt(calls, tip, isLater ? [EPOCH_HEAD_PATH] : []);
      if (from >= Math.min(head.size, until)) return [];
      const stretch = stretchOf(from, until, head);
      const { left, kept } = segmentsOf(stretch, texts.get(EPOCH_HEAD_PATH));
      const bygone = await bygoneAt(calls, tip.oid, left);
      const here = (await filesAt(calls, tip, kept)).texts;
      const read = [
        ...left.map((path) => ({ path, text: bygone.get(path) })),
        ...kept.map((path) => ({ path, text: here.get(path) })),
      ];
      return readSegments(read, stretch).slice(from - stretch.first, until - stretch.first);
    },

    async positions(idems) {
      const calls = callsTo(place);
      const { tip } = await tipsAt(calls, REF);
      if (tip === null) return new Map();
      const { texts } = await filesAt(calls, tip, [...new Set(idems.map(idemPath))]);
      return positionsIn(texts, idems);
    },

    async shards(mark) {
      const calls = callsTo(place);
      const commit = mark ?? (await tipsAt(calls, REF)).tip?.oid ?? null;
      return commit === null ? new Map() : filesOf(calls, commit, (path) => path.startsWith('idem/'));
    },

    async epoch(mark) {
      const calls = callsTo(place);
      const commit = mark ?? (await tipsAt(calls, REF)).tip?.oid ?? null;
      return filesInEpoch(commit === null ? new Map() : await filesOf(calls, commit, isEpochPath));
    },

    async bygone(paths) {
      const calls = callsTo(place);
      const { tip } = await tipsAt(calls, REF);
      return tip === null ? new Map() : bygoneAt(calls, tip.oid, paths);
    },

    async look(since) {
      const calls = callsTo(place);
      const { tip } = await tipsAt(calls, REF);
      return tip === null ? null : lookAt(calls, tip.oid, since);
    },
  };
}

async function filesOf(
  calls: Calls,
  commit: string,
  isWanted: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const files = (await listFiles(calls, commit)).filter(({ path }) => isWanted(path));
  const odd = files.find(({ mode }) => mode !== '100644');
  if (odd !== undefined) throw foreign(calls, commit, odd.path);
  return textsOrDamage(
    await textsOf(
      calls,
      files.map(({ path, oid }) => ({ path, expression: oid })),
    ),
  );
}

// Writing

async function append(calls: Calls, ask: AppendAsk): Promise<Head> {
  const { tip, inTheWay } = await tipsAt(calls, REF);
  // Clones of a repository at GitHub call it so, and the advice is for those who have one.
  if (inTheWay) throw branchInTheWay({ branch: 'fettle', remote: 'origin' });
  const plan = await planAppend(sourceAt(calls, tip), ask, whereOf(calls));
  if (plan.files.size > 0) await publish(calls, ask, { tip, plan });
  return plan.head;
}

function sourceAt(calls: Calls, tip: Tip | null): Source {
  if (tip === null) return NOTHING;
  return {
    load: async (paths) => (await filesAt(calls, tip, paths)).texts,
    bygone: (paths) => bygoneAt(calls, tip.oid, paths),
    list: async () => (await listFiles(calls, tip.oid)).map(({ path }) => path),
  };
}

interface Step {
  /** What the new commit goes on top of. */
  readonly tip: Tip | null;
  readonly plan: Plan;
}

/**
 * Moves the branch from the commit that was read, or finds out why not. After every answer but a clear yes the branch
 * is read before anything is sent again: only while it has not moved can the same change be made, and GitHub compares
 * the commit once more, so that a call which arrives late finds the branch elsewhere and does nothing.
 *
 * @throws logMoved, remoteRefused, remoteUnreachable, remoteBusy
 */
async function publish(calls: Calls, { expected }: AppendAsk, step: Step): Promise<void> {
  const change =
    step.tip === null ? await beginning(calls, step.plan) : following(calls, step.tip, step.plan);
  let said = '';
  for (const ms of AGAIN_AFTER_MS) {
    if (ms > 0) await calls.place.sleep(ms);
    const reply = await calls.attempt(change);
    if (reply.ok) return;
    const { tip } = await tipsAt(calls, REF);
    const moved = tip?.oid !== step.tip?.oid;
    if (moved && (await holds(calls, tip, step.plan))) return;
    const { verdict } = reply;
    if (verdict.kind === 'refused' || verdict.kind === 'absent') throw calls.faultFor(verdict);
    if (moved) throw logMoved({ expected: nameOf(expected), found: nameOf(await headAt(calls, tip)) });
    ({ said } = verdict);
  }
  throw remoteUnreachable({ remote: calls.remote, said });
}

async function headAt(calls: Calls, tip: Tip | null): Promise<Head | null> {
  return tip === null ? null : (await filesAt(calls, tip, [])).head;
}

/** Whether the lines of the plan stand where it put them; a segment only ever grows at its end. */
async function holds(calls: Calls, tip: Tip | null, { head, files, events }: Plan): Promise<boolean> {
  if (tip === null) return false;
  const paths = segmentPaths(head.size - events.length, head.size);
  const { texts } = await filesAt(calls, tip, paths);
  return paths.every((path) => texts.get(path)?.startsWith(files.get(path) ?? '\0') ?? false);
}

const CommitAnswer = z.object({
  createCommitOnBranch: z.object({ commit: z.object({ oid: z.string() }) }),
});

const COMMIT = `mutation FettleAppend($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

function following(calls: Calls, { oid }: Tip, { events, files, gone }: Plan): Ask<unknown> {
  const [headline = '', ...rest] = messageFor(events).trimEnd().split('\n');
  const body = rest.join('\n').trim();
  const additions = [...files].map(([path, text]) => ({
    path,
    contents: Buffer.from(text).toString('base64'),
  }));
  const input = {
    branch: { repositoryNameWithOwner: calls.remote, branchName: BRANCH },
    message: body === '' ? { headline } : { headline, body },
    expectedHeadOid: oid,
    fileChanges: gone.length === 0 ? { additions } : { additions, deletions: gone.map((path) => ({ path })) },
  };
  return graph(COMMIT, { input }, CommitAnswer);
}

/** As a commit of its own on top; what differs from the files wanted is written, what is too much is deleted. */
async function restore(calls: Calls, { expected, files }: RestoreAsk): Promise<void> {
  const { tip } = await tipsAt(calls, REF);
  if (tip === null || tip.oid !== expected) {
    const found = tip === null ? 'nothing' : tip.oid.slice(0, 12);
    throw logMoved({ expected: (expected ?? 'nothing').slice(0, 12), found });
  }
  const there = await listFiles(calls, tip.oid);
  const additions = [...files].map(([path, text]) => ({
    path,
    contents: Buffer.from(text).toString('base64'),
  }));
  const deletions = there.filter(({ path }) => !files.has(path)).map(({ path }) => ({ path }));
  const input = {
    branch: { repositoryNameWithOwner: calls.remote, branchName: BRANCH },
    message: { headline: 'restored from the log' },
    expectedHeadOid: tip.oid,
    fileChanges: { additions, deletions },
  };
  const reply = await calls.attempt(graph(COMMIT, { input }, CommitAnswer));
  if (reply.ok) return;
  const now = (await tipsAt(calls, REF)).tip;
  // Whatever the answer was, the files are right once verification says so; it is asked for again, not sent again.
  if (now?.oid === tip.oid) throw calls.faultFor(reply.verdict);
}

const Made = z.object({ data: z.object({ sha: z.string() }) });

/** The other mutation needs a branch, and one made from another would share that one's history. */
async function beginning(calls: Calls, { events, files }: Plan): Promise<Ask<unknown>> {
  const entries = [...files].map(([path, content]) => ({ path, mode: '100644', type: 'blob', content }));
  const tree = await calls.get(rest('POST /repos/{owner}/{repo}/git/trees', { tree: entries }, Made));
  const draft = { message: messageFor(events), tree: tree.data.sha, parents: [] };
  const commit = await calls.get(rest('POST /repos/{owner}/{repo}/git/commits', draft, Made));
  const ref = { ref: REF, sha: commit.data.sha };
  return rest('POST /repos/{owner}/{repo}/git/refs', ref, z.object({ data: z.object({ ref: z.string() }) }));
}
