/** Which approvals a promotion has, and why others do not count: judged anew at every look. */
import { digestOfValue } from '../base/digest.ts';
import type { Approved } from '../schema/event.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { Approval, PromotionWord, RegistryState } from '../schema/state.ts';
import { modelOf, versionOf } from './query.ts';

export interface ApprovalAsk {
  readonly model: ModelName;
  readonly version: Version;
  readonly channel: Channel;
  /** How many the repository's settings ask for at least, beside the policy; left out where they ask for none. */
  readonly least?: number;
  /** Accounts that do not count this time: whoever asked for it, whoever lost the right since. */
  readonly except?: ReadonlyMap<number, string>;
}

export interface Tally {
  /** Null where the policy asks for none. */
  readonly needed: number | null;
  readonly given: readonly Approval[];
  /** Approvals that do not count, each with its reason. */
  readonly void: readonly { readonly approval: Approval; readonly why: string }[];
}

/** What an approval given now would be for. @throws modelUnknown, versionUnknown */
export function approvable(state: RegistryState, { model, version, channel }: ApprovalAsk): Approved {
  const known = modelOf(state, model);
  const { artifacts, evaluation } = versionOf(known, version);
  return {
    version,
    channel,
    replaces: known.serving[channel] ?? null,
    artifacts: digestOfValue(artifacts),
    metrics: evaluation === null ? null : digestOfValue(evaluation.metrics),
    policy: state.trust.policy?.policy.version ?? 0,
    seen: known.settledSeq,
  };
}

/** How many the run that judged the version asked for; 0 where it asked for none. @throws modelUnknown, versionUnknown */
export function demandedFor(state: RegistryState, { model, version, channel }: ApprovalAsk): number {
  const demand = versionOf(modelOf(state, model), version).verdict?.approvals;
  return demand?.channel === channel ? demand.count : 0;
}

/** Counted anew at every look: whoever lost the right since, and whatever changed since, counts no more. */
export function tallyOf(state: RegistryState, ask: ApprovalAsk, now: string): Tally {
  const rule = state.trust.policy?.policy.approvals[ask.channel];
  const demanded = demandedFor(state, ask);
  if (rule === undefined && ask.least === undefined && demanded === 0) {
    return { needed: null, given: [], void: [] };
  }
  const wanted = approvable(state, ask);
  const mine = modelOf(state, ask.model).approvals.filter(
    ({ of }) => of.version === ask.version && of.channel === ask.channel,
  );
  const judged = mine.map((approval) => ({ approval, why: flawOf(state, ask, { approval, wanted, now }) }));
  return {
    needed: Math.max(rule?.count ?? 0, ask.least ?? 0, demanded),
    given: judged.flatMap(({ approval, why }) => (why === null ? [approval] : [])),
    void: judged.flatMap(({ approval, why }) => (why === null ? [] : [{ approval, why }])),
  };
}

/**
 * As it is decided by today: whoever made a version elsewhere than on GitHub has no account number, so that one of those
 * who approve may be its author, and one more is wanted. What the log holds already is judged by `tallyOf`.
 */
export function tallyNow(state: RegistryState, ask: ApprovalAsk, now: string): Tally {
  const tally = tallyOf(state, ask, now);
  if (tally.needed === null || tally.needed === 0) return tally;
  const { byId } = versionOf(modelOf(state, ask.model), ask.version);
  return byId === null ? { ...tally, needed: tally.needed + 1 } : tally;
}

interface Judged {
  readonly approval: Pick<Approval, 'expires' | 'byId' | 'of'>;
  readonly wanted: Approved;
  readonly now: string;
}

function flawOf(state: RegistryState, ask: ApprovalAsk, { approval, wanted, now }: Judged): string | null {
  if (approval.expires <= now) return 'it has expired';
  const policy = state.trust.policy?.policy;
  if (policy !== undefined && policy.expires <= now) return 'the policy that asks for it has expired';
  if (digestOfValue(approval.of) !== digestOfValue(wanted)) return 'it was for something else';
  return voidBecause(state, ask, approval.byId) ?? ask.except?.get(approval.byId) ?? null;
}

/** A refusal of exactly this that nobody took back; null when there is none. */
export function refusalOf(state: RegistryState, ask: ApprovalAsk): PromotionWord | null {
  const { refusals } = modelOf(state, ask.model);
  if (refusals.length === 0) return null;
  const wanted = digestOfValue(approvable(state, ask));
  return refusals.find(({ of }) => digestOfValue(of) === wanted) ?? null;
}

/** @returns why the account may not approve; null when it may. @throws modelUnknown, versionUnknown */
export function voidBecause(
  state: RegistryState,
  { model, version, channel }: ApprovalAsk,
  id: number | null,
): string | null {
  if (id === null) return 'only a GitHub account can be counted';
  if (versionOf(modelOf(state, model), version).byId === id) return 'nobody approves their own version';
  const rule = state.trust.policy?.policy.approvals[channel];
  return rule === undefined || rule.from === null || rule.from.includes(id)
    ? null
    : 'the policy does not name this account';
}
