/** Variables on a line of qubits that have to meet: what a plan of their meetings is, what it takes, how they may stand. */
import { permutation, randomOf } from '../maths/random.ts';

export interface Pair {
  readonly i: number;
  readonly j: number;
}

/** Places `at` and `at + 1` hold these variables. */
export interface Meeting {
  readonly at: number;
  readonly variables: readonly [number, number];
  /** Whether this is where the two are coupled. */
  readonly coupled: boolean;
  /** Whether they go on in each other's place. */
  readonly exchange: boolean;
}

export interface Network {
  /** The variable that stands at each place before the first round. */
  readonly order: readonly number[];
  /** Meetings of one round share no place. Gone through backwards, the rounds lead back to `order`. */
  readonly rounds: readonly (readonly Meeting[])[];
}

/**
 * How many cz a layer takes: three for an exchange, whether it couples or not, and two for a coupling alone.
 *
 * @param network  any
 * @returns        a count
 * @throws         never
 * @cost           one step a meeting
 * @source         `nativeCircuit`
 */
export function couplersOf({ rounds }: Network): number {
  return rounds.flat().reduce((sum, { exchange }) => sum + (exchange ? 3 : 2), 0);
}

/** Orders that are tried besides the natural one. */
const STARTS = 16;

/**
 * Orders of small worth: the natural one and a few random ones, each improved by exchanging two as long as that helps.
 *
 * @param n      variables, from 1
 * @param worth  of the place of each variable; smaller is better
 * @returns      variables by place, the best order first
 * @throws       never
 * @cost         n² calls of `worth` for each round of improvements, of which there are few
 * @source       local search by pairwise exchange
 */
export function improvedOrders(
  n: number,
  worth: (places: readonly number[]) => number,
): readonly (readonly number[])[] {
  const natural = Array.from({ length: n }, (_, i) => i);
  const random = randomOf(1);
  const starts = [natural, ...Array.from({ length: STARTS }, () => [...permutation(n, random)])];
  const found = starts.map((start) => improved(start, worth)).sort((a, b) => a.value - b.value);
  return found.map(({ places }) => inverse(places));
}

/**
 * The place of each variable in an order, or the order of such places.
 *
 * @param order  each of 0 to n − 1 once
 * @returns      n numbers, of which the k-th tells where k stands
 * @throws       never
 * @cost         n
 * @source       the inverse of a permutation
 */
export function inverse(order: readonly number[]): readonly number[] {
  const places: number[] = [];
  order.forEach((variable, place) => (places[variable] = place));
  return places;
}

interface Placing {
  readonly places: readonly number[];
  readonly value: number;
}

/** Exchanges two as long as that is worth it. */
function improved(start: readonly number[], worth: (places: readonly number[]) => number): Placing {
  const swaps = start.flatMap((_, i) => start.slice(0, i).map((__, j) => [i, j] as const));
  let best: Placing = { places: start, value: worth(start) };
  for (let before = Infinity; best.value < before;) {
    before = best.value;
    for (const [i, j] of swaps) {
      const places = best.places.with(i, best.places[j]!).with(j, best.places[i]!);
      const value = worth(places);
      if (value < best.value) best = { places, value };
    }
  }
  return best;
}
