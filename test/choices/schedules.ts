/** Jobs and runners as projects have them, and the best schedule there is, by trying all places with a bound. */
import type { Job, Schedule, Scheduling, Table } from '../../pipelines/choices/schedule.ts';
import { scheduleOf } from '../../pipelines/choices/schedule.ts';
import { randomOf, type Random } from '../../pipelines/maths/random.ts';

/** Prices of hosted machines by their cores, and a machine of one's own that is slow and free. */
export const KINDS = [
  { label: 'ubuntu-24.04', speed: 1, price: 0.006, most: 2 },
  { label: 'ubuntu-24.04-8core', speed: 3, price: 0.022, most: 1 },
  { label: 'self-hosted', speed: 0.7, price: 0, most: 1 },
];

interface Cases {
  readonly seed: number;
  readonly count: number;
  readonly jobs: number;
}

/** Milliseconds with a long tail, as builds and trainings have it: log-normal, a median of four minutes. */
export function durationIn(random: Random): number {
  const [u, v] = [1 - random.nextFloat(), random.nextFloat()];
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  return Math.round(240_000 * Math.exp(0.9 * normal));
}

export function casesOf({ seed, count, jobs }: Cases): readonly Scheduling[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => {
    const all = Array.from({ length: jobs }, (_, at): Job => ({
      name: `job ${at}`,
      ms: durationIn(random),
      labels: null,
    }));
    const work = all.reduce((sum, { ms }) => sum + ms, 0);
    // From too short to more than enough for machines of a speed of 5.7 together.
    const deadlineMs = Math.max(
      ...all.map(({ ms }) => ms / 3),
      (work / 5.7) * (0.9 + 1.2 * random.nextFloat()),
    );
    return { jobs: all, runners: KINDS, deadlineMs };
  });
}

/** Depth first over all places, longest jobs first; a branch that cannot become better is left. */
export function bestSchedule(table: Table): Schedule {
  const order = [...table.ms.keys()].sort((a, b) => Math.min(...table.ms[b]!) - Math.min(...table.ms[a]!));
  const cheapest = order.map((job) =>
    Math.min(...table.cost[job]!.filter((_, m) => Number.isFinite(table.ms[job]![m]))),
  );
  const rest = order.map((_, at) => cheapest.slice(at).reduce((sum, cost) => sum + cost, 0));
  const inTime = search(table, order, (loads, cost, at, best) => {
    const late = Math.max(...loads) > table.deadlineMs;
    return late || cost + (rest[at] ?? 0) >= best ? Infinity : cost;
  });
  if (inTime !== null) return scheduleOf(table, inTime);
  const soonest = search(table, order, (loads, _cost, _at, best) => {
    const most = Math.max(...loads);
    return most >= best ? Infinity : most;
  });
  return scheduleOf(table, soonest!);
}

type Bound = (loads: readonly number[], cost: number, at: number, best: number) => number;

/** Places of the least value, where the bound gives the value of what is placed so far, or ends the branch. */
function search(table: Table, order: readonly number[], bound: Bound): readonly number[] | null {
  const loads = table.labels.map(() => 0);
  const places = order.map(() => -1);
  let best = Infinity;
  let found: readonly number[] | null = null;
  const visit = (at: number, cost: number): void => {
    const value = bound(loads, cost, at, best);
    if (value >= best) return;
    const job = order[at];
    if (job === undefined) {
      [best, found] = [value, [...places]];
      return;
    }
    const tried = new Set<string>();
    table.labels.forEach((label, machine) => {
      const ms = table.ms[job]![machine]!;
      // Machines of a kind that are loaded alike are one and the same.
      const key = `${label} ${loads[machine]}`;
      if (!Number.isFinite(ms) || tried.has(key)) return;
      tried.add(key);
      loads[machine]! += ms;
      places[job] = machine;
      visit(at + 1, cost + table.cost[job]![machine]!);
      loads[machine]! -= ms;
    });
  };
  visit(0, 0);
  return found;
}
