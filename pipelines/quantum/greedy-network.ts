/** Who meets whom on a line of qubits where few are coupled: only those change places who come nearer to others by it. */
import { improvedOrders, type Meeting, type Network, type Pair } from './meetings.ts';

/**
 * Plans from several orders of short couplings. In each round neighbours that are still to be coupled meet, and exchange
 * if both together come nearer to whom they have still to meet; others exchange where that brings more, or, with
 * patience, only where no two neighbours are to be coupled.
 *
 * @param n      variables, from 1
 * @param pairs  those that must meet, each once
 * @returns      plans in which every pair of `pairs` is coupled once; none where each of them ran in circles
 * @throws       never
 * @cost         that of the orders, and n·m steps a plan
 * @source       a greedy search by distances, as in T. Itoko et al., Integration 70 (2020) 43, on a line
 */
export function greedyNetworks(n: number, pairs: readonly Pair[]): readonly Network[] {
  const length = (places: readonly number[]): number =>
    pairs.reduce((sum, { i, j }) => sum + Math.abs(places[i]! - places[j]!), 0);
  return improvedOrders(n, length).flatMap((order) =>
    [true, false].flatMap((patient) => plannedFrom(order, { pairs, patient }) ?? []),
  );
}

interface Standing {
  readonly line: number[];
  readonly places: number[];
  /** Whom each has still to meet. */
  readonly left: readonly Set<number>[];
}

/** Rounds for each variable after which a plan is taken to run in circles. */
const ROUNDS_MOST = 4;

function plannedFrom(
  order: readonly number[],
  { pairs, patient }: { readonly pairs: readonly Pair[]; readonly patient: boolean },
): Network | null {
  const standing: Standing = { line: [...order], places: [], left: order.map(() => new Set<number>()) };
  order.forEach((variable, place) => (standing.places[variable] = place));
  for (const { i, j } of pairs) {
    standing.left[i]!.add(j);
    standing.left[j]!.add(i);
  }
  const rounds: (readonly Meeting[])[] = [];
  while (standing.left.some((others) => others.size > 0)) {
    if (rounds.length >= ROUNDS_MOST * order.length) return null;
    const met = metIn(standing, patient);
    for (const { coupled, variables } of met) if (coupled) parted(standing, variables);
    const isLast = standing.left.every((others) => others.size === 0);
    rounds.push(isLast ? met.flatMap((one) => (one.coupled ? { ...one, exchange: false } : [])) : met);
    for (const { at, exchange } of met) if (exchange) exchanged(standing, at);
  }
  return { order, rounds };
}

function parted({ left }: Standing, [a, b]: readonly [number, number]): void {
  left[a]!.delete(b);
  left[b]!.delete(a);
}

function exchanged({ line, places }: Standing, at: number): void {
  const [a, b] = [line[at]!, line[at + 1]!];
  [line[at], line[at + 1]] = [b, a];
  [places[a], places[b]] = [at + 1, at];
}

/** Meetings that share no place, the most useful first. */
function metIn(standing: Standing, patient: boolean): readonly Meeting[] {
  const { line, left } = standing;
  const ways = Array.from({ length: line.length - 1 }, (_, at) => {
    const variables = [line[at]!, line[at + 1]!] as const;
    return { at, variables, coupled: left[variables[0]]!.has(variables[1]), gain: gainOf(standing, at) };
  }).sort((a, b) => b.gain - a.gain || a.at - b.at);
  const taken = new Set<number>();
  const met: Meeting[] = [];
  const meet = ({ at, variables, coupled }: (typeof ways)[number], exchange: boolean): void => {
    if (taken.has(at) || taken.has(at + 1)) return;
    taken.add(at).add(at + 1);
    met.push({ at, variables, coupled, exchange });
  };
  for (const way of ways) if (way.coupled) meet(way, way.gain > 0);
  const others = ways.filter(({ coupled }) => !coupled);
  if (met.length === 0) {
    const near = others.filter(({ gain }) => gain > 0);
    for (const way of patient ? near.slice(0, 1) : near) meet(way, true);
    if (met.length === 0) meet(towards(standing, others), true);
  } else if (!patient) {
    // Beside what must be done in this round anyway, an exchange has to bring two steps for its three cz.
    for (const way of others) if (way.gain > 1) meet(way, true);
  }
  return met;
}

/** By how many places all that are still to meet come nearer, where the two at a place exchange. */
function gainOf({ line, places, left }: Standing, at: number): number {
  const [a, b] = [line[at]!, line[at + 1]!];
  let gain = 0;
  for (const other of left[a]!) if (other !== b) gain += places[other]! > at ? 1 : -1;
  for (const other of left[b]!) if (other !== a) gain += places[other]! < at ? 1 : -1;
  return gain;
}

/** Where nothing brings all nearer: a step of the two that are nearest to each other. */
function towards<W extends { readonly at: number }>({ places, left }: Standing, ways: readonly W[]): W {
  const distances = left.flatMap((others, a) =>
    [...others].map((b) => ({
      at: Math.min(places[a]!, places[b]!),
      far: Math.abs(places[a]! - places[b]!),
    })),
  );
  const nearest = distances.reduce((one, other) => (other.far < one.far ? other : one));
  return ways.find(({ at }) => at === nearest.at)!;
}
