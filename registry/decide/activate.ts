/** Modules that do nothing until people have put their names to it, and the switches that stop everything or a part. */
import { attestationRefused, channelFrozen, registryStopped } from '../faults.ts';
import type { Deed } from '../schema/event.ts';
import type { Channel, ModelName } from '../schema/model.ts';
import type { SignedAttestation } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { frozenIn, modelOf } from '../state/query.ts';
import { attestationFlaw } from '../trust/attestation.ts';

/**
 * @returns one deed
 * @throws attestationRefused unless as many people as the policy asks for have signed it
 */
export function decideAttestation(
  { trust }: RegistryState,
  { signed, now }: { readonly signed: SignedAttestation; readonly now: string },
): readonly Deed[] {
  const policy = trust.policy?.policy ?? null;
  const flaw = attestationFlaw(policy, signed, now);
  if (flaw !== null) throw attestationRefused({ module: signed.attestation.module, why: flaw });
  return [{ type: 'module.attested', subject: 'registry', body: signed }];
}

export interface Activation {
  readonly allowed: boolean;
  readonly reason: string;
  /** The attempt, which is recorded whatever its end. */
  readonly deeds: readonly Deed[];
}

/** Looks at everything anew: an attestation that was good may have expired, or its signers may have been removed. */
export function decideActivation(
  { trust }: RegistryState,
  { module, now }: { readonly module: string; readonly now: string },
): Activation {
  const known = trust.attestations.find((one) => one.module === module);
  const why =
    trust.stopped === null
      ? known === undefined
        ? 'nobody has attested that it may act'
        : attestationFlaw(trust.policy?.policy ?? null, known.signed, now)
      : `everything is stopped: ${trust.stopped.reason}`;
  const reason = why ?? `attested until ${known?.signed.attestation.expires ?? ''}`;
  const body = { module, allowed: why === null, reason: reason.slice(0, 1000) };
  return { allowed: why === null, reason, deeds: [{ type: 'activation.tried', subject: 'registry', body }] };
}

/** @returns one deed, or none when everything is stopped already */
export function decideStop({ trust }: RegistryState, reason: string): readonly Deed[] {
  return trust.stopped === null ? [{ type: 'switch.thrown', subject: 'registry', body: { reason } }] : [];
}

/** @returns one deed, or none when nothing is stopped */
export function decideResumption({ trust }: RegistryState, reason: string): readonly Deed[] {
  return trust.stopped === null ? [] : [{ type: 'switch.released', subject: 'registry', body: { reason } }];
}

export interface HoldAsk {
  readonly model: ModelName;
  readonly reason: string;
}

/** @returns one deed, or none when the model is held already. @throws modelUnknown */
export function decideHold(state: RegistryState, { model, reason }: HoldAsk): readonly Deed[] {
  if (modelOf(state, model).hold !== null) return [];
  return [{ type: 'hold.placed', subject: model, body: { reason } }];
}

/** @returns one deed, or none when nothing holds the model. @throws modelUnknown */
export function decideUnhold(state: RegistryState, { model, reason }: HoldAsk): readonly Deed[] {
  if (modelOf(state, model).hold === null) return [];
  return [{ type: 'hold.lifted', subject: model, body: { reason } }];
}

export interface FreezeAsk {
  readonly channel: Channel;
  readonly reason: string;
}

/** @returns one deed, or none when the channel is frozen already */
export function decideFreeze({ trust }: RegistryState, ask: FreezeAsk): readonly Deed[] {
  if (frozenIn(trust, ask.channel) !== null) return [];
  return [{ type: 'channel.frozen', subject: 'registry', body: { ...ask } }];
}

/** @returns one deed, or none when the channel is not frozen */
export function decideThaw({ trust }: RegistryState, ask: FreezeAsk): readonly Deed[] {
  if (frozenIn(trust, ask.channel) === null) return [];
  return [{ type: 'channel.thawed', subject: 'registry', body: { ...ask } }];
}

/** @throws channelFrozen */
export function expectOpen({ trust }: RegistryState, channel: Channel): void {
  const frozen = frozenIn(trust, channel);
  if (frozen !== null) throw channelFrozen({ channel, by: frozen.by, reason: frozen.reason });
}

/** @throws registryStopped */
export function expectRunning({ trust }: RegistryState): void {
  if (trust.stopped !== null) throw registryStopped({ by: trust.stopped.by, reason: trust.stopped.reason });
}
