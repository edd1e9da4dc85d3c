/** Which job goes to which runner: all of them done by the deadline where that can be, for as little money as it takes. */
import { exactlyOne, penaltyFormOf, type Constrained, type Constraint } from '../solvers/penalties.ts';
import { quboOf, type Bits } from '../solvers/qubo.ts';
import type { Ask } from '../solvers/solver.ts';
import { bestPlaces } from './improve-schedule.ts';
import { solvedWhole } from '../solvers/whole.ts';
import { jobImpossible, problemUnfit } from '../faults.ts';

export interface Job {
  readonly name: string;
  /** Milliseconds that it takes on a machine of speed 1. */
  readonly ms: number;
  /** Labels that may perform it; null: every one. */
  readonly labels: readonly string[] | null;
}

/** Machines of one label, of which so many work at once. */
export interface RunnerKind {
  readonly label: string;
  /** How many times as fast as a machine of speed 1. */
  readonly speed: number;
  /** Dollars for each begun minute of a job. */
  readonly price: number;
  readonly most: number;
}

export interface Scheduling {
  readonly jobs: readonly Job[];
  readonly runners: readonly RunnerKind[];
  /** Null where any time will do. */
  readonly deadlineMs: number | null;
}

/** What a job would take and cost on each machine; infinite where it may not run. */
export interface Table {
  readonly labels: readonly string[];
  /** By job, then by machine; whole. */
  readonly ms: readonly (readonly number[])[];
  /** The same in millionths of a dollar, whole numbers. */
  readonly cost: readonly (readonly number[])[];
  readonly deadlineMs: number;
}

export interface Schedule {
  /** The machine of each job, by its place among those of the table. */
  readonly places: readonly number[];
  readonly labels: readonly string[];
  /** When the last machine is done. */
  readonly makespanMs: number;
  readonly dollars: number;
  readonly lateMs: number;
}

const MILLION = 1_000_000;

/** More variables than these are not worth annealing: the search by moves alone gets as far. */
const VARIABLES_MOST = 400;
const SEARCHED_TO = 20;

/** The deadline in units of what a machine's slack bits count: five bits a machine. */
const UNITS = 31;

/**
 * The table of a problem, with a machine for each that may work at once, though not more of a kind than there are jobs.
 *
 * @param scheduling  times, prices and speeds finite, speeds and counts positive
 * @returns           what each job takes and costs on each machine
 * @throws            problemUnfit for a number outside of these; jobImpossible when no runner may perform a job
 * @cost              jobs · machines
 * @source            definition; a begun minute is paid whole, as GitHub bills it
 */
export function tableOf({ jobs, runners, deadlineMs }: Scheduling): Table {
  for (const { label, speed, price, most } of runners) {
    if (speed > 0 && most > 0 && price >= 0 && Number.isFinite(speed + price)) continue;
    throw problemUnfit({
      where: label,
      wanted: 'a positive speed and number, and a price',
      found: `${speed}, ${most}, ${price}`,
    });
  }
  const machines = runners.flatMap((runner) =>
    Array.from({ length: Math.min(runner.most, jobs.length) }, () => runner),
  );
  for (const { name, ms, labels } of jobs) {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw problemUnfit({ where: name, wanted: 'milliseconds', found: String(ms) });
    }
    if (!machines.some(({ label }) => labels === null || labels.includes(label))) {
      const known = runners.map(({ label }) => label);
      throw jobImpossible({ job: name, wanted: (labels ?? ['any']).join(', '), known });
    }
  }
  const times = jobs.map(({ ms, labels }) =>
    machines.map(({ label, speed }) =>
      // Whole, so that sums are exact and no two moves better each other by rounding.
      labels === null || labels.includes(label) ? Math.ceil(ms / speed) : Number.POSITIVE_INFINITY,
    ),
  );
  return {
    labels: machines.map(({ label }) => label),
    ms: times,
    cost: times.map((row) =>
      row.map((ms, m) => Math.round(Math.ceil(ms / 60_000) * (machines[m]?.price ?? 0) * MILLION)),
    ),
    deadlineMs: deadlineMs ?? Number.POSITIVE_INFINITY,
  };
}

export interface ScheduleForm {
  readonly problem: Constrained;
  /** By variable: which job it puts on which machine. */
  readonly meaning: readonly { readonly job: number; readonly machine: number }[];
}

/**
 * x = 1 where a job runs on a machine. Exactly one for each job; for each machine Σ time·x ≤ deadline, in 31sts of the
 * deadline, times rounded up, so that whatever meets it is in time. The objective is Σ cost·x.
 *
 * @param table  as above
 * @param units  how finely the deadline is cut
 * @returns      constraints for `penaltyFormOf`, whose penalty outweighs every cost
 * @throws       problemUnfit when costs are beyond whole numbers
 * @cost         jobs · machines variables
 * @source       the generalized assignment problem: S. Martello, P. Toth, "Knapsack Problems" (1990), ch. 7
 */
export function scheduleFormOf({ ms, cost, labels, deadlineMs }: Table, units = UNITS): ScheduleForm {
  const meaning = ms.flatMap((row, job) =>
    row.flatMap((time, machine) => (time <= deadlineMs && Number.isFinite(time) ? [{ job, machine }] : [])),
  );
  const linear = meaning.map(({ job, machine }) => cost[job]?.[machine] ?? 0);
  const of = (key: 'job' | 'machine', value: number): readonly number[] =>
    meaning.flatMap((one, at) => (one[key] === value ? [at] : []));
  const once = ms.map((_, job) => exactlyOne(of('job', job)));
  const capacities = Number.isFinite(deadlineMs)
    ? labels.map((_, machine): Constraint => ({
        terms: of('machine', machine).map((variable) => ({
          variable,
          coefficient: Math.ceil(((ms[meaning[variable]?.job ?? 0]?.[machine] ?? 0) * units) / deadlineMs),
        })),
        relation: 'at-most',
        bound: units,
      }))
    : [];
  const objective = quboOf({ n: meaning.length, linear, couplings: [] });
  return { problem: { objective, constraints: [...once, ...capacities] }, meaning };
}

/**
 * An answer of the QUBO is a start, and so are the jobs in the order of their length, each where it ends cheapest in time;
 * moves and exchanges of jobs improve what they give.
 *
 * @param table  as above
 * @param ask    seed, and what the solver of the QUBO may take
 * @returns      a place for each job; as little late as was found, then as cheap, then as soon
 * @throws       never: the table was checked
 * @cost         the solver's, to 400 variables; and jobs²·machines for each of some hundred searches
 * @source       definition
 */
export function scheduled(table: Table, ask: Ask): Schedule {
  const start = placesByQubo(table, ask);
  return scheduleOf(table, bestPlaces(table, { seed: ask.seed, starts: start === null ? [] : [start] }));
}

/** Null where no QUBO is worth solving: nothing has a price, nothing can be in time, or there is too much of it. */
function placesByQubo(table: Table, ask: Ask): readonly number[] | null {
  const priced = table.cost.some((row) => row.some((cost) => cost > 0));
  const inTime = table.ms.every((row) => row.some((ms) => ms <= table.deadlineMs));
  if (!priced || !inTime) return null;
  const form = scheduleFormOf(table);
  const { qubo } = penaltyFormOf(form.problem);
  if (qubo.n > VARIABLES_MOST) return null;
  return placesOf(table, form, solvedWhole(qubo, { ask, searchedTo: SEARCHED_TO }).bits);
}

/**
 * The places that bits stand for, with what the one-hot rows leave open mended: the first machine of several, and of none
 * the cheapest.
 *
 * @param table  as above
 * @param form   of it
 * @param bits   one a variable at least
 * @returns      a machine for each job that may perform it
 * @throws       never
 * @cost         one pass
 * @source       definition
 */
export function placesOf(table: Table, { meaning }: ScheduleForm, bits: Bits): readonly number[] {
  return table.cost.map((row, job) => {
    const set = meaning.find((one, at) => one.job === job && bits[at] === 1);
    if (set !== undefined) return set.machine;
    const may = [...row.keys()].filter((machine) => Number.isFinite(table.ms[job]?.[machine]));
    return may.reduce(
      (least, machine) => ((row[machine] ?? 0) < (row[least] ?? 0) ? machine : least),
      may[0] ?? 0,
    );
  });
}

/** First come, first served: each job in turn goes to the machine that is free first, of those that may perform it. */
export function firstServed(table: Table): Schedule {
  const loads = table.labels.map(() => 0);
  const places = table.ms.map((row) => {
    const may = [...loads.keys()].filter((machine) => Number.isFinite(row[machine]));
    const free = may.reduce(
      (first, machine) => ((loads[machine] ?? 0) < (loads[first] ?? 0) ? machine : first),
      may[0] ?? 0,
    );
    loads[free] = (loads[free] ?? 0) + (row[free] ?? 0);
    return free;
  });
  return scheduleOf(table, places);
}

/** What places come to. */
export function scheduleOf({ labels, ms, cost, deadlineMs }: Table, places: readonly number[]): Schedule {
  const loads = labels.map(() => 0);
  let sum = 0;
  places.forEach((machine, job) => {
    loads[machine] = (loads[machine] ?? 0) + (ms[job]?.[machine] ?? 0);
    sum += cost[job]?.[machine] ?? 0;
  });
  const makespanMs = Math.max(0, ...loads);
  return {
    places,
    labels: places.map((machine) => labels[machine] ?? ''),
    makespanMs,
    dollars: sum / MILLION,
    lateMs: Math.max(0, makespanMs - deadlineMs),
  };
}
