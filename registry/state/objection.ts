/** Why an event may not follow a state, whoever signed it: the rules that stand over every writer's own decision. */
import { FettleError } from '../base/fault.ts';
import { digestOfValue } from '../base/digest.ts';
import type { EventOf, RegistryEvent } from '../schema/event.ts';
import type { Channel } from '../schema/model.ts';
import type { RegistryState } from '../schema/state.ts';
import { attestationFlaw } from '../trust/attestation.ts';
import { expectSuccessor } from '../trust/policy.ts';
import { approvable, refusalOf, tallyOf, voidBecause } from './approvals.ts';
import { endingFlaw, takingFlaw } from './lease-flaw.ts';
import { frozenIn, modelOf, versionOf } from './query.ts';

export interface Moment {
  /** Which registry this is. */
  readonly origin: string;
  /** ISO 8601: approvals, attestations and policies must still hold then. */
  readonly now: string;
}

/** @returns null when nothing speaks against it */
export function objectionTo(state: RegistryState, event: RegistryEvent, moment: Moment): string | null {
  try {
    return objection(state, event, moment);
  } catch (error) {
    // A model or version that is not there, or a policy that may not follow, is reason enough.
    if (error instanceof FettleError) return error.message;
    throw error;
  }
}

function objection(state: RegistryState, event: RegistryEvent, moment: Moment): string | null {
  const policy = state.trust.policy?.policy ?? null;
  switch (event.type) {
    case 'approval.given':
      return approvalFlaw(state, event, moment);
    case 'promotion.asked':
    case 'promotion.refused':
      return wordFlaw(state, event);
    case 'lease.taken':
      return takingFlaw(state, event);
    case 'lease.ended':
      return endingFlaw(state, event);
    case 'model.promoted':
      return promotionFlaw(state, event, moment);
    case 'model.rolled-back':
      return rollbackFlaw(state, event);
    case 'model.imported':
      return importFlaw(state, event);
    case 'policy.changed':
      if (event.body.policy.origin !== moment.origin) return `it is a policy for ${event.body.policy.origin}`;
      expectSuccessor(policy, event.body, moment.now);
      return null;
    case 'module.attested':
      return attestationFlaw(policy, event.body, moment.now);
    case 'activation.tried':
      return event.body.allowed ? activationFlaw(state, event.body.module, moment) : null;
    default:
      return null;
  }
}

function approvalFlaw(
  state: RegistryState,
  { subject, by, body }: EventOf<'approval.given'>,
  { now }: Moment,
): string | null {
  const { expires, ...of } = body;
  const ask = { model: subject, version: of.version, channel: of.channel };
  if (expires <= now) return 'the approval has expired';
  if (digestOfValue(approvable(state, ask)) !== digestOfValue(of)) {
    return 'the approval is for something else';
  }
  return voidBecause(state, ask, by.kind === 'user' ? by.id : null);
}

/** Who asked does not approve it, so that it must be known who did; who refuses it could have approved it. */
function wordFlaw(
  state: RegistryState,
  { type, subject, by, body }: EventOf<'promotion.asked' | 'promotion.refused'>,
): string | null {
  const { reason: _reason, ...of } = body;
  const ask = { model: subject, version: of.version, channel: of.channel };
  if (digestOfValue(approvable(state, ask)) !== digestOfValue(of)) return 'it is about something else';
  if (by.kind !== 'user') return 'only a GitHub account can be counted';
  const isAuthor = versionOf(modelOf(state, subject), of.version).byId === by.id;
  return type === 'promotion.asked' || isAuthor ? null : voidBecause(state, ask, by.id);
}

function promotionFlaw(
  state: RegistryState,
  { subject, body }: EventOf<'model.promoted'>,
  { now }: Moment,
): string | null {
  const { version, channel, replaces, automatic, waived } = body;
  const known = modelOf(state, subject);
  const { verdict } = versionOf(known, version);
  if (state.trust.stopped !== null) return `everything is stopped: ${state.trust.stopped.reason}`;
  if (known.retired !== null) return `${subject} is retired`;
  const frozen = frozenIn(state.trust, channel);
  if (frozen !== null) return `${channel} is frozen: ${frozen.reason}`;
  if (automatic && known.hold !== null) return `${subject} is held: ${known.hold.reason}`;
  if (verdict === null) return `${subject}@${version} was never judged`;
  const open = verdict.gates.find(({ gate, answer }) => answer !== 'pass' && !waived.includes(gate));
  if (open !== undefined) return `the gate ${open.gate} did not pass`;
  if (automatic && waived.length > 0) return 'gates are waived by people alone';
  const serving = known.serving[channel] ?? null;
  if (serving !== replaces) return `${channel} serves ${serving ?? 'nothing'}, not ${replaces ?? 'nothing'}`;
  const refusal = refusalOf(state, { model: subject, version, channel });
  if (refusal !== null) return `${refusal.by} refused it: ${refusal.reason}`;
  const { needed, given } = tallyOf(state, { model: subject, version, channel }, now);
  if (needed === null || given.length >= needed) return null;
  return `${subject}@${version} needs ${needed} approvals for ${channel}, found ${given.length}`;
}

function rollbackFlaw(state: RegistryState, { subject, body }: EventOf<'model.rolled-back'>): string | null {
  const { channel, from, to } = body;
  const known = modelOf(state, subject);
  const serving = known.serving[channel] ?? 'nothing';
  if (serving !== from) return `${channel} serves ${serving}, not ${from}`;
  const served = known.tenures.some((tenure) => tenure.channel === channel && tenure.version === to);
  if (!served) return `${subject}@${to} never served ${channel}`;
  // What was taken back once is promoted again, if at all.
  const bypass = versionOf(known, to).rolledBack === null ? null : shortCut(state, channel);
  return bypass === null ? null : `${subject}@${to} was taken back, and ${bypass}`;
}

/** A tag is no way round the approvals of a channel, nor round the switch. */
function importFlaw(
  state: RegistryState,
  { subject, body: { deed } }: EventOf<'model.imported'>,
): string | null {
  if (deed.kind !== 'serves' || deed.version === null) return null;
  const serving = state.models.get(subject)?.serving[deed.channel];
  return serving === deed.version ? null : tagFlaw(state, deed.channel);
}

/** @returns why no tag may say what the channel serves; null when one may */
export function tagFlaw(state: RegistryState, channel: Channel): string | null {
  const bypass = shortCut(state, channel);
  return bypass === null ? null : `no tag is enough: ${bypass}`;
}

function shortCut({ trust }: RegistryState, channel: Channel): string | null {
  if (trust.stopped !== null) return `everything is stopped: ${trust.stopped.reason}`;
  const frozen = frozenIn(trust, channel);
  if (frozen !== null) return `${channel} is frozen: ${frozen.reason}`;
  return trust.policy?.policy.approvals[channel] === undefined ? null : `${channel} needs approvals`;
}

function activationFlaw({ trust }: RegistryState, module: string, { now }: Moment): string | null {
  if (trust.stopped !== null) return `everything is stopped: ${trust.stopped.reason}`;
  const known = trust.attestations.find((one) => one.module === module);
  if (known === undefined) return `nobody has attested that ${module} may act`;
  return attestationFlaw(trust.policy?.policy ?? null, known.signed, now);
}
