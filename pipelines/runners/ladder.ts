/** When a machine elsewhere is used, waited for and given up, and what is used in its place: decisions without any I/O. */
import type { FettleError } from '../../registry/base/fault.ts';
import type { CircuitJob, CircuitStanding, Quote } from './circuit-runner.ts';
import {
  circuitNotOver,
  circuitUnfit,
  claimUnreadable,
  machineBusy,
  machineClosed,
  machineOffline,
  machineRetired,
  machineUnknown,
  notInTime,
  priceUnknown,
  quoteTooDear,
  spendingLimitMissing,
  timeSpent,
} from './faults.ts';
import { dollarsText, MicroDollars } from './money.ts';

export interface Limits {
  /** What may be spent on this machine. */
  readonly spendMost: MicroDollars;
  /** Jobs that may wait before ours. */
  readonly queueMost: number;
  /** From submitting to the end. */
  readonly waitMsMost: number;
}

/** Why a quote is not taken; null: it is. */
export function refusalOf(
  device: string,
  quote: Quote,
  { limits, now }: { readonly limits: Limits; readonly now: string },
): FettleError | null {
  const { cost, says, queue, opensAt } = quote;
  const { spendMost, queueMost, waitMsMost } = limits;
  if (cost > spendMost) {
    return quoteTooDear({ device, most: dollarsText(spendMost), quote: dollarsText(cost), says });
  }
  if (opensAt !== null && Date.parse(opensAt) - Date.parse(now) > waitMsMost) {
    return machineClosed({ device, opensAt });
  }
  return queue !== null && queue > queueMost ? machineBusy({ device, queue, most: queueMost }) : null;
}

/** How a submitted job has fared so far. */
export interface Course {
  readonly id: string;
  readonly quote: Quote;
  /** Since it was submitted. */
  readonly waitedMs: number;
  /** Since it was first seen running. */
  readonly ranMs: number;
}

export type Decision =
  | { readonly do: 'collect' }
  | { readonly do: 'wait'; readonly ms: number }
  /** It ended badly: there is nothing to stop. */
  | { readonly do: 'leave'; readonly why: FettleError }
  | { readonly do: 'cancel'; readonly why: FettleError };

/** What is to be done about a job that stands so. */
export function decisionOn(
  device: string,
  { state, queue, reason, mayCost, askAgainMs }: CircuitStanding,
  { course, limits }: { readonly course: Course; readonly limits: Limits },
): Decision {
  const { id, quote, waitedMs, ranMs } = course;
  const { queueMost, waitMsMost } = limits;
  if (state === 'over') return { do: 'collect' };
  if (state === 'failed' || state === 'cancelled') {
    // A part of it may go on, and would be paid for in vain.
    return { do: mayCost === true ? 'cancel' : 'leave', why: circuitNotOver({ id, state, reason }) };
  }
  if (state === 'waiting' && queue !== null && queue > queueMost) {
    return { do: 'cancel', why: machineBusy({ device, queue, most: queueMost }) };
  }
  const minutes = Math.round(waitMsMost / 60_000);
  if (waitedMs >= waitMsMost) return { do: 'cancel', why: notInTime({ device, state, minutes }) };
  if (quote.runMsMost !== null && ranMs >= quote.runMsMost) {
    const seconds = Math.round(ranMs / 1000);
    return { do: 'cancel', why: timeSpent({ device, most: dollarsText(limits.spendMost), seconds }) };
  }
  const runMs = quote.runMsMost === null ? waitMsMost : quote.runMsMost - ranMs;
  return { do: 'wait', ms: Math.min(askAgainMs, LOOK_AFTER_MS_MOST, waitMsMost - waitedMs, runMs) };
}

/** A machine may ask for less often, but time that nobody looks at is paid for. */
const LOOK_AFTER_MS_MOST = 60_000;

/** What a job that is over has cost at most: where time costs, in proportion to how long it was seen running. */
export function costOf(
  { quote, ranMs }: Pick<Course, 'quote' | 'ranMs'>,
  { spendMost }: Limits,
): MicroDollars {
  const { cost, runMsMost } = quote;
  if (runMsMost === null || runMsMost === 0) return cost;
  return MicroDollars.parse(Math.max(cost, Math.ceil((spendMost * ranMs) / runMsMost)));
}

/** What is refused before a service is asked to sell anything. */
const NOTHING_SENT: readonly string[] = [
  priceUnknown,
  quoteTooDear,
  spendingLimitMissing,
  claimUnreadable,
  machineUnknown,
  machineRetired,
  machineOffline,
  circuitUnfit,
].map(({ code }) => code);

/** Whether a job that could not be submitted may have been bought all the same: an answer that was lost tells nothing. */
export function mayBeBought({ code, retry }: FettleError, { programs }: CircuitJob): boolean {
  if (NOTHING_SENT.includes(code)) return false;
  return retry === 'later' || programs.length > 1;
}

/** What one try gave: a value or the reason why there is none, and what it may have cost either way. */
export type Attempt<T> =
  | { readonly value: T; readonly spent: MicroDollars }
  | { readonly why: FettleError; readonly spent: MicroDollars };

export interface Rung<T> {
  readonly name: string;
  /** @param left  what may still be spent */
  attempt(left: MicroDollars): Promise<Attempt<T>>;
}

/** One step down, with its reason. */
export interface Fallback {
  readonly from: string;
  readonly code: string;
  readonly says: string;
  readonly mend: string;
}

export interface Descent<T> {
  readonly value: T;
  /** Who gave it. */
  readonly by: string;
  readonly spent: MicroDollars;
  /** In the order in which they were tried. */
  readonly fallbacks: readonly Fallback[];
}

/**
 * The value of the first rung that gives one; every rung before it is told with its reason.
 *
 * @throws the last rung's reason where none gives any
 */
export async function descended<T>(rungs: readonly Rung<T>[], purse: MicroDollars): Promise<Descent<T>> {
  const fallbacks: Fallback[] = [];
  let spent = MicroDollars.parse(0);
  let last: FettleError | null = null;
  for (const { name, attempt } of rungs) {
    const tried = await attempt(MicroDollars.parse(Math.max(0, purse - spent)));
    spent = MicroDollars.parse(spent + tried.spent);
    if ('value' in tried) return { value: tried.value, by: name, spent, fallbacks };
    const { code, message: says, mend } = tried.why;
    fallbacks.push({ from: name, code, says, mend });
    last = tried.why;
  }
  if (last === null) throw new RangeError('a ladder has at least one rung');
  throw last;
}
