/** Signatures over JSON words, and how many of those that a role asks for are there. */
import { canonical } from '../base/json.ts';
import type { Envelope } from '../schema/event.ts';
import type { KeyId, Policy, Signature } from '../schema/policy.ts';
import { isSignedBy, type Signer } from './keys.ts';

/** What kind of word is signed: no signature over one kind is good for another. */
export type Kind = 'policy' | 'bundle' | 'attestation' | 'approval';

/** Pre-authentication encoding. @source DSSE protocol, "Signature Definition" */
export function messageOf(kind: Kind, word: unknown): Buffer {
  const type = `application/vnd.fettle.${kind}.v1+json`;
  const payload = canonical(word);
  return Buffer.from(`DSSEv1 ${type.length} ${type} ${Buffer.byteLength(payload)} ${payload}`);
}

export function signWord(signer: Signer, kind: Kind, word: unknown): Signature {
  return { keyid: signer.id, sig: signer.sign(messageOf(kind, word)).toString('base64') };
}

export interface Vouched {
  readonly kind: Kind;
  readonly word: unknown;
  readonly signatures: readonly Signature[];
}

/** Distinct keys of these, known to the policy, whose signature is good. */
export function goodKeys(
  policy: Policy,
  keys: readonly KeyId[],
  { kind, word, signatures }: Vouched,
): ReadonlySet<KeyId> {
  const message = messageOf(kind, word);
  const good = signatures.filter(({ keyid, sig }) => {
    const known = keys.includes(keyid) ? policy.keys[keyid] : undefined;
    return known !== undefined && isSignedBy(known, { message, signature: Buffer.from(sig, 'base64') });
  });
  return new Set(good.map(({ keyid }) => keyid));
}

/**
 * How many vouch. A key that belongs to somebody counts as that somebody, so that two keys of one person are one
 * voice; with `pq: required` a voice counts only when both an Ed25519 and an ML-DSA key of it have signed.
 */
export function voicesOf(policy: Pick<Policy, 'keys' | 'pq'>, good: ReadonlySet<KeyId>): number {
  return new Set(voiceNames(policy, good)).size;
}

function voiceNames(policy: Pick<Policy, 'keys' | 'pq'>, good: ReadonlySet<KeyId>): readonly string[] {
  const kinds = new Map<string, Set<'classic' | 'quantum-safe'>>();
  for (const id of good) {
    const key = policy.keys[id];
    if (key === undefined) continue;
    const voice = key.owner === null ? 'nobody' : String(key.owner.id);
    // Keys without an owner are one machine's pair when two algorithms are asked for, and separate otherwise.
    const name = key.owner === null && policy.pq === 'off' ? id : voice;
    kinds.set(name, (kinds.get(name) ?? new Set()).add(key.alg === 'ed25519' ? 'classic' : 'quantum-safe'));
  }
  const needed = policy.pq === 'required' ? 2 : 1;
  return [...kinds].filter(([, found]) => found.size >= needed).map(([name]) => name);
}

/** Whether one of the keys may say what an account did: its own, or that of a machine, which belongs to nobody. */
function speaksFor(policy: Policy, good: ReadonlySet<KeyId>, account: number): boolean {
  return [...good].some((id) => {
    const owner = policy.keys[id]?.owner;
    return owner === null || owner?.id === account;
  });
}

/** What counts by whose account it is: an approval, and whatever says who may not give one. */
const BY_ACCOUNT: readonly string[] = [
  'approval.given',
  'promotion.asked',
  'promotion.refused',
  'model.registered',
];

/** Whoever signs as a person tells nobody else's word where it is counted by account. */
export function mayTell(
  policy: Policy,
  good: ReadonlySet<KeyId>,
  { type, by }: Pick<Envelope, 'type' | 'by'>,
): boolean {
  return !BY_ACCOUNT.includes(type) || by.kind === 'local' || speaksFor(policy, good, by.id);
}
