/** What the registry holds to be so: its records, its service and its signed policy, as facts. */
import type { Policy } from '../../registry/schema/policy.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { accountsText, factOf, type Fact } from './fact.ts';
import { recordFacts } from './record-facts.ts';
import { closures, serviceFacts, wishFacts } from './service-facts.ts';

/**
 * @param state  as it was folded; versions and runs that left the bounded view tell nothing
 * @param now    ISO 8601: a policy that expired by then lets nobody be counted
 * @returns      facts in the order of the models
 * @throws       never
 * @cost         one pass over the state
 * @source       definition
 */
export function factsOfRegistry({ models, trust }: RegistryState, now: string): readonly Fact[] {
  const policy = trust.policy?.policy ?? null;
  return [
    ...closures(trust),
    ...(policy === null ? [] : policyFacts(policy, now)),
    ...[...models.values()].flatMap((known) => [
      ...recordFacts(known),
      ...serviceFacts(known),
      ...wishFacts(known),
    ]),
  ];
}

function policyFacts(policy: Policy, now: string): readonly Fact[] {
  const where = `policy ${policy.version}`;
  const signed = { where, rank: 'signed', guards: true } as const;
  const places = [
    ...Object.entries(policy.approvals).map(([channel, rule]) => ({ what: channel, ...rule })),
    ...Object.entries(policy.inert).map(([module, { people }]) => ({
      what: `module ${module}`,
      count: people,
      from: ownersIn(policy),
    })),
  ];
  return places.flatMap(({ what, count, from }) => [
    factOf(
      { ...signed, says: `the policy wants ${count} people to agree for ${what}` },
      { kind: 'needs', what, model: null, people: count },
    ),
    ...(from === null
      ? []
      : [
          factOf(
            { ...signed, says: `the policy counts ${accountsText(from)} for ${what}` },
            { kind: 'only', what, accounts: [...from] },
          ),
        ]),
    ...(policy.expires > now
      ? []
      : [
          factOf(
            { ...signed, rank: 'counted', says: `the policy expired on ${policy.expires.slice(0, 10)}` },
            { kind: 'lapsed', what },
          ),
        ]),
  ]);
}

/** Who can attest that an inert module may act: people with a key of root or author. */
function ownersIn({ keys, roles }: Policy): readonly number[] {
  const personal = [...roles.root.keys, ...roles.author.keys];
  return [...new Set(personal.flatMap((id) => keys[id]?.owner?.id ?? []))];
}
