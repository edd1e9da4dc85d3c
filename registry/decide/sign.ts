/** Which signatures an append carries: its author's over the events, the log's over the checkpoint. */
import { digestOf, type Digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { signerMissing } from '../faults.ts';
import { eventId } from '../schema/entry.ts';
import type { RegistryEvent } from '../schema/event.ts';
import type { KeyId, Policy } from '../schema/policy.ts';
import type { Signer } from '../trust/keys.ts';
import { signNote, type Checkpoint } from '../trust/note.ts';
import { signWord, voicesOf } from '../trust/signatures.ts';

/** Keys that this writer has, whatever their role. */
export type Signers = readonly Signer[];

interface Policies {
  /** In force when it was decided; null where none ever was. */
  readonly before: Policy | null;
  /** In force after the events, of which one may change it. */
  readonly after: Policy | null;
}

export interface BundleAsk extends Policies {
  readonly origin: string;
  readonly events: readonly RegistryEvent[];
}

/**
 * @returns null where no policy asks for authors
 * @throws signerMissing
 */
export function signedBundle(
  signers: Signers,
  { before, origin, events }: BundleAsk,
): { readonly digest: Digest; readonly text: string } | null {
  if (before === null || before.roles.author.keys.length === 0) return null;
  const mine = signersOf(signers, {
    policy: before,
    role: 'author',
    keys: before.roles.author.keys,
    threshold: 1,
  });
  const bundle = { origin, events: events.map(eventId) };
  const text = `${canonical({ bundle, signatures: mine.map((signer) => signWord(signer, 'bundle', bundle)) })}\n`;
  return { digest: digestOf(text), text };
}

/**
 * @returns null where no policy asks for a seal
 * @throws signerMissing
 */
export function sealerFor(
  signers: Signers,
  { after, time }: Policies & { readonly time: string },
): ((checkpoint: Checkpoint) => string) | null {
  if (after === null) return null;
  const { keys, threshold } = after.roles.log;
  const mine = signersOf(signers, { policy: after, role: 'log', keys, threshold });
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
