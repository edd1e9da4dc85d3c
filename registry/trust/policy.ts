/** Policies: the first is believed because it is pinned, each next one because the one before and it itself sign it. */
import { policyRefused } from '../faults.ts';
import type { Policy, Role, SignedPolicy } from '../schema/policy.ts';
import { keyIdOf } from './keys.ts';
import { goodKeys, voicesOf, type Vouched } from './signatures.ts';

/** @returns why the policy contradicts itself; null when it does not */
export function flawOf({ keys, roles, pq, version }: Policy): string | null {
  for (const [id, key] of Object.entries(keys)) {
    if (keyIdOf({ alg: key.alg, key: key.key }) !== id) {
      return `the key ${id.slice(0, 12)} under its own name`;
    }
  }
  for (const [name, { keys: ids }] of Object.entries(roles)) {
    if (new Set(ids).size !== ids.length) return `each key once in the role ${name}`;
    const stranger = ids.find((id) => !(id in keys));
    if (stranger !== undefined) return `the key ${stranger.slice(0, 12)} of the role ${name} among the keys`;
  }
  for (const name of ['root', 'log', 'witness'] as const) {
    const role = roles[name];
    const policy = { keys, pq };
    if (voicesIn(policy, role.keys) < role.threshold) {
      return `${role.threshold} keys that can sign for the role ${name}`;
    }
  }
  const slow = roles.log.keys.find((id) => keys[id]?.alg === 'ml-dsa-65');
  if (slow !== undefined) return 'log keys of ed25519 or ml-dsa-44, which checkpoints have signatures for';
  return version >= 1 ? null : 'a version of 1 or more';
}

function voicesIn(policy: Pick<Policy, 'keys' | 'pq'>, ids: Role['keys']): number {
  return voicesOf(policy, new Set(ids));
}

/**
 * Whether a policy may follow another, or be the first.
 *
 * @param now  ISO 8601; a policy that has expired cannot be the ground for anything but the next one
 * @throws policyRefused with what was wanted
 */
export function expectSuccessor(before: Policy | null, next: SignedPolicy, now: string): void {
  const { policy, signatures } = next;
  const wanted = (what: string, found: string): Error => policyRefused({ wanted: what, found });
  const version = (before?.version ?? 0) + 1;
  if (policy.version !== version) throw wanted(`policy ${version}`, `policy ${policy.version}`);
  if (before !== null && before.origin !== policy.origin) {
    throw wanted(`origin ${before.origin}`, policy.origin);
  }
  const flaw = flawOf(policy);
  if (flaw !== null) throw wanted(flaw, 'it otherwise');
  if (policy.expires <= now) throw wanted(`an expiry after ${now}`, policy.expires);
  const vouched: Vouched = { kind: 'policy', word: policy, signatures };
  for (const judge of before === null ? [policy] : [before, policy]) {
    const found = voicesOf(judge, goodKeys(judge, judge.roles.root.keys, vouched));
    const { threshold } = judge.roles.root;
    if (found < threshold) {
      throw wanted(`${threshold} root signatures of policy ${judge.version}`, `${found} good ones`);
    }
  }
}
