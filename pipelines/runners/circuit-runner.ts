/** The port of circuits in this room: machines elsewhere that run programs of QAOA and count what their shots showed. */
import * as z from 'zod';
import type { Angles } from '../quantum/angles.ts';
import type { Counts } from '../quantum/counts.ts';
import type { Qubo } from '../solvers/qubo.ts';
import { MicroDollars } from './money.ts';
import type { JobState } from './runner.ts';

/** A circuit as values: the runner writes it in its machine's own words. */
export interface QaoaProgram {
  /** From 1 variable on; qubit q is variable q. */
  readonly problem: Qubo;
  /** As for `qaoaState`. */
  readonly angles: Angles;
}

export interface CircuitJob {
  /** At least one; a runner puts as many as it can under one fee. */
  readonly programs: readonly QaoaProgram[];
  /** Of each program. */
  readonly shots: number;
  /** The logical run: the same run, attempt, machine and programs are paid for once, whatever crashes. */
  readonly run: string;
  /** From 1; another number buys another answer. */
  readonly attempt: number;
  /** What the job may cost; a quote above it is refused. */
  readonly spendMost: MicroDollars;
}

/** What a job would cost and when it could begin; asking for it buys nothing. */
export const Quote = z.strictObject({
  /** All of the job, rounded up: the most that it can cost, and with `runMsMost` the least. */
  cost: MicroDollars,
  /** How the cost comes about, such as `1 task at $0.30 and 1,000 shots at $0.00145`. */
  says: z.string(),
  /** The day of the prices, or their year where no day is known, ISO 8601. */
  pricesOf: z.string(),
  /** Jobs that wait before it; null where the machine does not tell. */
  queue: z.int().min(0).nullable(),
  /** When the machine next performs jobs, ISO 8601; null: now. */
  opensAt: z.string().nullable(),
  /** How long it may run before it costs more than it may; null where time costs nothing or the service itself stops it. */
  runMsMost: z.number().min(0).nullable(),
});
export type Quote = Readonly<z.infer<typeof Quote>>;

/** What a runner knows a job by; submitting the same job again gives the same ticket. */
export interface CircuitTicket {
  readonly job: CircuitJob;
  readonly id: string;
}

export interface CircuitStanding {
  readonly state: JobState;
  /** Jobs that wait before it; null where the machine does not tell. */
  readonly queue: number | null;
  /** The machine's own reason for a bad end; null where there is none. */
  readonly reason: string | null;
  /** Whether a bad end is paid for all the same, or parts of the job go on; left out where it costs nothing. */
  readonly mayCost?: boolean;
  /** How long the machine wants to be left alone before it is asked again, in milliseconds. */
  readonly askAgainMs: number;
}

export interface CircuitRunner {
  /** Such as `braket`. */
  readonly name: string;
  /** The machine, in the words of its service. */
  readonly device: string;
  /** Whether real qubits are used, or a computer of the service that simulates them. */
  readonly kind: 'qpu' | 'simulator';
  /** @throws priceUnknown, and whatever says that the machine takes no jobs */
  quote(job: CircuitJob): Promise<Quote>;
  /** A job that was submitted before, here or by a process that is gone, and its quote of then; null: none is known. */
  find?(job: CircuitJob): Promise<{ readonly ticket: CircuitTicket; readonly quote: Quote } | null>;
  /** Pays at most once for a logical run. @throws quoteTooDear, and whatever keeps the machine from taking it */
  submit(job: CircuitJob): Promise<CircuitTicket>;
  poll(ticket: CircuitTicket): Promise<CircuitStanding>;
  /** Counts of every program, in their order. @throws circuitNotOver, and whatever is wrong with what was left */
  collect(ticket: CircuitTicket): Promise<readonly Counts[]>;
  /** @returns false when it had ended before, or can be stopped no more */
  cancel(ticket: CircuitTicket): Promise<boolean>;
}
