/** Betters a schedule by moving jobs and by exchanging two, from several starts and through small upsets. */
import { randomOf, type Random } from '../maths/random.ts';
import type { Table } from './schedule.ts';

/** How often what was found is upset and searched again. */
const UPSETS = 150;

/** Lateness first, then money, then time: of equal makespans, the one whose machines are loaded most evenly. */
interface Worth {
  readonly late: number;
  readonly cost: number;
  readonly makespan: number;
  readonly squares: number;
}

interface Standing {
  readonly places: number[];
  readonly loads: Float64Array;
  cost: number;
}

/**
 * Local search in the neighbourhood of moves and exchanges, iterated: four jobs go anywhere, the search begins anew, and
 * what is not worse stays.
 *
 * @param table   as `tableOf` made it
 * @param from    starts beside the one that is made here; the same seed gives the same places
 * @returns       a machine for each job that may perform it
 * @throws        never
 * @cost          (jobs·machines + jobs²)·machines for each step of a search
 * @source        H. R. Lourenço, O. C. Martin, T. Stützle, "Iterated local search", Handbook of Metaheuristics (2003)
 */
export function bestPlaces(
  table: Table,
  { seed, starts }: { readonly seed: number; readonly starts: readonly (readonly number[])[] },
): readonly number[] {
  const random = randomOf(seed);
  const found = [...starts, greedy(table)].map((places) => improved(table, standingOf(table, places)));
  let best = found.reduce((least, one) => (isLess(worthOf(table, one), worthOf(table, least)) ? one : least));
  for (let round = 0; round < UPSETS && table.ms.length > 1; round++) {
    const next = improved(table, standingOf(table, upset(table, best.places, random)));
    if (!isLess(worthOf(table, best), worthOf(table, next))) best = next;
  }
  return best.places;
}

function standingOf({ labels, ms, cost }: Table, places: readonly number[]): Standing {
  const loads = new Float64Array(labels.length);
  let sum = 0;
  places.forEach((machine, job) => {
    loads[machine] = (loads[machine] ?? 0) + (ms[job]?.[machine] ?? 0);
    sum += cost[job]?.[machine] ?? 0;
  });
  return { places: [...places], loads, cost: sum };
}

function worthOf({ deadlineMs }: Table, { loads, cost }: Standing): Worth {
  let [makespan, squares] = [0, 0];
  for (const load of loads) {
    makespan = Math.max(makespan, load);
    squares += load * load;
  }
  return { late: Math.max(0, makespan - deadlineMs), cost, makespan, squares };
}

function isLess(a: Worth, b: Worth): boolean {
  if (a.late !== b.late) return a.late < b.late;
  // A late machine that gets less of it counts, even where another is as late.
  if (a.late > 0 && a.squares !== b.squares) return a.squares < b.squares;
  if (a.cost !== b.cost) return a.cost < b.cost;
  if (a.makespan !== b.makespan) return a.makespan < b.makespan;
  return a.squares < b.squares;
}

/** The longest first, each where it is worth most at that moment. */
function greedy(table: Table): readonly number[] {
  const places = table.ms.map(() => -1);
  const standing: Standing = { places, loads: new Float64Array(table.labels.length), cost: 0 };
  const least = table.ms.map((row) => Math.min(...row));
  const order = [...least.keys()].sort((a, b) => (least[b] ?? 0) - (least[a] ?? 0));
  for (const job of order) {
    let best: { machine: number; worth: Worth } | null = null;
    for (const machine of machinesOf(table, job)) {
      put(table, standing, { job, machine });
      const worth = worthOf(table, standing);
      if (best === null || isLess(worth, best.worth)) best = { machine, worth };
      take(table, standing, job);
    }
    if (best !== null) put(table, standing, { job, machine: best.machine });
  }
  return places;
}

function machinesOf({ ms }: Table, job: number): readonly number[] {
  const row = ms[job] ?? [];
  return [...row.keys()].filter((machine) => Number.isFinite(row[machine]));
}

interface Place {
  readonly job: number;
  readonly machine: number;
}

function put({ ms, cost }: Table, standing: Standing, { job, machine }: Place): void {
  standing.places[job] = machine;
  standing.loads[machine] = (standing.loads[machine] ?? 0) + (ms[job]?.[machine] ?? 0);
  standing.cost += cost[job]?.[machine] ?? 0;
}

function take({ ms, cost }: Table, standing: Standing, job: number): void {
  const machine = standing.places[job] ?? 0;
  standing.loads[machine] = (standing.loads[machine] ?? 0) - (ms[job]?.[machine] ?? 0);
  standing.cost -= cost[job]?.[machine] ?? 0;
}

function move(table: Table, standing: Standing, moves: readonly Place[]): void {
  for (const { job } of moves) take(table, standing, job);
  for (const one of moves) put(table, standing, one);
}

/** The first move or exchange that is worth it, again and again, until none is. */
function improved(table: Table, standing: Standing): Standing {
  let worth = worthOf(table, standing);
  for (;;) {
    const better = betterMove(table, standing, worth);
    if (better === null) return standing;
    move(table, standing, better);
    worth = worthOf(table, standing);
  }
}

function betterMove(table: Table, standing: Standing, worth: Worth): readonly Place[] | null {
  for (const moves of neighbours(table, standing.places)) {
    const back = moves.map(({ job }) => ({ job, machine: standing.places[job] ?? 0 }));
    move(table, standing, moves);
    const isBetter = isLess(worthOf(table, standing), worth);
    move(table, standing, back);
    if (isBetter) return moves;
  }
  return null;
}

function* neighbours(table: Table, places: readonly number[]): Iterable<readonly Place[]> {
  for (const job of places.keys()) {
    for (const machine of machinesOf(table, job)) {
      if (machine !== places[job]) yield [{ job, machine }];
    }
  }
  for (const a of places.keys()) {
    for (let b = a + 1; b < places.length; b++) {
      const [mine, theirs] = [places[a] ?? 0, places[b] ?? 0];
      const may = Number.isFinite(table.ms[a]?.[theirs]) && Number.isFinite(table.ms[b]?.[mine]);
      if (mine !== theirs && may) {
        yield [
          { job: a, machine: theirs },
          { job: b, machine: mine },
        ];
      }
    }
  }
}

function upset(table: Table, places: readonly number[], random: Random): readonly number[] {
  const next = [...places];
  for (let k = 0; k < 4; k++) {
    const job = random.nextBelow(next.length);
    const may = machinesOf(table, job);
    next[job] = may[random.nextBelow(may.length)] ?? 0;
  }
  return next;
}
