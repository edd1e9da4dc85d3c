/** People approve a promotion before it happens, and the promotion counts them when it happens. */
import { digestOfValue } from '../base/digest.ts';
import { approvalsMissing, approverUnknown, policyMissing } from '../faults.ts';
import type { Approved, Actor, Deed } from '../schema/event.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { Approval, RegistryState } from '../schema/state.ts';
import { modelOf, versionOf } from '../state/query.ts';

export interface ApprovalAsk {
  readonly model: ModelName;
  readonly version: Version;
  readonly channel: Channel;
}

export interface ApproveAsk extends ApprovalAsk {
  readonly by: Actor;
  /** When the approval stops to count, ISO 8601. */
  readonly expires: string;
}

export interface Tally {
  /** Null where the policy asks for none. */
  readonly needed: number | null;
  readonly given: readonly Approval[];
  /** Approvals that do not count, each with its reason. */
  readonly void: readonly { readonly approval: Approval; readonly why: string }[];
}

/** What an approval given now would be for. @throws modelUnknown, versionUnknown, policyMissing */
export function approvable(state: RegistryState, { model, version, channel }: ApprovalAsk): Approved {
  const known = modelOf(state, model);
  const { artifacts, evaluation } = versionOf(known, version);
  const policy = state.trust.policy?.policy;
  if (policy === undefined) throw policyMissing({ wanted: 'approvals' });
  return {
    version,
    channel,
    replaces: known.serving[channel] ?? null,
    artifacts: digestOfValue(artifacts),
    metrics: evaluation === null ? null : digestOfValue(evaluation.metrics),
    policy: policy.version,
    seen: known.settledSeq,
  };
}

/**
 * @returns one deed
 * @throws approverUnknown for whoever has no account number, is a bot, or may not approve
 */
export function decideApproval(state: RegistryState, ask: ApproveAsk): readonly Deed[] {
  const body = approvable(state, ask);
  const why = voidBecause(state, ask, ask.by.kind === 'user' ? ask.by.id : null);
  if (why !== null) throw approverUnknown({ login: ask.by.login, why });
  return [{ type: 'approval.given', subject: ask.model, body: { ...body, expires: ask.expires } }];
}

/** Counted anew at every look: whoever lost the right since, and whatever changed since, counts no more. */
export function tallyOf(state: RegistryState, ask: ApprovalAsk, now: string): Tally {
  const rule = state.trust.policy?.policy.approvals[ask.channel];
  if (rule === undefined) return { needed: null, given: [], void: [] };
  const wanted = approvable(state, ask);
  const mine = modelOf(state, ask.model).approvals.filter(
    ({ of }) => of.version === ask.version && of.channel === ask.channel,
  );
  const judged = mine.map((approval) => ({ approval, why: flawOf(state, ask, { approval, wanted, now }) }));
  return {
    needed: rule.count,
    given: judged.flatMap(({ approval, why }) => (why === null ? [approval] : [])),
    void: judged.flatMap(({ approval, why }) => (why === null ? [] : [{ approval, why }])),
  };
}

/** @throws approvalsMissing when the policy asks for more than there are */
export function expectApprovals(state: RegistryState, ask: ApprovalAsk, now: string): void {
  const { needed, given, void: spoilt } = tallyOf(state, ask, now);
  if (needed === null || given.length >= needed) return;
  throw approvalsMissing({
    ...ask,
    needed,
    given: given.map(({ by }) => by),
    spoilt: spoilt.map(({ approval, why }) => `${approval.by} (${why})`),
  });
}

interface Judged {
  readonly approval: Approval;
  readonly wanted: Approved;
  readonly now: string;
}

function flawOf(state: RegistryState, ask: ApprovalAsk, { approval, wanted, now }: Judged): string | null {
  if (approval.expires <= now) return 'it has expired';
  if (digestOfValue(approval.of) !== digestOfValue(wanted)) return 'it was for something else';
  return voidBecause(state, ask, approval.byId);
}

function voidBecause(
  state: RegistryState,
  { model, version, channel }: ApprovalAsk,
  id: number | null,
): string | null {
  if (id === null) return 'only a GitHub account can be counted';
  if (versionOf(modelOf(state, model), version).byId === id) return 'nobody approves their own version';
  const rule = state.trust.policy?.policy.approvals[channel];
  if (rule === undefined) return `the policy asks for no approvals for ${channel}`;
  return rule.from === null || rule.from.includes(id) ? null : 'the policy does not name this account';
}
