/** The rules of trust change: the next policy is taken only when the one in force allows it. */
import type { Deed } from '../schema/event.ts';
import type { SignedPolicy } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { canonical } from '../base/json.ts';
import { policyRefused } from '../faults.ts';
import { expectSuccessor } from '../trust/policy.ts';

export interface PolicyAsk {
  readonly signed: SignedPolicy;
  readonly origin: string;
  readonly now: string;
}

/**
 * @returns one deed, or none when this very policy is in force already
 * @throws policyRefused
 */
export function decidePolicyChange(
  { trust }: RegistryState,
  { signed, origin, now }: PolicyAsk,
): readonly Deed[] {
  const before = trust.policy;
  if (before !== null && canonical(before.policy) === canonical(signed.policy)) return [];
  if (signed.policy.origin !== origin) {
    throw policyRefused({ wanted: `a policy for ${origin}`, found: `one for ${signed.policy.origin}` });
  }
  expectSuccessor(before?.policy ?? null, signed, now);
  return [{ type: 'policy.changed', subject: 'registry', body: signed }];
}
