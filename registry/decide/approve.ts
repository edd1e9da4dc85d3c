/** People approve a promotion before it happens, and the promotion counts them when it happens. */
import { approvalsMissing, approverUnknown } from '../faults.ts';
import type { Actor, Deed } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';
import { approvable, tallyOf, voidBecause, type ApprovalAsk } from '../state/approvals.ts';

export interface ApproveAsk extends ApprovalAsk {
  readonly by: Actor;
  /** When the approval stops to count, ISO 8601. */
  readonly expires: string;
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
