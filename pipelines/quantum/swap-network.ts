/** Who meets whom on a line of qubits: neighbours change places in turns until all that are coupled have met. */
import { randomOf, type Random } from '../maths/random.ts';

interface Pair {
  readonly i: number;
  readonly j: number;
}

/** Places `at` and `at + 1` hold these variables; where they exchange, they go on in each other's place. */
export interface Meeting {
  readonly at: number;
  readonly variables: readonly [number, number];
  readonly exchange: boolean;
}

export interface Network {
  /** The variable that stands at each place before the first round. */
  readonly order: readonly number[];
  /** Meetings of one round share no place. Gone through backwards, the rounds lead back to `order`. */
  readonly rounds: readonly (readonly Meeting[])[];
}

/** Orders that are tried where not every two variables are coupled. */
const STARTS = 6;

/**
 * In round r the places of parity r mod 2 meet their right neighbours and exchange: in n rounds every two variables
 * meet once, and the line ends up reversed. The rounds end when all couplings were met, the last one without
 * exchanges, and the order of the beginning is searched so that this is early.
 *
 * @param n      variables, from 1
 * @param pairs  those that must meet
 * @returns      at most n rounds, in which every pair of `pairs` meets once
 * @throws       never
 * @cost         n²·m for each improvement of the order, of which there are few
 * @source       I. Kivlichan et al., Phys. Rev. Lett. 120 (2018) 110501: linear depth by a network of swaps
 */
export function networkOf(n: number, pairs: readonly Pair[]): Network {
  const roundOf = meetings(n);
  const order = orderOf(n, pairs, roundOf);
  const placeOf = inverse(order);
  const last = Math.max(-1, ...pairs.map(({ i, j }) => roundOf(placeOf[i]!, placeOf[j]!)));
  const coupled = new Set(pairs.flatMap(({ i, j }) => [i * n + j, j * n + i]));
  const line = order.slice();
  const rounds = Array.from({ length: last + 1 }, (_, round) =>
    pairsOf(n, round).flatMap((at): readonly Meeting[] => {
      const [left, right] = [line[at]!, line[at + 1]!];
      const exchange = round < last;
      if (exchange) [line[at], line[at + 1]] = [right, left];
      return exchange || coupled.has(left * n + right) ? [{ at, variables: [left, right], exchange }] : [];
    }),
  );
  return { order, rounds };
}

/** The left places that meet their right neighbours in a round. */
function pairsOf(n: number, round: number): readonly number[] {
  return Array.from({ length: Math.floor((n - (round % 2)) / 2) }, (_, k) => (round % 2) + 2 * k);
}

/** The round in which those meet who began at two places. */
function meetings(n: number): (a: number, b: number) => number {
  const table = new Int32Array(n * n);
  const line = Array.from({ length: n }, (_, i) => i);
  for (let round = 0; round < n; round++) {
    for (const at of pairsOf(n, round)) {
      const [left, right] = [line[at]!, line[at + 1]!];
      table[left * n + right] = table[right * n + left] = round;
      [line[at], line[at + 1]] = [right, left];
    }
  }
  return (a, b) => table[a * n + b]!;
}

function inverse(order: readonly number[]): number[] {
  const places: number[] = [];
  order.forEach((variable, place) => (places[variable] = place));
  return places;
}

/** An order in which the last coupling is met early: the best of a few random ones, each improved by exchanging two. */
function orderOf(
  n: number,
  pairs: readonly Pair[],
  roundOf: (a: number, b: number) => number,
): readonly number[] {
  const natural = Array.from({ length: n }, (_, i) => i);
  if (pairs.length === (n * (n - 1)) / 2) return natural;
  // The last round counts first, and then how many meet in it.
  const worth = (places: readonly number[]): number => {
    let [last, met] = [0, 0];
    for (const { i, j } of pairs) {
      const round = roundOf(places[i]!, places[j]!);
      if (round > last) [last, met] = [round, 1];
      else if (round === last) met++;
    }
    return last * (pairs.length + 1) + met;
  };
  const random = randomOf(1);
  const starts = [natural, ...Array.from({ length: STARTS }, () => shuffled(natural, random))];
  const found = starts.map((start) => improved(start, worth));
  const best = found.reduce((a, b) => (b.value < a.value ? b : a));
  return inverse(best.places);
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

function shuffled(values: readonly number[], random: Random): readonly number[] {
  const line = values.slice();
  for (let i = line.length - 1; i > 0; i--) {
    const j = random.nextBelow(i + 1);
    [line[i], line[j]] = [line[j]!, line[i]!];
  }
  return line;
}
