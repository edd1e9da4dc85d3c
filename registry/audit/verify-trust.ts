/** Whether everybody signed what the policy in force at that moment asked of them. */
import * as z from 'zod';
import { FettleError } from '../base/fault.ts';
import { eventId, type Entry } from '../schema/entry.ts';
import { Bundle } from '../schema/bundle.ts';
import type { EventOf } from '../schema/event.ts';
import type { Policy, SignedPolicy } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { folding } from '../state/fold.ts';
import { objectionTo } from '../state/objection.ts';
import { attachmentPath, CHECKPOINT_PATH } from '../store/lay-out.ts';
import type { Head, Problem } from '../store/log.ts';
import { checkNote, parseNote } from '../trust/note.ts';
import { expectSuccessor } from '../trust/policy.ts';
import { goodKeys, mayTell, voicesOf } from '../trust/signatures.ts';

type Files = ReadonlyMap<string, string>;

export interface TrustAsk {
  readonly entries: readonly Entry[];
  readonly files: Files;
  readonly head: Head;
  /** In force before the first of the entries. */
  readonly policy: SignedPolicy | null;
  /** What was before the first of the entries. */
  readonly state: RegistryState;
  /** What else to hold each of them against; nothing when left out. */
  readonly also?: (entry: Entry, state: RegistryState) => readonly Problem[];
}

export interface TrustFound {
  readonly policy: SignedPolicy | null;
  readonly problems: readonly Problem[];
  /** What is after all of them. */
  readonly state: RegistryState;
}

/** A decision is stamped a little after it was made, and two machines' clocks differ. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** An event is judged by the policy before it; the checkpoint by the one after all of them. */
export function verifyTrust({ entries, files, head, also, ...begin }: TrustAsk): TrustFound {
  const bundles = new Map<string, Bundle | null>();
  const problems: Problem[] = [];
  let { policy, state } = begin;
  const fold = folding(state);
  for (const entry of entries) {
    problems.push(...forbidden(entry, state, head), ...(also?.(entry, state) ?? []));
    state = fold(entry);
    if (policy !== null) problems.push(...unsigned(entry, { policy: policy.policy, files, bundles, head }));
    if (entry.event?.type !== 'policy.changed') continue;
    const flaw = successionFlaw(policy?.policy ?? null, entry.event, head);
    if (flaw !== null) problems.push({ code: 'policy', where: placeOf(entry), ...flaw });
    policy = entry.event.body;
  }
  if (policy !== null) problems.push(...sealProblems(policy.policy, files, head));
  return { policy, problems, state };
}

/** Whoever has every key still cannot do what the registry's own rules forbid. */
function forbidden(entry: Entry, state: RegistryState, { origin }: Head): readonly Problem[] {
  const { event } = entry;
  // How a policy may follow another is looked at below, by the policy that is pinned.
  if (event === null || event.type === 'policy.changed') return [];
  const now = new Date(Date.parse(event.at) - CLOCKS_DIFFER_MS).toISOString();
  const found = objectionTo(state, event, { origin, now });
  if (found === null) return [];
  return [
    { code: 'authority', where: placeOf(entry), wanted: `a ${event.type} that the rules allow`, found },
  ];
}

function placeOf({ seq }: Entry): string {
  return `event ${seq}`;
}

type Flaw = Pick<Problem, 'wanted' | 'found'>;

const Refused = z.object({ wanted: z.string(), found: z.string() });

function successionFlaw(
  before: Policy | null,
  { body: next, at }: EventOf<'policy.changed'>,
  { origin }: Head,
): Flaw | null {
  // The first policy follows none that would say which registry it is for.
  if (next.policy.origin !== origin) return { wanted: `a policy for ${origin}`, found: next.policy.origin };
  try {
    expectSuccessor(before, next, at);
    return null;
  } catch (error) {
    if (error instanceof FettleError) return Refused.parse(error.detail);
    throw error;
  }
}

interface Judge {
  readonly policy: Policy;
  readonly files: Files;
  readonly head: Head;
  /** Read so far, by digest; null for one that is no bundle. */
  readonly bundles: Map<string, Bundle | null>;
}

function unsigned(entry: Entry, { policy, files, bundles, head }: Judge): readonly Problem[] {
  const { keys } = policy.roles.author;
  if (keys.length === 0) return [];
  const problem = (found: string): readonly Problem[] => [
    {
      code: 'author',
      where: placeOf(entry),
      wanted: 'the signature of an author that the policy names',
      found,
    },
  ];
  if (entry.bundle === null) return problem('none');
  const known = bundles.get(entry.bundle);
  const bundle = known === undefined ? readBundle(files.get(attachmentPath(entry.bundle))) : known;
  bundles.set(entry.bundle, bundle);
  if (bundle === null) return problem('a bundle that cannot be read');
  if (bundle.bundle.origin !== head.origin) return problem(`a bundle for ${bundle.bundle.origin}`);
  if (!bundle.bundle.events.includes(eventId(entry.envelope))) return problem('a bundle without this event');
  const good = goodKeys(policy, keys, { kind: 'bundle', word: bundle.bundle, signatures: bundle.signatures });
  if (voicesOf(policy, good) < 1) return problem('no good one');
  if (mayTell(policy, good, entry.envelope)) return [];
  return problem(`one of somebody else than ${entry.envelope.by.login}`);
}

function readBundle(text: string | undefined): Bundle | null {
  try {
    const found = Bundle.safeParse(JSON.parse(text ?? ''));
    return found.success ? found.data : null;
  } catch {
    return null;
  }
}

/** A signature by a key that the policy does not name is passed over; a wrong one by a key that it names is not. */
function sealProblems(policy: Policy, files: Files, { origin }: Head): readonly Problem[] {
  const { keys, threshold } = policy.roles.log;
  const note = parseNote(files.get(CHECKPOINT_PATH) ?? '');
  const found = keys.map((id) => {
    const key = policy.keys[id];
    return { id, check: note === null || key === undefined ? 'unknown' : checkNote(note, key, origin) };
  });
  const good = new Set(found.flatMap(({ id, check }) => (check === 'good' ? [id] : [])));
  const wrong = found.filter(({ check }) => check === 'wrong');
  const voices = voicesOf(policy, good);
  const where = CHECKPOINT_PATH;
  return [
    ...wrong.map(({ id }) => ({
      code: 'seal',
      where,
      wanted: `a good signature of ${id.slice(0, 12)}`,
      found: 'a wrong one',
    })),
    ...(voices >= threshold
      ? []
      : [{ code: 'seal', where, wanted: `${threshold} log signatures`, found: `${voices} good ones` }]),
  ];
}
