/** The registry's log on a branch of a git repository, shared through a remote or kept in one clone. */
import path from 'node:path';
import {
  branchInTheWay,
  branchLocked,
  gitFailed,
  logMoved,
  remoteRefused,
  remoteUnreachable,
} from '../faults.ts';
import { messageFor } from './commit-message.ts';
import { EPOCH_HEAD_PATH, filesInEpoch, segmentsOf } from './epoch.ts';
import { commonFolderOf, flushRef, folderOf, receiverOf } from './flush.ts';
import { gitIn, lockIn, sentenceOf, type Answer } from './git.ts';
import { bygoneAt } from './git-bygone.ts';
import { listFiles, makeCommit, type Author, type Draft } from './git-commit.ts';
import { eachFileAt, filesAt, filesNow, filesUnder, type Place as Files } from './git-files.ts';
import { lookAt } from './git-look.ts';
import { firstReaching } from './git-reached.ts';
import {
  BRANCH,
  expectRoomAt,
  fetchFrom,
  isCutOff,
  knownTip,
  newest,
  REF,
  tipsOf,
  type Tips,
} from './git-tip.ts';
import {
  CHECKPOINT_PATH,
  idemPath,
  isViewPath,
  positionsIn,
  segmentReader,
  stretchOf,
  VIEW_PATHS,
} from './lay-out.ts';
import type { AppendAsk, EventLog, Head, RestoreAsk } from './log.ts';
import { nameOf, NOTHING, planAppend, type Plan, type Source } from './plan-append.ts';
import { inTurn } from './turn.ts';

export interface GitLogOptions {
  /** Anywhere in the repository: a work tree, a linked one, or a bare repository. */
  readonly folder: string;
  /** Name of the remote whose branch is the truth; null when this repository's own is. */
  readonly remote: string | null;
  readonly author: Author;
}

/** A commit costs its processes and flushes whatever is in it; with so many events those count for little. */
const BATCH_MAX = 2000;

interface Place extends Files {
  readonly author: Author;
  /** How to push, asked once: a remote is not renamed while a process works with it. */
  readonly receiver: () => Promise<readonly string[]>;
  readonly heard: Heard;
}

/** When the remote last said where its branch is, on this process's own clock; minus infinity before it ever did. */
interface Heard {
  atMs: number;
}

/**
 * For so long an append goes on top of what the remote said last, without asking again. The lease finds out if somebody
 * else was faster, and then it is asked.
 */
const FRESH_MS = 2000;

/**
 * Reads need no network, except to find a registry that this clone has never seen: they take the newest commit known
 * here. An append fetches first, unless the remote answered a moment ago, and whenever it was refused: a reader who was told
 * that the log moved finds what moved it.
 */
export function gitLog({ folder, remote, author }: GitLogOptions): EventLog {
  const where = remote === null ? `the branch ${BRANCH}` : `the branch ${BRANCH} of ${remote}`;
  const git = gitIn(folder);
  let [row, receiver]: [string | null, Promise<readonly string[]> | null] = [null, null];
  const place: Place = {
    git,
    remote,
    author,
    where,
    receiver: () => (receiver ??= remote === null ? Promise.resolve([]) : receiverOf(git, remote)),
    heard: { atMs: Number.NEGATIVE_INFINITY },
  };
  return {
    where,
    batchMax: BATCH_MAX,
    ...(remote === null ? {} : { refresh: () => hear(place, remote) }),

    ...readingAt(place),

    append: (ask) => append(place, ask),

    async inTurn(act) {
      row ??= await rowOf(place);
      return inTurn(row, act);
    },

    restore: (ask) => restore(place, ask),
  };
}

// Reading

type Reading = Omit<EventLog, 'where' | 'batchMax' | 'refresh' | 'append' | 'inTurn' | 'restore'>;

function readingAt(place: Place): Reading {
  return {
    async read(paths) {
      const found = await filesNow(place, paths ?? []);
      if (found === null) return null;
      const { tip, head, texts } = found;
      const view = paths === undefined ? await filesUnder(place, tip, VIEW_PATHS) : texts;
      const checkpoint = texts.get(CHECKPOINT_PATH) ?? '';
      return { head, checkpoint, view: new Map([...view].filter(([path]) => isViewPath(path))) };
    },

    async entries(from, until = Infinity) {
      const found = await filesNow(place, [EPOCH_HEAD_PATH]);
      if (found === null || from >= Math.min(found.head.size, until)) return [];
      const { tip, head, texts } = found;
      const stretch = stretchOf(from, until, head);
      const { left, kept } = segmentsOf(stretch, texts.get(EPOCH_HEAD_PATH));
      const reader = segmentReader(stretch);
      const bygone = await bygoneAt(place, tip, left);
      for (const path of left) reader.add({ path, text: bygone.get(path) });
      await eachFileAt(place, { tip, paths: kept }, (path, text) => reader.add({ path, text }));
      return reader.finish().slice(from - stretch.first, until - stretch.first);
    },

    async positions(idems) {
      const found = await filesNow(place, [...new Set(idems.map(idemPath))]);
      return found === null ? new Map() : positionsIn(found.texts, idems);
    },

    async shards(mark) {
      const tip = mark ?? (await knownTip(place));
      return tip === null ? new Map() : filesUnder(place, tip, ['idem']);
    },

    async epoch(mark) {
      const tip = mark ?? (await knownTip(place));
      return filesInEpoch(tip === null ? new Map() : await filesUnder(place, tip, ['epoch']));
    },

    async bygone(paths) {
      const tip = await knownTip(place);
      return tip === null ? new Map() : bygoneAt(place, tip, paths);
    },

    async reached(size) {
      const tip = await knownTip(place);
      return tip === null ? null : firstReaching(place, tip, size);
    },

    async look(since) {
      const tip = await knownTip(place);
      return tip === null ? null : lookAt(place, tip, since);
    },
  };
}

// Writing

/** All who write to one registry on this machine meet where it lies: here, or in the folder that the remote is. */
async function rowOf({ git, remote }: Place): Promise<string> {
  const there = remote === null ? null : await folderOf(git, remote);
  const isKnown = there !== null && path.isAbsolute(there);
  const top = await commonFolderOf(isKnown ? gitIn(there) : git).catch(() => commonFolderOf(git));
  return path.join(top, 'fettle', 'row');
}

interface Base extends Tips {
  /** What the new commit goes on top of. */
  readonly tip: string | null;
}

async function append(place: Place, ask: AppendAsk): Promise<Head> {
  const base = await freshBase(place);
  const plan = await planAppend(sourceAt(place, base.tip), ask, place.where);
  // When all of it is in the log already, that log may still be one that the remote has not seen.
  const commit = plan.files.size === 0 ? base.tip : await makeCommit(place.git, draftOf(place, base, plan));
  if (commit === null) throw new TypeError('an append to no registry writes at least its first event');
  if (place.remote !== null && commit !== base.tracked) {
    await push(place, base, { commit, ask, remote: place.remote });
  } else if (place.remote === null && commit !== base.local) {
    await moveBranch(place, base, { commit, ask });
  }
  return plan.head;
}

async function restore(place: Place, { expected, files, at }: RestoreAsk): Promise<void> {
  const base = await freshBase(place);
  if (base.tip !== expected) {
    throw logMoved({
      expected: (expected ?? 'nothing').slice(0, 12),
      found: (base.tip ?? 'nothing').slice(0, 12),
    });
  }
  const message = 'restored from the log\n';
  const commit = await makeCommit(place.git, {
    parent: base.tip,
    author: place.author,
    message,
    at,
    files,
    alone: true,
  });
  const ask = { expected: null };
  if (place.remote !== null) await push(place, base, { commit, ask, remote: place.remote });
  else await moveBranch(place, base, { commit, ask });
}

function draftOf({ author }: Place, { tip }: Base, { events, files, gone }: Plan): Draft {
  // The commit's time is the last event's.
  return { parent: tip, author, message: messageFor(events), at: events.at(-1)?.at ?? '', files, gone };
}

async function hear(place: Place, remote: string): Promise<void> {
  await fetchFrom(place, remote);
  place.heard.atMs = performance.now();
}

async function freshBase(place: Place): Promise<Base> {
  const isFresh = performance.now() - place.heard.atMs < FRESH_MS;
  if (place.remote !== null && !isFresh) await hear(place, place.remote);
  const tips = await tipsOf(place);
  if (tips.inTheWay !== null) throw branchInTheWay({ branch: tips.inTheWay, remote: null });
  const tip = await newest(place, tips);
  if (tip === null || tip === tips.local) return { ...tips, tip };
  await setBranch(place, tip, tips.local);
  return { ...tips, local: tip, tip };
}

function sourceAt(place: Place, tip: string | null): Source {
  if (tip === null) return NOTHING;
  return {
    load: async (paths) => (await filesAt(place, tip, paths)).texts,
    bygone: (paths) => bygoneAt(place, tip, paths),
    list: async () => (await listFiles(place.git, tip, [])).map(({ path }) => path),
  };
}

interface Move {
  readonly commit: string;
  readonly ask: Pick<AppendAsk, 'expected'>;
}

/** Compare and swap: git moves the branch only from the commit that was read. */
function setBranch({ git }: Place, to: string, from: string | null): Promise<Answer> {
  const change = from === null ? `create ${REF} ${to}` : `update ${REF} ${to} ${from}`;
  const args = ['update-ref', '-m', 'fettle: append', '--stdin'];
  return git.attempt({ args, input: `start\n${change}\ncommit\n` });
}

async function moveBranch(place: Place, base: Base, { commit, ask }: Move): Promise<void> {
  const answer = await setBranch(place, commit, base.local);
  if (answer.ok) return flushRef(place.git, REF);
  const { local } = await tipsOf(place);
  if (local !== base.local) throw await moved(place, ask);
  const lock = lockIn(answer.said);
  if (lock !== null) throw branchLocked({ lock });
  throw gitFailed({ command: `update-ref ${REF}`, said: sentenceOf(answer.said) });
}

async function moved(place: Place, { expected }: Pick<AppendAsk, 'expected'>): Promise<Error> {
  const tip = await knownTip(place);
  const found = tip === null ? null : (await filesAt(place, tip, [])).head;
  return logMoved({ expected: nameOf(expected), found: nameOf(found) });
}

/** What servers say when two pushes met, and neither the refused one nor anybody's rights are to blame. */
const MET = /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|but expected/;
const NO_ROOM = /cannot create|directory file conflict|refname conflict/;

async function push(place: Place, base: Base, move: Move & { readonly remote: string }): Promise<void> {
  const { commit, ask, remote } = move;
  const lease = `--force-with-lease=${REF}:${base.tracked ?? ''}`;
  const quiet = ['--porcelain', '--no-verify', '--no-follow-tags', '--no-recurse-submodules'];
  const how = [...quiet, ...(await place.receiver())];
  const answer = await place.git.attempt({ args: ['push', ...how, lease, remote, `${commit}:${REF}`] });
  if (!answer.ok) {
    // A push that was cut off may have done its work. Only the remote knows: it is asked, never pushed to again.
    await hear(place, remote);
    const { tracked } = await tipsOf(place);
    if (!(await holds(place, tracked, commit))) {
      const lock = lockIn(answer.said);
      if (lock !== null && tracked === base.tracked) throw branchLocked({ lock });
      await expectRoomAt(place, remote, answer.said);
      const met = MET.test(answer.said) && !NO_ROOM.test(answer.said);
      if (met || tracked !== base.tracked) throw await moved(place, ask);
      const fault = isCutOff(answer.said) ? remoteUnreachable : remoteRefused;
      throw fault({ remote, said: sentenceOf(answer.said) });
    }
  }
  place.heard.atMs = performance.now();
  // The event is recorded. If the branch here cannot follow now, the next read takes the remote-tracking one.
  await setBranch(place, commit, base.local);
}

async function holds({ git }: Place, tip: string | null, commit: string): Promise<boolean> {
  if (tip === null) return false;
  const missing = await git.print({ args: ['rev-list', '--count', `${tip}..${commit}`] });
  return Number(missing) === 0;
}
