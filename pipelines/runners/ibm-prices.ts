/** What a second of one of IBM's machines costs, by plan. */
import type { CircuitJob } from './circuit-runner.ts';
import type { IbmMachine } from './ibm-machine.ts';
import { microDollarsOf, type MicroDollars } from './money.ts';

/** Plans whose price of a second is known; others are agreed upon, and stand in nobody's list. */
export const IBM_PLANS = ['open', 'pay-as-you-go', 'flex', 'premium'] as const;
export type IbmPlan = (typeof IBM_PLANS)[number];

/** As the pages of the service told them that day, in dollars a second; flex is sold by minutes at $72. */
export const IBM_PRICES: {
  readonly of: string;
  readonly second: Readonly<Partial<Record<IbmPlan, MicroDollars>>>;
} = {
  of: '2026-05-25',
  second: { open: microDollarsOf(0), 'pay-as-you-go': microDollarsOf(1.6), flex: microDollarsOf(72 / 60) },
};

/** Loading a job, and what the machine does between two shots besides waiting: fitted to the service's own example. */
const LOADING_S = 2;
const DELAYS_A_SHOT = 2;

/** Seconds that the job likely takes; the service's own estimate for 4,096 shots at 250 µs was 4.1 s, this one is 4.05. */
export function secondsOf({ shots, programs }: CircuitJob, { delayUs }: IbmMachine): number {
  return LOADING_S + shots * programs.length * DELAYS_A_SHOT * delayUs * 1e-6;
}

/** A job longer than this is ended by the service itself. */
const SECONDS_MOST = 10_800;
/** A job that is stopped is paid for and shows nothing, so it gets this much more than it likely takes. */
const RESERVE = 2;

/** After how many whole seconds the service is to stop a job that likely takes so long. */
export function secondsMostOf(seconds: number): number {
  return Math.min(SECONDS_MOST, Math.ceil(RESERVE * seconds));
}
