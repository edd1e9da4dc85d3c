/** The inbox as branches on GitHub, each of one commit with one file, reached through its API alone. */
import * as z from 'zod';
import { remoteRefused, remoteUnreachable } from '../faults.ts';
import {
  AGAIN_AFTER_MS,
  callsTo,
  graph,
  rest,
  type Ask,
  type Calls,
  type GitHubPlace,
} from './github-call.ts';
import { textsOf } from './github-files.ts';
import { INBOX_PREFIX, isParcelRef, PARCEL_FILE, parcelRef, type Inbox, type Offered } from './inbox.ts';

export interface GitHubInboxOptions extends GitHubPlace {
  /** What is larger is no parcel; a mebibyte, GitHub's own advice for a file, when left out. */
  readonly parcelBytesMax?: number;
}

const PARCEL_BYTES_MAX = 1 << 20;

/** Of every commit here, so that the same text is the same commit whoever offers it. */
const FETTLE = { name: 'Fettle', email: 'fettle@fettle.invalid' };

export function githubInbox(options: GitHubInboxOptions): Inbox {
  const bytesMax = options.parcelBytesMax ?? PARCEL_BYTES_MAX;
  return {
    where: `the inbox of ${callsTo(options).remote}`,

    async offer(day, text) {
      if (Buffer.byteLength(text) > bytesMax) throw new TypeError(`a parcel has at most ${bytesMax} bytes`);
      const calls = callsTo(options);
      const parcel = { ref: parcelRef(day, text), text };
      await leave(calls, { ...parcel, commit: await commitFor(calls, day, text) });
      return parcel.ref;
    },

    list: () => listed(callsTo(options), bytesMax),
    discard: (offered) => discard(callsTo(options), offered),
  };
}

// Offering

const Made = z.object({ data: z.object({ sha: z.string() }) });

async function commitFor(calls: Calls, day: string, text: string): Promise<string> {
  const file = { path: PARCEL_FILE, mode: '100644', type: 'blob', content: text };
  const tree = await calls.get(rest('POST /repos/{owner}/{repo}/git/trees', { tree: [file] }, Made));
  const who = { ...FETTLE, date: `${day}T00:00:00Z` };
  const draft = {
    message: `parcel of ${day}\n`,
    tree: tree.data.sha,
    parents: [],
    author: who,
    committer: who,
  };
  return (await calls.get(rest('POST /repos/{owner}/{repo}/git/commits', draft, Made))).data.sha;
}

interface Parcel {
  readonly ref: string;
  readonly text: string;
  readonly commit: string;
}

/** Creates the ref, or finds that it was created; nothing is sent again before the ref was looked for. */
async function leave(calls: Calls, { ref, text, commit }: Parcel): Promise<void> {
  const made = z.object({ data: z.object({ ref: z.string() }) });
  let said = '';
  for (const ms of AGAIN_AFTER_MS) {
    if (ms > 0) await calls.place.sleep(ms);
    const reply = await calls.attempt(
      rest('POST /repos/{owner}/{repo}/git/refs', { ref, sha: commit }, made),
    );
    if (reply.ok) return;
    const { verdict } = reply;
    if (verdict.kind === 'refused' || verdict.kind === 'absent') throw calls.faultFor(verdict);
    const found = await commitOf(calls, ref);
    if (found === commit || (found !== null && (await textIn(calls, found)) === text)) return;
    if (found !== null) throw remoteRefused({ remote: calls.remote, said: `${ref} holds something else` });
    ({ said } = verdict);
  }
  throw remoteUnreachable({ remote: calls.remote, said });
}

const Ref = z.object({ ref: z.string(), object: z.object({ sha: z.string() }) });

async function commitOf(calls: Calls, ref: string): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
  const found = await calls.find(rest(route, { ref: shortOf(ref) }, z.object({ data: Ref })));
  return found?.data.object.sha ?? null;
}

async function textIn(calls: Calls, commit: string): Promise<string | null> {
  const texts = await textsOf(calls, [{ path: PARCEL_FILE, expression: `${commit}:${PARCEL_FILE}` }]);
  return texts.get(PARCEL_FILE) ?? null;
}

/** REST names refs without what all of them begin with. */
function shortOf(ref: string): string {
  return ref.slice('refs/'.length);
}

// Listing

const Page = z.object({
  data: z.array(Ref),
  headers: z.object({ link: z.string().optional() }),
});
type Page = z.infer<typeof Page>;

async function refsIn(calls: Calls): Promise<ReadonlyMap<string, string>> {
  const route = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
  const refs = new Map<string, string>();
  let asked: Readonly<Record<string, string>> | null = { per_page: '100' };
  while (asked !== null) {
    const ask: Ask<Page> = rest(route, { ...asked, ref: shortOf(INBOX_PREFIX) }, Page);
    const { data, headers }: Page = await calls.get(ask);
    for (const { ref, object } of data) if (isParcelRef(ref)) refs.set(ref, object.sha);
    asked = data.length > 0 ? nextPage(headers.link ?? '') : null;
  }
  return refs;
}

/** What GitHub's own link asks for: how its pages are named is not documented. */
function nextPage(link: string): Readonly<Record<string, string>> | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link)?.[1];
  return next === undefined ? null : Object.fromEntries(new URL(next).searchParams);
}

async function listed(calls: Calls, bytesMax: number): Promise<readonly Offered[]> {
  const refs = [...(await refsIn(calls))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const files = refs.map(([ref, mark]) => ({ path: ref, expression: `${mark}:${PARCEL_FILE}` }));
  const texts = await textsOf(calls, files, bytesMax);
  return refs.map(([ref, mark]) => {
    const text = texts.get(ref) ?? null;
    // A name that is not made of the text was given by nobody who keeps to the rules.
    return { ref, mark, text: text !== null && isNameOf(ref, text) ? text : null };
  });
}

function isNameOf(ref: string, text: string): boolean {
  return parcelRef(ref.slice(INBOX_PREFIX.length).split('/', 1)[0] ?? '', text) === ref;
}

// Discarding

const ID = `query FettleRepository($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id }
}`;
const IdAnswer = z.object({ repository: z.object({ id: z.string() }) });

const DISCARD = `mutation FettleDiscard($input: UpdateRefsInput!) {
  updateRefs(input: $input) { clientMutationId }
}`;
const DiscardAnswer = z.object({ updateRefs: z.object({}) });

/** All refs of one call move or none do. */
const DISCARD_MAX = 100;

/**
 * GitHub compares what each ref points at, so one that was moved meanwhile stays. A call is all or nothing: after one
 * that did nothing, or may have, the refs are listed again and only what still is as it was read is asked for.
 */
async function discard(calls: Calls, offered: readonly Offered[]): Promise<void> {
  const unwanted = new Map(offered.map(({ ref, mark }) => [ref, mark]));
  let left = await stillThere(calls, unwanted);
  if (left.length === 0) return;
  const { owner, name } = calls.place;
  const { repository } = await calls.get(graph(ID, { owner, name }, IdAnswer));
  for (const ms of AGAIN_AFTER_MS) {
    if (ms > 0) await calls.place.sleep(ms);
    const sent = await discardTogether(calls, repository.id, left);
    if (sent === 'done') return;
    left = await stillThere(calls, unwanted);
    if (left.length === 0) return;
    if (sent === 'refused') break;
  }
  await discardEach(calls, left);
}

type Pair = readonly [ref: string, mark: string];

/** Never one with a foreign name, which is not among those that are listed. */
async function stillThere(calls: Calls, unwanted: ReadonlyMap<string, string>): Promise<readonly Pair[]> {
  const now = await refsIn(calls);
  return [...unwanted].filter(([ref, mark]) => now.get(ref) === mark);
}

async function discardTogether(
  calls: Calls,
  repositoryId: string,
  pairs: readonly Pair[],
): Promise<'done' | 'refused' | 'unsure'> {
  for (let from = 0; from < pairs.length; from += DISCARD_MAX) {
    const refUpdates = pairs.slice(from, from + DISCARD_MAX).map(([name, beforeOid]) => {
      return { name, beforeOid, afterOid: beforeOid.replaceAll(/./g, '0') };
    });
    const reply = await calls.attempt(graph(DISCARD, { input: { repositoryId, refUpdates } }, DiscardAnswer));
    if (!reply.ok) return reply.verdict.kind === 'refused' ? 'refused' : 'unsure';
  }
  return 'done';
}

/** One by one where the mutation is not to be had. Here a ref is compared by us, a moment before it is removed. */
async function discardEach(calls: Calls, pairs: readonly Pair[]): Promise<void> {
  for (const [ref, mark] of pairs) {
    if ((await commitOf(calls, ref)) !== mark) continue;
    const route = 'DELETE /repos/{owner}/{repo}/git/refs/{ref}';
    const reply = await calls.attempt(rest(route, { ref: shortOf(ref) }, z.object({})));
    if (reply.ok || (await commitOf(calls, ref)) !== mark) continue;
    throw calls.faultFor(reply.verdict);
  }
}
