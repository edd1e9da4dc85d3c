/** Taking on a step of a run on a machine elsewhere, holding on to it, giving it back, and reaping what was lost. */
import { leaseHeld, leaseLost, leaseSpent, runNotOpen } from '../faults.ts';
import type { Deed } from '../schema/event.ts';
import { ATTEMPTS_MAX, type LeaseEnd, type LeaseState } from '../schema/lease.ts';
import type { ModelName } from '../schema/model.ts';
import type { RunId } from '../schema/run.ts';
import type { ModelState, RegistryState } from '../schema/state.ts';
import { isHeld, leaseOf, mayTryAgain } from '../state/leases.ts';
import { modelOf, runOf } from '../state/query.ts';

export interface LeaseAsk {
  readonly model: ModelName;
  readonly run: RunId;
  readonly step: string;
  readonly holder: string;
  /** ISO 8601. */
  readonly now: string;
  /** For how long nobody else may take it. */
  readonly minutes: number;
}

/** @throws modelUnknown, runNotOpen, leaseHeld, leaseSpent */
export function decideLease(state: RegistryState, ask: LeaseAsk): readonly Deed[] {
  const { model, run, step, holder, now } = ask;
  const known = modelOf(state, model);
  checkOpen(known, run);
  const last = leaseOf(known, run, step);
  if (last !== null && isHeld(last, now) && last.holder !== holder) {
    throw leaseHeld({ run, step, holder: last.holder, until: last.until });
  }
  if (last !== null && last.end === null && last.holder === holder && isHeld(last, now)) {
    return [taken(ask, { attempt: last.attempt, beat: last.beat + 1 })];
  }
  if (!mayTryAgain(last)) throw leaseSpent({ run, step, attempts: ATTEMPTS_MAX });
  const lost = last !== null && last.end === null ? [ended(model, last, { kind: 'lost' }, last.until)] : [];
  return [...lost, taken(ask, { attempt: (last?.attempt ?? 0) + 1, beat: 0 })];
}

/**
 * Says that the holder is still at work.
 *
 * @throws leaseLost when it was reaped or ended meanwhile: what is being done is nobody's any more
 */
export function decideBeat(state: RegistryState, ask: LeaseAsk): readonly Deed[] {
  const { model, run, step, holder } = ask;
  const last = leaseOf(state.models.get(model), run, step);
  if (last === null || last.end !== null || last.holder !== holder) throw leaseLost({ run, step, holder });
  return [taken(ask, { attempt: last.attempt, beat: last.beat + 1 })];
}

export interface LeaseReturn extends Omit<LeaseAsk, 'minutes'> {
  readonly end: LeaseEnd;
}

/** Nothing when it has ended already. @throws leaseLost when somebody else holds it by now */
export function decideReturn(
  state: RegistryState,
  { model, end, now, ...ask }: LeaseReturn,
): readonly Deed[] {
  const last = leaseOf(state.models.get(model), ask.run, ask.step);
  if (last === null || last.holder !== ask.holder) throw leaseLost(ask);
  return last.end === null ? [ended(model, last, end, now)] : [];
}

/** Every lease that nobody held on to, given up; a run that lost a step for the last time ends with it. */
export function decideReaping(state: RegistryState, now: string): readonly Deed[] {
  return [...state.models.values()].flatMap((known) => {
    const lost = known.leases.filter((lease) => lease.end === null && lease.until <= now);
    const over = new Set(lost.filter((lease) => !mayTryAgain(lease)).map(({ run }) => run));
    return [
      ...lost.map((lease) => ended(known.model, lease, { kind: 'lost' }, lease.until)),
      ...[...over].flatMap((run) => givenUp(known, run)),
    ];
  });
}

function givenUp(known: ModelState, run: RunId): readonly Deed[] {
  if (runOf(known, run)?.finishedAt !== null) return [];
  const step = known.leases.find((lease) => lease.run === run && !mayTryAgain(lease))?.step ?? null;
  const fault = leaseSpent({ run, step: step ?? '', attempts: ATTEMPTS_MAX });
  const outcome = { kind: 'failed' as const, fault: fault.code, says: fault.message, step };
  return [{ type: 'run.finished', subject: known.model, body: { run, outcome, steps: [] } }];
}

function checkOpen(known: ModelState, run: RunId): void {
  const found = runOf(known, run);
  if (found !== null && found.finishedAt === null) return;
  throw runNotOpen({ model: known.model, run, found: found === null ? 'no such run' : 'one that has ended' });
}

function taken(
  { model, run, step, holder, now, minutes }: LeaseAsk,
  { attempt, beat }: Pick<LeaseState, 'attempt' | 'beat'>,
): Deed {
  const until = new Date(Date.parse(now) + minutes * 60_000).toISOString();
  return { type: 'lease.taken', subject: model, body: { run, step, attempt, beat, holder, until } };
}

function ended(model: ModelName, lease: LeaseState, end: LeaseEnd, at: string): Deed {
  const { run, step, attempt, takenAt } = lease;
  const heldMs = Math.max(0, Date.parse(at) - Date.parse(takenAt));
  return { type: 'lease.ended', subject: model, body: { run, step, attempt, end, heldMs } };
}
