/** What leases and the time that runs took mean for a model's state. Pure. */
import type { EventOf } from '../schema/event.ts';
import type { ModelState } from '../schema/state.ts';

/** A failure does not say how long it took; what was begun days ago and went on today was not at work all the time. */
const FAILED_MS_MAX = 6 * 60 * 60 * 1000;

/** Nothing is at work for longer than a month in a month; what says so must not grow beyond what can be written. */
const CHARGED_MS_MAX = 31 * 24 * 60 * 60 * 1000;

export function leased(before: ModelState, { at, body }: EventOf<'lease.taken'>): ModelState {
  const same = before.leases.find(
    ({ run, step, attempt }) => run === body.run && step === body.step && attempt === body.attempt,
  );
  // A heartbeat that arrives after the end is too late: what ended stays ended.
  if (same !== undefined && same.end !== null) return before;
  const others = before.leases.filter((lease) => lease !== same);
  return { ...before, leases: [...others, { ...body, takenAt: same?.takenAt ?? at, end: null }] };
}

export function leaseEnded(before: ModelState, { at, body }: EventOf<'lease.ended'>): ModelState {
  const { run, step, attempt, end, heldMs } = body;
  const open = before.leases.find(
    (lease) => lease.run === run && lease.step === step && lease.attempt === attempt && lease.end === null,
  );
  if (open === undefined) return before;
  const leases = before.leases.map((lease) => (lease === open ? { ...lease, end } : lease));
  return { ...before, leases, spent: charged(before.spent, at, heldMs) };
}

/** A run that ended has its records; the leases that led to it say nothing more. */
export function runEnded(before: ModelState, { at, body }: EventOf<'run.finished'>): ModelState {
  const startedAt = before.runs.find(({ run }) => run === body.run)?.startedAt;
  const performed = body.steps.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const failed = body.outcome.kind === 'failed' && startedAt !== undefined;
  const span = failed ? Math.max(0, Date.parse(at) - Date.parse(startedAt)) : 0;
  return {
    ...before,
    leases: before.leases.filter(({ run }) => run !== body.run),
    spent: charged(before.spent, at, Math.max(performed, Math.min(span, FAILED_MS_MAX))),
  };
}

function charged(spent: ModelState['spent'], at: string, took: number): ModelState['spent'] {
  const ms = Math.min(took, CHARGED_MS_MAX);
  const month = at.slice(0, 7);
  const known = spent.find((one) => one.month === month);
  if (known === undefined) return [...spent, { month, ms }].sort((a, b) => (a.month < b.month ? -1 : 1));
  return spent.map((one) =>
    one === known ? { month, ms: Math.min(one.ms + ms, Number.MAX_SAFE_INTEGER) } : one,
  );
}
