/** The registry's log on a branch of a git repository, shared through a remote or kept in one clone. */
import {
  branchInTheWay,
  gitFailed,
  logMoved,
  registryDamaged,
  registryDiverged,
  registryForeign,
  remoteRefused,
  remoteUnreachable,
} from '../faults.ts';
import { problemsOf } from './check-log.ts';
import { gitIn, sentenceOf, type Answer, type Git } from './git.ts';
import { listFiles, makeCommit, type Author, type Draft, type TreeFile } from './git-commit.ts';
import {
  checkFormat,
  FORMAT_PATH,
  HEAD_PATH,
  isViewPath,
  parseHead,
  readSegments,
  segmentPath,
  SEGMENT_SIZE,
  strangerAmong,
} from './lay-out.ts';
import type { AppendAsk, EventLog, Head, Problem } from './log.ts';
import { nameOf, planAppend, type Load, type Plan } from './plan-append.ts';

export interface GitLogOptions {
  /** Anywhere in the repository: a work tree, a linked one, or a bare repository. */
  readonly folder: string;
  /** Name of the remote whose branch is the truth; null when this repository's own is. */
  readonly remote: string | null;
  readonly author: Author;
}

export const BRANCH = 'fettle/registry';
const REF = `refs/heads/${BRANCH}`;
/** A branch of this name would leave no room for ours. */
const PARENT = 'fettle';

interface Place {
  readonly git: Git;
  readonly remote: string | null;
  readonly author: Author;
  readonly where: string;
}

/**
 * Reads need no network, except to find a registry that this clone has never seen: they take the newest commit known
 * here. An append fetches first, so a reader who was told that the log moved finds what moved it.
 */
export function gitLog({ folder, remote, author }: GitLogOptions): EventLog {
  const where = remote === null ? `the branch ${BRANCH}` : `the branch ${BRANCH} of ${remote}`;
  const place: Place = { git: gitIn(folder), remote, author, where };
  return {
    where,

    async read() {
      const tip = await knownTip(place);
      if (tip === null) return null;
      const files = await ourFiles(place, tip);
      const wanted = files.filter(
        ({ path }) => isViewPath(path) || path === FORMAT_PATH || path === HEAD_PATH,
      );
      const texts = await textsOf(place, wanted);
      const head = headIn(place, texts);
      return { head, view: new Map([...texts].filter(([path]) => isViewPath(path))) };
    },

    async entries(from) {
      const tip = await knownTip(place);
      if (tip === null) return [];
      const start = segmentPath(from);
      const files = await ourFiles(place, tip);
      const segments = files.filter(({ path }) => path.startsWith('log/') && path >= start);
      const others = files.filter(({ path }) => path === FORMAT_PATH || path === HEAD_PATH);
      const texts = await textsOf(place, [...others, ...segments]);
      const head = headIn(place, texts);
      if (from >= head.size) return [];
      const first = from - (from % SEGMENT_SIZE);
      const read = segments.map(({ path }) => ({ path, text: texts.get(path) }));
      return readSegments(read, first, head).slice(from - first);
    },

    append: (ask) => append(place, ask),

    async check() {
      const tip = await knownTip(place);
      return tip === null ? [] : problemsAt(place, tip);
    },
  };
}

// Which commit

interface Tips {
  readonly local: string | null;
  /** What the remote's branch was when it was last fetched. */
  readonly tracked: string | null;
  readonly inTheWay: string | null;
}

function trackingRef(remote: string): string {
  return `refs/remotes/${remote}/${BRANCH}`;
}

async function tipsOf({ git, remote }: Place): Promise<Tips> {
  const refs = [`refs/heads/${PARENT}`, ...(remote === null ? [] : [trackingRef(remote)])];
  const out = await git.print({ args: ['for-each-ref', '--format=%(refname) %(objectname)', ...refs] });
  const known = new Map(
    out.split('\n').map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
  );
  return {
    local: known.get(REF) ?? null,
    tracked: remote === null ? null : (known.get(trackingRef(remote)) ?? null),
    inTheWay: known.has(`refs/heads/${PARENT}`) ? PARENT : null,
  };
}

async function knownTip(place: Place): Promise<string | null> {
  const tip = await newest(place, await tipsOf(place));
  if (tip !== null || place.remote === null) return tip;
  await fetchFrom(place, place.remote);
  return newest(place, await tipsOf(place));
}

/** @throws registryDiverged when neither is the other's ancestor */
async function newest(place: Place, { local, tracked }: Tips): Promise<string | null> {
  if (local === null || tracked === null || local === tracked) return local ?? tracked;
  const out = await place.git.print({
    args: ['rev-list', '--left-right', '--count', `${local}...${tracked}`],
  });
  const [ahead = 0, behind = 0] = out.trim().split('\t').map(Number);
  if (ahead === 0) return tracked;
  if (behind === 0) return local;
  throw registryDiverged({
    remote: String(place.remote),
    local: local.slice(0, 12),
    found: tracked.slice(0, 12),
  });
}

/** A pattern rather than the name, because a branch that does not exist yet would be a failure. */
async function fetchFrom({ git }: Place, remote: string): Promise<void> {
  const spec = `+${REF}*:${trackingRef(remote)}*`;
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];
  const call = { args: ['fetch', ...quiet, '--prune', remote, spec] };
  let answer = await git.attempt(call);
  // Another process of this clone may have moved the remote-tracking branch at the same moment.
  if (!answer.ok && /cannot lock ref|unable to update local ref/.test(answer.said)) {
    answer = await git.attempt(call);
  }
  if (!answer.ok) throw remoteUnreachable({ remote, said: sentenceOf(answer.said) });
}

// What lies there

/** @throws registryForeign when the commit holds anything that Fettle does not write */
async function ourFiles(place: Place, tip: string): Promise<readonly TreeFile[]> {
  const files = await listFiles(place.git, tip);
  const odd = files.find(({ mode }) => mode !== '100644');
  const stranger = strangerAmong(files.map(({ path }) => path)) ?? odd?.path;
  if (stranger === undefined) {
    const paths = new Set(files.map(({ path }) => path));
    if (!paths.has(FORMAT_PATH)) checkFormat(undefined, place.where);
    if (!paths.has(HEAD_PATH)) throw registryDamaged({ where: HEAD_PATH, wanted: 'a file', found: 'none' });
    return files;
  }
  const args = ['log', '-1', '--format=%h by %an', tip, '--', `:(top,literal)${stranger}`];
  const commit = (await place.git.print({ args })).trim();
  throw registryForeign({ where: place.where, found: `the file ${stranger} of commit ${commit}` });
}

async function textsOf(place: Place, files: readonly TreeFile[]): Promise<ReadonlyMap<string, string>> {
  const blobs = await place.git.blobs(files.map(({ oid }) => oid));
  return new Map(
    files.map(({ path }, index): [string, string] => {
      const text = blobs[index] ?? null;
      if (text === null) throw registryDamaged({ where: path, wanted: 'UTF-8 text', found: 'none' });
      return [path, text];
    }),
  );
}

function headIn(place: Place, texts: ReadonlyMap<string, string>): Head {
  checkFormat(texts.get(FORMAT_PATH), place.where);
  return parseHead(texts.get(HEAD_PATH) ?? '');
}

async function problemsAt(place: Place, tip: string): Promise<readonly Problem[]> {
  const files = await listFiles(place.git, tip);
  const plain = files.filter(({ mode }) => mode === '100644');
  const odd = files.filter(({ mode }) => mode !== '100644');
  const blobs = await place.git.blobs(plain.map(({ oid }) => oid));
  const texts = new Map<string, string>();
  const unreadable: string[] = [];
  for (const [index, { path }] of plain.entries()) {
    const text = blobs[index] ?? null;
    if (text === null) unreadable.push(path);
    else texts.set(path, text);
  }
  return [
    ...problemsOf(texts, place.where),
    ...odd.map(({ path, mode }) => ({
      code: 'mode',
      where: path,
      wanted: 'a plain file',
      found: `mode ${mode}`,
    })),
    ...unreadable.map((path) => ({ code: 'text', where: path, wanted: 'UTF-8 text', found: 'other bytes' })),
    ...(await historyProblems(place, tip)),
  ];
}

/** Merges would hide which line was written first. */
async function historyProblems({ git }: Place, tip: string): Promise<readonly Problem[]> {
  const merges = await git.print({ args: ['rev-list', '--min-parents=2', tip] });
  const found = merges.split('\n').filter((line) => line !== '');
  return found.map((where) => ({ code: 'history', where, wanted: 'one parent', found: 'a merge' }));
}

// Writing

interface Base extends Tips {
  /** What the new commit goes on top of. */
  readonly tip: string | null;
}

async function append(place: Place, ask: AppendAsk): Promise<Head> {
  const base = await freshBase(place);
  const plan = await planAppend(await loaderAt(place, base.tip), ask, place.where);
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

function draftOf({ author }: Place, { tip }: Base, { events, files }: Plan): Draft {
  return { parent: tip, author, events, files };
}

async function freshBase(place: Place): Promise<Base> {
  if (place.remote !== null) await fetchFrom(place, place.remote);
  const tips = await tipsOf(place);
  if (tips.inTheWay !== null) throw branchInTheWay({ branch: tips.inTheWay });
  const tip = await newest(place, tips);
  if (tip === null || tip === tips.local) return { ...tips, tip };
  await setBranch(place, tip, tips.local);
  return { ...tips, local: tip, tip };
}

async function loaderAt(place: Place, tip: string | null): Promise<Load> {
  if (tip === null) return async () => new Map();
  const files = new Map((await ourFiles(place, tip)).map((file) => [file.path, file]));
  return (paths) =>
    textsOf(
      place,
      paths.map((path) => files.get(path)).filter((file) => file !== undefined),
    );
}

interface Move {
  readonly commit: string;
  readonly ask: AppendAsk;
}

/** Compare and swap: git moves the branch only from the commit that was read. */
function setBranch({ git }: Place, to: string, from: string | null): Promise<Answer> {
  const change = from === null ? `create ${REF} ${to}` : `update ${REF} ${to} ${from}`;
  const args = ['update-ref', '-m', 'fettle: append', '--stdin'];
  return git.attempt({ args, input: `start\n${change}\ncommit\n` });
}

async function moveBranch(place: Place, base: Base, { commit, ask }: Move): Promise<void> {
  const answer = await setBranch(place, commit, base.local);
  if (answer.ok) return;
  const { local } = await tipsOf(place);
  if (local !== base.local) throw await moved(place, ask);
  throw gitFailed({ command: `update-ref ${REF}`, said: sentenceOf(answer.said) });
}

async function moved(place: Place, { expected }: AppendAsk): Promise<Error> {
  const tip = await knownTip(place);
  const found = tip === null ? null : await headAt(place, tip);
  return logMoved({ expected: nameOf(expected), found: nameOf(found) });
}

async function headAt(place: Place, tip: string): Promise<Head> {
  const load = await loaderAt(place, tip);
  return headIn(place, await load([FORMAT_PATH, HEAD_PATH]));
}

/** What servers say when two pushes met, and neither the refused one nor anybody's rights are to blame. */
const MET = /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|but expected/;
const NO_ROOM = /cannot create|directory file conflict|refname conflict/;

async function push(place: Place, base: Base, move: Move & { readonly remote: string }): Promise<void> {
  const { commit, ask, remote } = move;
  const lease = `--force-with-lease=${REF}:${base.tracked ?? ''}`;
  const quiet = ['--porcelain', '--no-verify', '--no-follow-tags', '--no-recurse-submodules'];
  const answer = await place.git.attempt({ args: ['push', ...quiet, lease, remote, `${commit}:${REF}`] });
  if (!answer.ok) {
    // A push that was cut off may have done its work. Only the remote knows: it is asked, never pushed to again.
    await fetchFrom(place, remote);
    const { tracked } = await tipsOf(place);
    if (!(await holds(place, tracked, commit))) {
      const met = MET.test(answer.said) && !NO_ROOM.test(answer.said);
      if (met || tracked !== base.tracked) throw await moved(place, ask);
      throw remoteRefused({ remote, said: sentenceOf(answer.said) });
    }
  }
  // The event is recorded. If the branch here cannot follow now, the next read takes the remote-tracking one.
  await setBranch(place, commit, base.local);
}

async function holds({ git }: Place, tip: string | null, commit: string): Promise<boolean> {
  if (tip === null) return false;
  const missing = await git.print({ args: ['rev-list', '--count', `${tip}..${commit}`] });
  return Number(missing) === 0;
}
