/** A version becomes the one that a channel serves, because a person said so. */
import { gateNotPassed, modelRetired, versionNotJudged } from '../faults.ts';
import type { Deed } from '../schema/event.ts';
import type { RegistryState, VersionState } from '../schema/state.ts';
import type { ApprovalAsk } from '../state/approvals.ts';
import { modelOf, versionOf } from '../state/query.ts';
import { expectOpen, expectRunning } from './activate.ts';
import { expectApprovals } from './approve.ts';

export interface PromoteAsk extends ApprovalAsk {
  /** Gates whose answer the actor overrules, with the reason below. */
  readonly waived: readonly string[];
  readonly reason: string;
  /** The moment at which approvals must still count, ISO 8601. */
  readonly now: string;
}

/**
 * @returns one deed, or none when the channel serves that version already (asking twice is harmless)
 * @throws modelUnknown, versionUnknown, modelRetired, versionNotJudged, gateNotPassed, approvalsMissing,
 *         promotionRefused, channelFrozen, registryStopped
 */
export function decidePromotion(state: RegistryState, ask: PromoteAsk): readonly Deed[] {
  const { model, version, channel, reason } = ask;
  const known = modelOf(state, model);
  const judged = versionOf(known, version);
  if (known.retired !== null) throw modelRetired({ model, reason: known.retired.reason });
  const waived = waivedOf(judged, ask);

  const replaces = known.serving[channel] ?? null;
  if (replaces === version) return [];
  expectRunning(state);
  expectOpen(state, channel);
  expectApprovals(state, ask, ask.now);
  const body = { version, channel, replaces, automatic: false, waived: [...waived], reason };
  return [{ type: 'model.promoted', subject: model, body }];
}

/** The gates that had to be waived; throws at the first that was not. */
function waivedOf({ version, verdict }: VersionState, { model, waived }: PromoteAsk): readonly string[] {
  if (verdict === null) throw versionNotJudged({ model, version });
  const open = verdict.gates.filter(({ answer }) => answer !== 'pass');
  const refusal = open.find(({ gate }) => !waived.includes(gate));
  if (refusal !== undefined) {
    throw gateNotPassed({ model, version, gate: refusal.gate, reason: refusal.reason });
  }
  return open.map(({ gate }) => gate);
}
