/** People approve a promotion before it happens, and the promotion counts them when it happens. */
import { digestOfValue } from '../base/digest.ts';
import { approvalsMissing, approverUnknown, policyMissing, promotionRefused } from '../faults.ts';
import type { Actor, Deed } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';
import { modelOf, versionOf } from '../state/query.ts';
import {
  approvable,
  demandedFor,
  refusalOf,
  tallyNow,
  voidBecause,
  type ApprovalAsk,
} from '../state/approvals.ts';

export interface ApproveAsk extends ApprovalAsk {
  readonly by: Actor;
  /** When the approval stops to count, ISO 8601. */
  readonly expires: string;
}

/**
 * @returns one deed
 * @throws policyMissing where neither policy nor settings ask for approvals; approverUnknown for whoever has no account number, is a bot, or may not approve
 */
export function decideApproval(state: RegistryState, ask: ApproveAsk): readonly Deed[] {
  const body = approvable(state, ask);
  expectWord(state, ask);
  return [{ type: 'approval.given', subject: ask.model, body: { ...body, expires: ask.expires } }];
}

export interface PromotionWordAsk extends ApprovalAsk {
  readonly by: Actor;
  readonly reason: string;
}

/** @returns one deed, or none when somebody has asked for exactly this already */
export function decideRequest(state: RegistryState, ask: PromotionWordAsk): readonly Deed[] {
  const body = approvable(state, ask);
  const wanted = digestOfValue(body);
  if (modelOf(state, ask.model).asked.some(({ of }) => digestOfValue(of) === wanted)) return [];
  return [{ type: 'promotion.asked', subject: ask.model, body: { ...body, reason: ask.reason } }];
}

/**
 * While it stands, exactly this is not promoted by anybody; whoever refused it can approve it later.
 *
 * @returns one deed, or none when this account has refused it already
 * @throws approverUnknown
 */
export function decideRefusal(state: RegistryState, ask: PromotionWordAsk): readonly Deed[] {
  const body = approvable(state, ask);
  const id = ask.by.kind === 'user' ? ask.by.id : null;
  // Its own author may take it back.
  const isAuthor = id !== null && versionOf(modelOf(state, ask.model), ask.version).byId === id;
  if (!isAuthor) expectWord(state, { ...ask, least: 1 });
  const standing = refusalOf(state, ask);
  if (standing !== null && standing.byId === id) return [];
  return [{ type: 'promotion.refused', subject: ask.model, body: { ...body, reason: ask.reason } }];
}

function expectWord(state: RegistryState, ask: ApprovalAsk & { readonly by: Actor }): void {
  const { channel, by, least } = ask;
  const policy = state.trust.policy?.policy;
  const isWanted = least !== undefined || demandedFor(state, ask) > 0;
  if (policy === undefined && !isWanted) throw policyMissing({ wanted: 'approvals' });
  const isAsked = isWanted || policy?.approvals[channel] !== undefined;
  const why = isAsked
    ? voidBecause(state, ask, by.kind === 'user' ? by.id : null)
    : `the policy asks for no approvals for ${channel}`;
  if (why !== null) throw approverUnknown({ login: by.login, why });
}

/** @throws approvalsMissing when the policy asks for more than there are; promotionRefused */
export function expectApprovals(state: RegistryState, ask: ApprovalAsk, now: string): void {
  const refusal = refusalOf(state, ask);
  if (refusal !== null) {
    const { model, version, channel } = ask;
    throw promotionRefused({ model, version, channel, by: refusal.by, reason: refusal.reason });
  }
  const { needed, given, void: spoilt } = tallyNow(state, ask, now);
  if (needed === null || given.length >= needed) return;
  throw approvalsMissing({
    ...ask,
    needed,
    given: given.map(({ by }) => by),
    spoilt: spoilt.map(({ approval, why }) => `${approval.by} (${why})`),
  });
}
