/** Who meets whom on a line of qubits where most are coupled: neighbours change places in turns, whoever they are. */
import { improvedOrders, inverse, type Meeting, type Network, type Pair } from './meetings.ts';

/**
 * In round r the places of parity r mod 2 meet their right neighbours and exchange: in n rounds every two variables
 * meet once, and the line ends up reversed. The rounds end when all couplings were met, the last one without
 * exchanges, and the order of the beginning is searched so that this is early.
 *
 * @param n      variables, from 1
 * @param pairs  those that must meet, each once
 * @returns      at most n rounds, in which every pair of `pairs` is coupled once
 * @throws       never
 * @cost         n²·m for each improvement of the order, of which there are few
 * @source       I. Kivlichan et al., Phys. Rev. Lett. 120 (2018) 110501: linear depth by a network of swaps
 */
export function swapNetwork(n: number, pairs: readonly Pair[]): Network {
  const roundOf = meetings(n);
  const order = orderOf(n, pairs, roundOf);
  const placeOf = inverse(order);
  const last = Math.max(-1, ...pairs.map(({ i, j }) => roundOf(placeOf[i]!, placeOf[j]!)));
  const wanted = new Set(pairs.flatMap(({ i, j }) => [i * n + j, j * n + i]));
  const line = [...order];
  const rounds = Array.from({ length: last + 1 }, (_, round) =>
    pairsOf(n, round).flatMap((at): readonly Meeting[] => {
      const [left, right] = [line[at]!, line[at + 1]!];
      const exchange = round < last;
      const coupled = wanted.has(left * n + right);
      if (exchange) [line[at], line[at + 1]] = [right, left];
      return exchange || coupled ? [{ at, variables: [left, right], coupled, exchange }] : [];
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

/** An order in which the last coupling is met early. */
function orderOf(
  n: number,
  pairs: readonly Pair[],
  roundOf: (a: number, b: number) => number,
): readonly number[] {
  // Where all are coupled, every order is as good.
  if (pairs.length === (n * (n - 1)) / 2) return Array.from({ length: n }, (_, i) => i);
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
  return improvedOrders(n, worth)[0]!;
}
