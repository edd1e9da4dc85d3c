/** Which signatures an append carries: its author's over the events, the log's over the checkpoint. */
import { digestOf } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { approverUnknown, signerMissing } from '../faults.ts';
import type { Bundle } from '../schema/bundle.ts';
import { eventId } from '../schema/entry.ts';
import type { RegistryEvent } from '../schema/event.ts';
import type { KeyId, Policy } from '../schema/policy.ts';
import type { SignedEvents } from '../store/log.ts';
import type { Signer } from '../trust/keys.ts';
import { signNote, type Checkpoint } from '../trust/note.ts';
import { goodKeys, mayTell, signWord, voicesOf } from '../trust/signatures.ts';

/** Keys that this writer has, whatever their role. */
export type Signers = readonly Signer[];

export interface BundleAsk {
  /** In force when the events were decided; null where none ever was. */
  readonly policy: Policy | null;
  readonly origin: string;
  readonly events: readonly RegistryEvent[];
}

/**
 * @returns null where no policy asks for authors
 * @throws signerMissing, approverUnknown
 */
export function bundleFor(signers: Signers, { policy, origin, events }: BundleAsk): Bundle | null {
  if (policy === null || policy.roles.author.keys.length === 0) return null;
  const { keys } = policy.roles.author;
  const mine = signersOf(signers, { policy, role: 'author', keys, threshold: 1 });
  const ids = new Set(mine.map(({ id }) => id));
  const foreign = events.find((event) => !mayTell(policy, ids, event));
  if (foreign !== undefined) {
    throw approverUnknown({ login: foreign.by.login, why: 'the author key at hand is another person’s' });
  }
  const bundle = { origin, events: events.map(eventId) };
  return { bundle, signatures: mine.map((signer) => signWord(signer, 'bundle', bundle)) };
}

/** A bundle as the log keeps it. */
export function keptBundle(bundle: Bundle, events: readonly RegistryEvent[]): SignedEvents {
  const text = `${canonical(bundle)}\n`;
  return { digest: digestOf(text), text, idems: new Set(events.map(({ idem }) => idem)) };
}

/** @returns what is wrong with a bundle for these events under the policy; null when nothing is */
export function bundleFlaw(bundle: Bundle | null, { policy, origin, events }: BundleAsk): string | null {
  if (policy === null || policy.roles.author.keys.length === 0) return null;
  if (bundle === null) return 'no author signed it';
  if (bundle.bundle.origin !== origin) return `it was signed for ${bundle.bundle.origin}`;
  const ids = new Set(bundle.bundle.events);
  if (!events.every((event) => ids.has(eventId(event)))) return 'its signatures are over other events';
  const vouched = { kind: 'bundle', word: bundle.bundle, signatures: bundle.signatures } as const;
  const good = goodKeys(policy, policy.roles.author.keys, vouched);
  if (voicesOf(policy, good) < 1) return 'no author that the policy names signed it';
  const foreign = events.find((event) => !mayTell(policy, good, event));
  return foreign === undefined ? null : `its author cannot speak for ${foreign.by.login}`;
}

export interface SealAsk {
  /** In force after the events, of which one may change it. */
  readonly policy: Policy | null;
  /** ISO 8601. */
  readonly time: string;
}

/**
 * @returns null where no policy asks for a seal
 * @throws signerMissing
 */
export function sealerFor(
  signers: Signers,
  { policy, time }: SealAsk,
): ((checkpoint: Checkpoint) => string) | null {
  if (policy === null) return null;
  const { keys, threshold } = policy.roles.log;
  const mine = signersOf(signers, { policy, role: 'log', keys, threshold });
  const seconds = Math.floor(Date.parse(time) / 1000);
  return (checkpoint) => signNote(checkpoint, { signers: mine, name: checkpoint.origin, time: seconds });
}

interface Wanted {
  readonly policy: Policy;
  readonly role: string;
  readonly keys: readonly KeyId[];
  readonly threshold: number;
}

function signersOf(signers: Signers, { policy, role, keys, threshold }: Wanted): Signers {
  const mine = signers.filter(({ id }) => keys.includes(id));
  const found = voicesOf(policy, new Set(mine.map(({ id }) => id)));
  if (found >= threshold) return mine;
  throw signerMissing({ role, policy: policy.version, wanted: threshold, found });
}
