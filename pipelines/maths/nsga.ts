/** Minimizes several things at once: NSGA-II keeps the points that nothing else beats in everything, spread along their front. */
import type { Random } from './random.ts';

/** A point with what was found of it; every objective is to be small. */
export interface Judged {
  readonly point: Float64Array;
  readonly objectives: readonly number[];
}

export interface NsgaSettings {
  /** Lowest and highest value of each variable. */
  readonly bounds: readonly (readonly [number, number])[];
  /** Points that are kept; even. */
  readonly population: number;
  readonly random: Random;
}

export interface Nsga {
  /** The first time points from all over, then children of those that were kept. */
  ask(): readonly Float64Array[];
  /** Keeps the better half of those that were kept and those that are told. */
  tell(judged: readonly Judged[]): void;
  /** Those that are kept, best front first. */
  now(): readonly Judged[];
}

/** Distribution indexes of crossing and mutating, and the chance of a crossing: those of the paper. */
const CROSSING = 20;
const MUTATING = 20;
const CROSSED = 0.9;

/**
 * @returns  a search; the same random numbers give the same search on every machine
 * @throws   RangeError for an odd population: a programmer's error
 * @cost     about objectives·(2·population)² comparisons a generation
 * @source   K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II",
 *           IEEE Trans. Evol. Comput. 6 (2002), section III; crossing and mutating: K. Deb, R. Agrawal, "Simulated binary
 *           crossover for continuous search space", Complex Systems 9 (1995), and polynomial mutation as there
 */
export function nsgaOf({ bounds, population, random }: NsgaSettings): Nsga {
  if (population % 2 !== 0) throw new RangeError(`a population is even, not ${population}`);
  let kept: readonly Ranked[] = [];
  return {
    now: () => kept,
    ask() {
      if (kept.length === 0) {
        return Array.from({ length: population }, () =>
          Float64Array.from(bounds, ([low, high]) => low + (high - low) * random.nextFloat()),
        );
      }
      const children: Float64Array[] = [];
      while (children.length < population) {
        const pair = crossed(tournament(kept, random).point, tournament(kept, random).point, {
          bounds,
          random,
        });
        children.push(...pair.map((child) => mutated(child, { bounds, random })));
      }
      return children;
    },
    tell(judged) {
      kept = survivors([...kept, ...judged], population);
    },
  };
}

interface Ranked extends Judged {
  /** 0 for the front that nothing beats. */
  readonly front: number;
  /** How far its neighbours on the front are, over all objectives; infinite at the ends. */
  readonly crowding: number;
}

function survivors(all: readonly Judged[], population: number): readonly Ranked[] {
  const kept: Ranked[] = [];
  for (const [front, members] of frontsOf(all.map(({ objectives }) => objectives)).entries()) {
    const distances = crowdingOf(members.map((at) => all[at]!.objectives));
    const ranked = members.map((at, index) => ({ ...all[at]!, front, crowding: distances[index]! }));
    const room = population - kept.length;
    if (ranked.length > room) ranked.sort((a, b) => b.crowding - a.crowding);
    kept.push(...ranked.slice(0, room));
    if (kept.length === population) break;
  }
  return kept;
}

/** Whether a is nowhere worse than b, and better somewhere. NaN beats nothing. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, index) => value <= b[index]!) && a.some((value, index) => value < b[index]!);
}

/**
 * Fast non-dominated sorting.
 *
 * @param objectives  of each point
 * @returns           indexes by front, that which nothing beats first
 * @throws            never
 * @cost              objectives·n² comparisons
 * @source            Deb 2002, section III.A
 */
export function frontsOf(objectives: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const beats = objectives.map((own) =>
    objectives.flatMap((other, index) => (dominates(own, other) ? [index] : [])),
  );
  const beaten = objectives.map(() => 0);
  for (const list of beats) for (const index of list) beaten[index]! += 1;
  const fronts: number[][] = [];
  let front = [...objectives.keys()].filter((index) => beaten[index] === 0);
  while (front.length > 0) {
    fronts.push(front);
    for (const index of front) for (const other of beats[index]!) beaten[other]! -= 1;
    const freed = new Set(front.flatMap((index) => beats[index]!).filter((other) => beaten[other] === 0));
    front = [...freed].sort((x, y) => x - y);
  }
  return fronts;
}

/** @source Deb 2002, section III.B */
function crowdingOf(objectives: readonly (readonly number[])[]): readonly number[] {
  const distances = objectives.map(() => 0);
  for (let each = 0; each < (objectives[0]?.length ?? 0); each++) {
    const order = [...objectives.keys()].sort((a, b) => objectives[a]![each]! - objectives[b]![each]!);
    const [first, last] = [order[0]!, order.at(-1)!];
    const range = objectives[last]![each]! - objectives[first]![each]!;
    distances[first] = Infinity;
    distances[last] = Infinity;
    for (let rank = 1; rank < order.length - 1 && range > 0; rank++) {
      const gap = objectives[order[rank + 1]!]![each]! - objectives[order[rank - 1]!]![each]!;
      distances[order[rank]!]! += gap / range;
    }
  }
  return distances;
}

/** Of two drawn ones that on the better front, and of one front the less crowded. */
function tournament(kept: readonly Ranked[], random: Random): Ranked {
  const [a, b] = [kept[random.nextBelow(kept.length)]!, kept[random.nextBelow(kept.length)]!];
  if (a.front !== b.front) return a.front < b.front ? a : b;
  return a.crowding >= b.crowding ? a : b;
}

interface Breeding {
  readonly bounds: NsgaSettings['bounds'];
  readonly random: Random;
}

type Pair = readonly [Float64Array, Float64Array];

/** Simulated binary crossover: children lie about their parents as those of a one-point crossing of bits would. */
function crossed(a: Float64Array, b: Float64Array, { bounds, random }: Breeding): Pair {
  const children: Pair = [a.slice(), b.slice()];
  if (random.nextFloat() > CROSSED) return children;
  bounds.forEach(([low, high], index) => {
    const [x, y] = [Math.min(a[index]!, b[index]!), Math.max(a[index]!, b[index]!)];
    if (random.nextFloat() > 0.5 || y - x < 1e-14) return;
    const draw = random.nextFloat();
    const spread = (room: number): number => {
      const beta = 1 + (2 * room) / (y - x);
      const alpha = 2 - beta ** -(CROSSING + 1);
      const power = 1 / (CROSSING + 1);
      return draw <= 1 / alpha ? (draw * alpha) ** power : (1 / (2 - draw * alpha)) ** power;
    };
    const lower = 0.5 * (x + y - spread(x - low) * (y - x));
    const upper = 0.5 * (x + y + spread(high - y) * (y - x));
    const swapped = random.nextFloat() <= 0.5;
    children[0][index] = within(swapped ? upper : lower, low, high);
    children[1][index] = within(swapped ? lower : upper, low, high);
  });
  return children;
}

/** Polynomial mutation, of one variable in the mean. */
function mutated(child: Float64Array, { bounds, random }: Breeding): Float64Array {
  return child.map((value, index) => {
    const [low, high] = bounds[index]!;
    if (random.nextFloat() >= 1 / bounds.length || high <= low) return value;
    const draw = random.nextFloat();
    const power = 1 / (MUTATING + 1);
    const [down, up] = [(value - low) / (high - low), (high - value) / (high - low)];
    const moved =
      draw < 0.5
        ? (2 * draw + (1 - 2 * draw) * (1 - down) ** (MUTATING + 1)) ** power - 1
        : 1 - (2 * (1 - draw) + 2 * (draw - 0.5) * (1 - up) ** (MUTATING + 1)) ** power;
    return within(value + moved * (high - low), low, high);
  });
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
