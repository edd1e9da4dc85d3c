/** Which commit is the registry now: of this clone's branch, of the remote's, or of whichever is ahead. */
import { branchInTheWay, branchLocked, registryDiverged, remoteUnreachable } from '../faults.ts';
import { lockIn, sentenceOf, type Git } from './git.ts';

export const BRANCH = 'fettle/registry';
export const REF = `refs/heads/${BRANCH}`;
/** A branch of this name would leave no room for ours. */
const PARENT = 'fettle';

/** A repository, and the remote whose branch is the truth; null when this repository's own is. */
export interface Site {
  readonly git: Git;
  readonly remote: string | null;
}

export interface Tips {
  readonly local: string | null;
  /** What the remote's branch was when it was last fetched. */
  readonly tracked: string | null;
  readonly inTheWay: string | null;
}

export function trackingRef(remote: string): string {
  return `refs/remotes/${remote}/${BRANCH}`;
}

export async function tipsOf({ git, remote }: Site): Promise<Tips> {
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

/** The newest commit known here; asks the remote only when this clone has never seen the registry. */
export async function knownTip(site: Site): Promise<string | null> {
  const tip = await newest(site, await tipsOf(site));
  if (tip !== null || site.remote === null) return tip;
  await fetchFrom(site, site.remote);
  return newest(site, await tipsOf(site));
}

/** @throws registryDiverged when neither is the other's ancestor */
export async function newest(
  site: Site,
  { local, tracked }: Pick<Tips, 'local' | 'tracked'>,
): Promise<string | null> {
  const { git, remote } = site;
  if (local === null || tracked === null || local === tracked) return local ?? tracked;
  const first = await apart(git, local, tracked);
  // Where history was cut off, the two may only seem to have nothing in common.
  const isCut = first.ahead > 0 && first.behind > 0 && (await isShallow(git));
  if (isCut && remote !== null) await fetchFrom(site, remote, ['--depth=2147483647']);
  const { ahead, behind } = isCut ? await apart(git, local, tracked) : first;
  if (ahead === 0) return tracked;
  if (behind === 0) return local;
  throw registryDiverged({
    remote: String(remote),
    local: local.slice(0, 12),
    found: tracked.slice(0, 12),
  });
}

interface Apart {
  /** Commits of the one that the other lacks. */
  readonly ahead: number;
  readonly behind: number;
}

async function apart(git: Git, one: string, other: string): Promise<Apart> {
  const out = await git.print({ args: ['rev-list', '--left-right', '--count', `${one}...${other}`] });
  const [ahead = 0, behind = 0] = out.trim().split('\t').map(Number);
  return { ahead, behind };
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git.print({ args: ['rev-parse', '--is-shallow-repository'] })).trim() === 'true';
}

/** A pattern rather than the name, because a branch that does not exist yet would be a failure. */
export async function fetchFrom(
  { git }: Site,
  remote: string,
  options: readonly string[] = [],
): Promise<void> {
  const spec = `+${REF}*:${trackingRef(remote)}*`;
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];
  const call = { args: ['fetch', ...quiet, ...options, '--prune', remote, spec] };
  let answer = await git.attempt(call);
  // Another process of this clone may have moved the remote-tracking branch at the same moment.
  if (!answer.ok && /cannot lock ref|unable to update local ref/.test(answer.said)) {
    answer = await git.attempt(call);
  }
  if (answer.ok) return;
  const lock = lockIn(answer.said);
  if (lock !== null) throw branchLocked({ lock });
  throw remoteUnreachable({ remote, said: sentenceOf(answer.said) });
}

const NO_ROOM = /exists; cannot create|directory file conflict|refname conflict/;

/** @throws branchInTheWay when that is why the remote refused a push */
export async function expectRoomAt({ git }: Pick<Site, 'git'>, remote: string, said: string): Promise<void> {
  if (!NO_ROOM.test(said)) return;
  const there = await git.attempt({ args: ['ls-remote', remote, `refs/heads/${PARENT}`] });
  if (there.ok && there.out.trim() !== '') throw branchInTheWay({ branch: PARENT, remote });
}

const CUT_OFF =
  /empty reply|hung up|early eof|rpc failed|not resolve|failed to connect|connection|timed? ?out|broken pipe|reset by/i;

/** Whether a push failed on the way rather than at the remote, which may have done the work all the same. */
export function isCutOff(said: string): boolean {
  const status = Number(/returned error: (\d{3})/.exec(said)?.[1] ?? Number.NaN);
  return Number.isNaN(status) ? CUT_OFF.test(said) : status >= 500 || status === 408 || status === 429;
}
