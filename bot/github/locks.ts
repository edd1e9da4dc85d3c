/** Locks as refs: a ref that points at a finished commit with `lock.json`; making the ref is the claim. */
import * as z from 'zod';
import { callsTo, rest, type Calls } from './call.ts';
import type { Place } from './place.ts';

/** What `lock.json` says. */
export const LockWords = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  owner: z.strictObject({ id: z.int(), login: z.string() }),
  reason: z.string(),
  claim: z.string(),
  since: z.string(),
});
export type LockWords = Omit<z.infer<typeof LockWords>, 'schema'>;

export type LockFound =
  | { readonly kind: 'free' }
  | { readonly kind: 'held'; readonly lock: LockWords; readonly sha: string }
  /** Held by somebody unknown; never written over. */
  | { readonly kind: 'unreadable'; readonly why: string };

const Ref = z.object({ data: z.object({ object: z.object({ sha: z.string() }) }) });
const Made = z.object({ data: z.object({ sha: z.string() }) });
const File = z.object({ data: z.object({ content: z.string() }) });

function refOf(name: string): string {
  // Names of channels and models are such; anything else would be another ref.
  return `heads/fettle/lock/${name.replaceAll(/[^A-Za-z0-9_-]/g, '-')}`;
}

export async function findLock(place: Place, name: string): Promise<LockFound> {
  const calls = callsTo(place);
  const ref = await calls.find(rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: refOf(name) }, Ref));
  if (ref === null) return { kind: 'free' };
  const { sha } = ref.data.object;
  const file = await calls.find(
    rest('GET /repos/{owner}/{repo}/contents/{path}', { path: 'lock.json', ref: sha }, File),
  );
  const lock = file === null ? null : wordsIn(Buffer.from(file.data.content, 'base64').toString('utf8'));
  if (lock === null) return { kind: 'unreadable', why: `the lock \`${name}\` has no readable lock.json` };
  return { kind: 'held', lock, sha };
}

function wordsIn(text: string): LockWords | null {
  try {
    const { schema: _, ...lock } = LockWords.parse(JSON.parse(text));
    return lock;
  } catch {
    return null;
  }
}

/** @returns what holds the lock now; free where somebody let go of it meanwhile */
export async function claimLock(place: Place, lock: LockWords): Promise<LockFound> {
  const calls = callsTo(place);
  const sha = await commitOf(calls, lock);
  const ref = `refs/${refOf(lock.name)}`;
  const made = await calls.attempt(
    rest('POST /repos/{owner}/{repo}/git/refs', { ref, sha }, z.object({ status: z.int() })),
  );
  if (made.ok) return { kind: 'held', lock, sha };
  if (made.verdict.kind === 'wait' || made.verdict.kind === 'absent') throw calls.faultFor(made.verdict);
  // It exists, or nobody knows: only looking tells.
  return findLock(place, lock.name);
}

async function commitOf(calls: Calls, lock: LockWords): Promise<string> {
  const content = `${JSON.stringify({ schema: 1, ...lock }, null, 2)}\n`;
  const tree = await made(calls, 'POST /repos/{owner}/{repo}/git/trees', {
    tree: [{ path: 'lock.json', mode: '100644', type: 'blob', content }],
  });
  return made(calls, 'POST /repos/{owner}/{repo}/git/commits', {
    message: `lock ${lock.name}\n`,
    tree,
    parents: [],
  });
}

/** Trees and commits are named by what they hold, so that making one twice makes one. */
async function made(
  calls: Calls,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { data } = await calls.get(rest(route, parameters, Made));
  return data.sha;
}

/** Only the claim that is named is let go. @returns what holds it now */
export async function releaseLock(
  place: Place,
  { name, claim }: Pick<LockWords, 'name' | 'claim'>,
): Promise<LockFound> {
  const found = await findLock(place, name);
  if (found.kind !== 'held' || found.lock.claim !== claim) return found;
  const route = 'DELETE /repos/{owner}/{repo}/git/refs/{ref}';
  await callsTo(place).find(rest(route, { ref: refOf(name) }, z.object({ status: z.int() })));
  return { kind: 'free' };
}
