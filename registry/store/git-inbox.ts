/** The inbox as branches of a repository: each parcel a commit of its own, pushed to a ref that never moves. */
import { branchLocked, gitFailed, remoteRefused, remoteUnreachable } from '../faults.ts';
import { flushRef, receiverOf } from './flush.ts';
import { gitIn, lockIn, sentenceOf, textOf, type Answer, type Git } from './git.ts';
import { COMMITTER, makeCommit } from './git-commit.ts';
import { expectRoomAt, isCutOff } from './git-tip.ts';
import { sizesOf } from './git-sizes.ts';
import {
  INBOX_PREFIX,
  isParcelRef,
  PARCEL_BYTES_MAX,
  PARCEL_FILE,
  parcelRef,
  type Inbox,
  type Offered,
} from './inbox.ts';

/** Many times the largest parcel; what is beyond it is read once these are folded. */
const LOOK_BYTES_MAX = 32 * PARCEL_BYTES_MAX;

export interface GitInboxOptions {
  readonly folder: string;
  /** Name of the remote that keeps the inbox; null for this repository's own. */
  readonly remote: string | null;
}

export function gitInbox({ folder, remote }: GitInboxOptions): Inbox {
  const git = gitIn(folder);
  let receiver: Promise<readonly string[]> | null = null;
  return {
    where: remote === null ? 'the inbox of this repository' : `the inbox of ${remote}`,

    async offer(day, text) {
      const ref = parcelRef(day, text);
      const commit = await makeCommit(git, {
        parent: null,
        author: COMMITTER,
        message: `parcel ${ref.slice(-64, -52)}\n`,
        at: `${day}T00:00:00.000Z`,
        files: new Map([[PARCEL_FILE, text]]),
      });
      if (remote === null) await leaveHere(git, { ref, commit, text });
      else {
        // A remote is not renamed while a process works with it, so it is asked once where it is.
        receiver ??= receiverOf(git, remote);
        await leaveAt(git, remote, { ref, commit, text, receiver: await receiver });
      }
      return ref;
    },

    async list() {
      const prefix = remote === null ? INBOX_PREFIX : `refs/remotes/${remote}/fettle/inbox/`;
      if (remote !== null) await fetchInbox(git, remote, prefix);
      const out = await git.print({ args: ['for-each-ref', '--format=%(objectname) %(refname)', prefix] });
      const refs = out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ mark: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }))
        .map(({ mark, name }) => ({ mark, ref: INBOX_PREFIX + name.slice(prefix.length) }))
        .filter(({ ref }) => isParcelRef(ref));
      return textsFor(git, refs);
    },

    async discard(offered) {
      const ours = offered.filter(({ ref }) => isParcelRef(ref));
      if (ours.length === 0) return;
      if (remote !== null) await removeAt(git, remote, ours);
      else await removeHere(git, ours);
    },
  };
}

interface Left {
  readonly ref: string;
  readonly commit: string;
  readonly text: string;
}

/** A ref that is there already is as good when it holds the same text, in whatever commit. */
async function leaveHere(git: Git, { ref, commit, text }: Left): Promise<void> {
  const answer = await git.attempt({ args: ['update-ref', '--stdin'], input: `create ${ref} ${commit}\n` });
  if (answer.ok || (await holds(git, ref, text))) {
    return flushRef(git, ref);
  }
  expectNoLock(answer);
  throw gitFailed({ command: `update-ref ${ref}`, said: sentenceOf(answer.said) });
}

async function holds(git: Git, commit: string, text: string): Promise<boolean> {
  const [blob] = await git.objects([`${commit}:${PARCEL_FILE}`]);
  return textOf(blob) === text;
}

async function leaveAt(
  git: Git,
  remote: string,
  { ref, commit, text, receiver }: Left & { readonly receiver: readonly string[] },
): Promise<void> {
  const quiet = ['--porcelain', '--no-verify', '--no-follow-tags', '--no-recurse-submodules'];
  const how = [...quiet, ...receiver];
  const answer = await git.attempt({ args: ['push', ...how, remote, `${commit}:${ref}`] });
  if (answer.ok) return;
  // A push that was cut off may have done its work; the same text makes the same commit, so to ask is enough.
  const there = await git.attempt({ args: ['ls-remote', remote, ref] });
  if (!there.ok) throw remoteUnreachable({ remote, said: sentenceOf(there.said) });
  if (there.out.startsWith(commit)) return;
  if (there.out !== '' && (await holdsAt(git, remote, { ref, text }))) return;
  await expectRoomAt({ git }, remote, answer.said);
  const fault = isCutOff(answer.said) ? remoteUnreachable : remoteRefused;
  throw fault({ remote, said: sentenceOf(answer.said) });
}

/** The other commit is fetched to be looked into; it is kept under no name. */
async function holdsAt(git: Git, remote: string, { ref, text }: Omit<Left, 'commit'>): Promise<boolean> {
  const aside = `refs/fettle/offered/${ref.slice(INBOX_PREFIX.length)}`;
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];
  const got = await git.attempt({ args: ['fetch', ...quiet, remote, `+${ref}:${aside}`] });
  const same = got.ok && (await holds(git, aside, text));
  await git.attempt({ args: ['update-ref', '-d', aside] });
  return same;
}

async function fetchInbox(git: Git, remote: string, prefix: string): Promise<void> {
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];
  const args = ['fetch', ...quiet, '--prune', remote, `+${INBOX_PREFIX}*:${prefix}*`];
  let answer = await git.attempt({ args });
  // Another folder may have taken parcels away between the list and the fetch, or fetches into this clone as well.
  for (let tries = 0; !answer.ok && CROSSED.test(answer.said) && tries < 3; tries++) {
    answer = await git.attempt({ args });
  }
  if (!answer.ok) throw remoteUnreachable({ remote, said: sentenceOf(answer.said) });
}

const CROSSED = /cannot lock ref|unable to update local ref|not our ref|couldn't find remote ref/;

/** Of all that waits, no more is read at once than fits; sizes are asked for first, because anybody can push. */
async function textsFor(git: Git, refs: readonly Omit<Offered, 'text'>[]): Promise<readonly Offered[]> {
  const names = refs.map(({ mark }) => `${mark}:${PARCEL_FILE}`);
  const sizes = await sizesOf(git, names);
  const fits = sizes.map((size) => size !== null && size <= PARCEL_BYTES_MAX);
  let bytes = 0;
  const cut = sizes.findIndex((size, index) => {
    bytes += fits[index] === true ? (size ?? 0) : 0;
    return bytes > LOOK_BYTES_MAX;
  });
  const count = cut === -1 ? refs.length : cut;
  const small = names.filter((_, index) => index < count && fits[index] === true);
  const blobs = await git.objects(small);
  const texts = new Map(small.map((name, index) => [name, textOf(blobs[index])]));
  return refs
    .slice(0, count)
    .map((ref, index) => ({ ...ref, text: ownText(ref.ref, texts.get(names[index] ?? '') ?? null) }));
}

/** A text under another's name is nobody's parcel. */
function ownText(ref: string, text: string | null): string | null {
  const [day = ''] = ref.slice(INBOX_PREFIX.length).split('/', 1);
  return text !== null && parcelRef(day, text) === ref ? text : null;
}

/** With leases, so that a ref that somebody moved is kept; one that is gone already is no failure. */
async function removeAt(git: Git, remote: string, offered: readonly Offered[]): Promise<void> {
  const leases = offered.map(({ ref, mark }) => `--force-with-lease=${ref}:${mark}`);
  const quiet = ['--porcelain', '--no-verify', '--no-recurse-submodules'];
  const names = offered.map(({ ref }) => `:${ref}`);
  expectNoLock(await git.attempt({ args: ['push', ...quiet, ...leases, remote, ...names] }));
}

/** A lock that stays keeps parcels in the inbox for ever, and nobody would know why. @throws branchLocked */
function expectNoLock(answer: Answer): void {
  const lock = answer.ok ? null : lockIn(answer.said);
  if (lock !== null) throw branchLocked({ lock });
}

async function removeHere(git: Git, offered: readonly Offered[]): Promise<void> {
  const drop = ({ ref, mark }: Offered): string => `delete ${ref} ${mark}\n`;
  const remove = (which: readonly Offered[]): Promise<Answer> =>
    git.attempt({ args: ['update-ref', '--stdin'], input: which.map(drop).join('') });
  // All or none: when one of them moved or is gone, the others are removed one by one.
  if ((await remove(offered)).ok) return;
  for (const one of offered) expectNoLock(await remove([one]));
}
