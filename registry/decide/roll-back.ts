/** The version before serves again: asked by a person, or because service showed that the present one fails. */
import { approvalsMissing, neverServed, nothingBefore, nothingServes } from '../faults.ts';
import type { Deed, ServiceEvidence } from '../schema/event.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { RegistryState } from '../schema/state.ts';
import type { ApprovalAsk } from '../state/approvals.ts';
import { coolsUntil, modelOf, servedBefore, versionOf, type CoolDown } from '../state/query.ts';
import { expectOpen, expectRunning } from './activate.ts';

export interface RollBackAsk {
  readonly model: ModelName;
  readonly channel: Channel;
  /** Null: the last that served before and was never taken back. */
  readonly to: Version | null;
  /** Only if this version serves; null whatever serves. Judgement on service names the version it is about. */
  readonly from: Version | null;
  readonly automatic: boolean;
  readonly reason: string;
  readonly evidence: ServiceEvidence | null;
  /** How long after an automatic rollback the channel is left alone by another one; left out: not at all. */
  readonly coolDown?: CoolDown;
}

/**
 * @returns one deed, or none when `to` serves already, `from` serves no more, or the channel is cooling down
 * @throws modelUnknown, versionUnknown, nothingServes, nothingBefore, neverServed; registryStopped, channelFrozen and approvalsMissing
 *         for a version that was taken back itself
 */
export function decideRollBack(state: RegistryState, ask: RollBackAsk): readonly Deed[] {
  const { model, channel, automatic, reason, evidence } = ask;
  const known = modelOf(state, model);
  const from = known.serving[channel];
  if (from === undefined) throw nothingServes({ model, channel });
  if (ask.from !== null && ask.from !== from) return [];
  if (automatic && ask.coolDown !== undefined && coolsUntil(known, channel, ask.coolDown) !== null) return [];

  const to = ask.to ?? servedBefore(known, channel);
  if (to === null) throw nothingBefore({ model, channel, version: from });
  if (to === from) return [];
  const { rolledBack } = versionOf(known, to);
  const served = known.tenures.some((tenure) => tenure.channel === channel && tenure.version === to);
  if (!served) throw neverServed({ model, channel, version: to });
  if (rolledBack !== null) expectNoPromotion(state, { model, channel, version: to });

  return [
    { type: 'model.rolled-back', subject: model, body: { channel, from, to, automatic, reason, evidence } },
  ];
}

/** What was taken back once is promoted again, if at all: a rollback asks for no approvals and minds no stop. */
function expectNoPromotion(state: RegistryState, ask: ApprovalAsk): void {
  expectRunning(state);
  expectOpen(state, ask.channel);
  const rule = state.trust.policy?.policy.approvals[ask.channel];
  if (rule !== undefined) throw approvalsMissing({ ...ask, needed: rule.count, given: [], spoilt: [] });
}
