/** Finds a line of qubits on a machine: each coupled with the next, none twice, with few errors between them. */

/** Two qubits that a machine can couple. */
export interface Link {
  readonly qubits: readonly [number, number];
  /** The share of gates that go wrong, 0 to 1; at 1 the link is out of order. */
  readonly error: number;
}

/** Steps of the search from one qubit, after which the next is tried; a line that exists is mostly found in 2n. */
const STEPS_MOST = 4000;

/**
 * A path of n qubits: from each qubit one is searched depth first, the neighbour with the fewest free neighbours before
 * others, and then the one with the smaller error; of the lines found, the one whose errors sum up to the least is taken.
 *
 * @param links  in any order and direction; those out of order are left out
 * @param n      qubits, from 1
 * @returns      n qubits; null where none was found, which for lines of nearly all qubits does not prove that none is
 * @throws       never
 * @cost         at most 4,000 steps for each qubit, and mostly about n
 * @source       H. C. von Warnsdorff's rule
 */
export function lineOf(links: readonly Link[], n: number): readonly number[] | null {
  const neighbours = neighboursOf(links);
  const lines = [...neighbours.keys()].flatMap((start) => lineFrom(start, { neighbours, n }) ?? []);
  return lines.length === 0 ? null : lines.reduce((a, b) => (b.error < a.error ? b : a)).qubits;
}

interface Line {
  readonly qubits: readonly number[];
  readonly error: number;
}

type Neighbours = ReadonlyMap<number, ReadonlyMap<number, number>>;

function neighboursOf(links: readonly Link[]): Neighbours {
  const found = new Map<number, Map<number, number>>();
  const add = (from: number, to: number, error: number): void => {
    const own = found.get(from) ?? new Map<number, number>();
    found.set(from, own.set(to, Math.min(error, own.get(to) ?? 1)));
  };
  for (const {
    qubits: [a, b],
    error,
  } of links) {
    if (error >= 1 || a === b) continue;
    add(a, b, error);
    add(b, a, error);
  }
  return found;
}

function lineFrom(
  start: number,
  { neighbours, n }: { readonly neighbours: Neighbours; readonly n: number },
): Line | null {
  const line: number[] = [];
  const taken = new Set<number>();
  let steps = 0;
  const freeOf = (qubit: number): number => {
    let count = 0;
    for (const other of neighbours.get(qubit)!.keys()) if (!taken.has(other)) count++;
    return count;
  };
  /** @returns the sum of the errors from here on; null where this leads nowhere */
  const extended = (qubit: number): number | null => {
    line.push(qubit);
    taken.add(qubit);
    if (line.length === n) return 0;
    const ways = [...neighbours.get(qubit)!]
      .filter(([to]) => !taken.has(to))
      .map(([to, error]) => ({ to, error, free: freeOf(to) }))
      .sort((a, b) => a.free - b.free || a.error - b.error);
    for (const { to, error } of ways) {
      if (++steps > STEPS_MOST) break;
      const rest = extended(to);
      if (rest !== null) return error + rest;
    }
    line.pop();
    taken.delete(qubit);
    return null;
  };
  const error = extended(start);
  return error === null ? null : { qubits: line, error };
}
