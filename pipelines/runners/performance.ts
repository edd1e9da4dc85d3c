/** Has a job performed on a machine elsewhere: quoted, submitted, waited for, collected or given up. */
import { FettleError } from '../../registry/base/fault.ts';
import type { Counts } from '../quantum/counts.ts';
import type { CircuitJob, CircuitRunner, CircuitStanding, CircuitTicket } from './circuit-runner.ts';
import {
  costOf,
  decisionOn,
  mayBeBought,
  refusalOf,
  type Attempt,
  type Course,
  type Limits,
} from './ladder.ts';
import { MicroDollars } from './money.ts';

export interface Watching {
  readonly limits: Limits;
  readonly now: () => string;
  readonly wait: (ms: number) => Promise<void>;
  /** Hears of every look at a job that is not over. */
  readonly tell: (standing: CircuitStanding) => void;
}

const NOTHING = MicroDollars.parse(0);

/** Never throws what a service or a machine did: it is the reason why there is no value. */
export async function performed(
  runner: CircuitRunner,
  job: CircuitJob,
  watching: Watching,
): Promise<Attempt<readonly Counts[]>> {
  let spent = NOTHING;
  try {
    const { limits, now } = watching;
    // What is bought already is waited for, whatever has become of prices and queues.
    const known = (await runner.find?.(job)) ?? null;
    const quote = known?.quote ?? (await runner.quote(job));
    const why = known === null ? refusalOf(runner.device, quote, { limits, now: now() }) : null;
    if (why !== null) return { why, spent };
    const ticket =
      known?.ticket ??
      (await runner.submit(job).catch((error: unknown) => {
        if (error instanceof FettleError && mayBeBought(error, job)) spent = quote.cost;
        throw error;
      }));
    // Whatever breaks from here on, it is bought.
    spent = quote.cost;
    const ended = await awaited(runner, ticket, { ...watching, quote });
    spent = ended.stopped ? NOTHING : costOf({ quote, ranMs: ended.ranMs }, limits);
    if (ended.why !== null) return { why: ended.why, spent };
    return { value: await runner.collect(ticket), spent };
  } catch (error) {
    if (error instanceof FettleError) return { why: error, spent };
    throw error;
  }
}

interface Ended {
  /** Null where it is over and can be collected. */
  readonly why: FettleError | null;
  /** Whether it surely costs nothing: jobs that failed or were cancelled in the queue do not. */
  readonly stopped: boolean;
  readonly ranMs: number;
}

/** How long a service that does not answer is left alone. */
const UNSEEN: CircuitStanding = { state: 'waiting', queue: null, reason: null, askAgainMs: 5000 };

/** What is bought is not given up because nobody answers for a while: it stands as it last did. */
async function looked(
  runner: CircuitRunner,
  ticket: CircuitTicket,
  last: CircuitStanding,
): Promise<CircuitStanding> {
  try {
    return await runner.poll(ticket);
  } catch (error) {
    if (error instanceof FettleError && error.retry === 'later') return last;
    throw error;
  }
}

async function awaited(
  runner: CircuitRunner,
  ticket: CircuitTicket,
  { limits, now, wait, tell, quote }: Watching & Pick<Course, 'quote'>,
): Promise<Ended> {
  const began = Date.parse(now());
  let running: number | null = null;
  let last: CircuitStanding = UNSEEN;
  for (;;) {
    const standing = await looked(runner, ticket, last);
    last = standing;
    const at = Date.parse(now());
    if (standing.state !== 'waiting') running ??= at;
    const ranMs = running === null ? 0 : at - running;
    const course = { id: ticket.id, quote, waitedMs: at - began, ranMs };
    const decision = decisionOn(runner.device, standing, { course, limits });
    if (decision.do === 'collect') return { why: null, stopped: false, ranMs };
    if (decision.do === 'leave') {
      return { why: decision.why, stopped: true, ranMs };
    }
    if (decision.do === 'cancel') {
      const cancelled = await runner.cancel(ticket);
      const stopped = cancelled && standing.state === 'waiting';
      // It ended while it was given up; what is paid for is taken.
      const over = !cancelled && (await runner.poll(ticket)).state === 'over';
      return { why: over ? null : decision.why, stopped, ranMs };
    }
    tell(standing);
    await wait(decision.ms);
  }
}
