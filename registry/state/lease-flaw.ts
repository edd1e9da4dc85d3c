/** Why nobody may say so of a lease: it is another's, of a run that is not open, or for longer than any is given. */
import type { EventOf } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';
import { leaseOf } from './leases.ts';
import { runOf } from './query.ts';

/** Longer than the settings give one for. */
const HELD_MS_MAX = 24 * 60 * 60 * 1000;

export function takingFlaw(
  state: RegistryState,
  { subject, at, body }: EventOf<'lease.taken'>,
): string | null {
  const { run, step, attempt, holder, until } = body;
  if (!(Date.parse(until) - Date.parse(at) <= HELD_MS_MAX)) return `it holds ${step} for too long`;
  const known = state.models.get(subject);
  const last = leaseOf(known, run, step);
  if (last !== null && last.end === null) {
    return last.attempt === attempt && last.holder === holder ? null : `${step} is held by ${last.holder}`;
  }
  const found = runOf(known, run);
  if (found === null || found.finishedAt !== null) return `${run} is not open`;
  if (!found.steps.includes(step)) return `${run} has no step ${step}`;
  const next = (last?.attempt ?? 0) + 1;
  return attempt === next ? null : `it is attempt ${attempt} at ${step}, not ${next}`;
}

export function endingFlaw(state: RegistryState, { subject, body }: EventOf<'lease.ended'>): string | null {
  const { run, step, attempt, end } = body;
  const last = leaseOf(state.models.get(subject), run, step);
  if (last === null || last.end !== null || last.attempt !== attempt) return `nobody holds ${step} of ${run}`;
  if (end.kind !== 'performed' || end.record.step === step) return null;
  return `it gives what ${end.record.step} made for ${step}`;
}
