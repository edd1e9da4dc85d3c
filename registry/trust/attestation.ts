/** Whether a statement lets an inert module act: signed by as many people as the policy asks for, and still good. */
import type { Policy, SignedAttestation } from '../schema/policy.ts';
import { goodKeys, voicesOf } from './signatures.ts';

/** @returns why it does not; null when it does */
export function attestationFlaw(
  policy: Policy | null,
  signed: SignedAttestation,
  now: string,
): string | null {
  const { attestation, signatures } = signed;
  const rule = policy?.inert[attestation.module];
  if (policy === null || rule === undefined) return 'the policy does not name it';
  if (policy.expires <= now) return `the policy expired at ${policy.expires}`;
  if (attestation.origin !== policy.origin) return `it was attested for ${attestation.origin}`;
  if (attestation.expires <= now) return `its attestation expired at ${attestation.expires}`;
  const personal = [...policy.roles.root.keys, ...policy.roles.author.keys];
  const good = goodKeys(policy, personal, { kind: 'attestation', word: attestation, signatures });
  // A machine's key is nobody's, and where both algorithms are asked for, a person signs with both.
  const owned = [...good].filter((id) => (policy.keys[id]?.owner ?? null) !== null);
  const people = voicesOf(policy, new Set(owned));
  return people >= rule.people ? null : `${rule.people} people must sign, ${people} did`;
}
