/** Questions about leases and about what was spent, each answered from the state alone. */
import type { Digest } from '../base/digest.ts';
import { ATTEMPTS_MAX, type LeaseState } from '../schema/lease.ts';
import type { ModelName } from '../schema/model.ts';
import type { RunId, StepRecord } from '../schema/run.ts';
import type { ModelState, RegistryState } from '../schema/state.ts';

/** The last attempt at a step; null when nobody took it on. */
export function leaseOf(known: ModelState | undefined, run: string, step: string): LeaseState | null {
  const all = known?.leases.filter((lease) => lease.run === run && lease.step === step) ?? [];
  return all.reduce<LeaseState | null>(
    (last, lease) => (last === null || lease.attempt > last.attempt ? lease : last),
    null,
  );
}

export function isHeld({ end, until }: LeaseState, now: string): boolean {
  return end === null && until > now;
}

/** Whether a step that was taken on before may be taken on again. */
export function mayTryAgain(lease: LeaseState | null): boolean {
  return lease === null || lease.attempt < ATTEMPTS_MAX;
}

export interface ElsewhereAsk {
  readonly model: ModelName;
  readonly run: RunId;
  /** The step's. */
  readonly digest: Digest;
}

/** What a machine elsewhere gave for a step of this very run: nobody gives a result by way of another one. */
export function performedElsewhere(
  { models }: RegistryState,
  { model, run, digest }: ElsewhereAsk,
): StepRecord | null {
  for (const lease of models.get(model)?.leases ?? []) {
    const { end, step } = lease;
    if (lease.run !== run || end?.kind !== 'performed') continue;
    if (end.record.digest === digest && end.record.step === step) return end.record;
  }
  return null;
}

/** Milliseconds that a model's runs took in the month of a moment. */
export function spentIn(known: ModelState | undefined, now: string): number {
  return known?.spent.find(({ month }) => month === now.slice(0, 7))?.ms ?? 0;
}

/** What the model's last completed runs took, the longest of five; null when there was none to go by. */
export function estimateOf(known: ModelState | undefined): number | null {
  const took = (known?.runs ?? [])
    .filter(({ outcome }) => outcome?.kind === 'completed')
    .slice(-5)
    .map(({ records }) => records.reduce((sum, { tookMs }) => sum + tookMs, 0));
  return took.length === 0 ? null : Math.max(...took);
}
