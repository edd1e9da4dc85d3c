/** Mends an answer that breaks constraints by the fewest and cheapest flips that it finds. */
import type { Constrained, Constraint } from './penalties.ts';
import { energyOf, type Bits } from './qubo.ts';

/** Bits being mended, with the left side of every constraint. */
interface Mending {
  readonly problem: Constrained;
  readonly bits: Bits;
  readonly sums: Float64Array;
  /** By variable: which constraints it stands in, and by how much. */
  readonly places: readonly (readonly Place[])[];
}

interface Place {
  readonly constraint: number;
  readonly coefficient: number;
}

interface Move {
  readonly flips: readonly number[];
  readonly broken: number;
  readonly energy: number;
}

/**
 * Flips of one bit, and of two where no single one helps, that lessen (Σ by how much constraints are broken,
 * objective) in that order, until none does.
 *
 * @param problem  its constraints on variables of its objective
 * @param bits     one a variable; not changed
 * @returns        bits at which no flip of one or two helps, and whether they break nothing
 * @throws         never
 * @cost           n²·(n + m) for every flip that is made
 * @source         local search in the neighbourhood of two flips
 */
export function repaired(
  problem: Constrained,
  bits: Bits,
): { readonly bits: Bits; readonly feasible: boolean } {
  const mending = mendingOf(problem, bits.slice());
  const singles = bits.length === 0 ? [] : [...bits.keys()].map((i) => [i]);
  const pairs = [...bits.keys()].flatMap((i) => singles.slice(i + 1).map(([j]) => [i, j ?? i]));
  for (;;) {
    const move = bestMove(mending, singles) ?? bestMove(mending, pairs);
    if (move === null) return { bits: mending.bits, feasible: brokenOf(mending) === 0 };
    for (const i of move.flips) flip(mending, i);
  }
}

function mendingOf(problem: Constrained, bits: Bits): Mending {
  const places: Place[][] = Array.from(bits, () => []);
  const sums = new Float64Array(problem.constraints.length);
  problem.constraints.forEach(({ terms }, constraint) => {
    for (const { variable, coefficient } of terms) {
      places[variable]!.push({ constraint, coefficient });
      if (bits[variable] === 1) sums[constraint]! += coefficient;
    }
  });
  return { problem, bits, sums, places };
}

function flip({ bits, sums, places }: Mending, i: number): void {
  const sign = bits[i] === 1 ? -1 : 1;
  bits[i]! ^= 1;
  for (const { constraint, coefficient } of places[i]!) sums[constraint]! += sign * coefficient;
}

function brokenOf({ problem, sums }: Mending): number {
  let broken = 0;
  problem.constraints.forEach((constraint, at) => (broken += excessOf(constraint, sums[at]!)));
  return broken;
}

function excessOf({ relation, bound }: Constraint, sum: number): number {
  return relation === 'equals' ? Math.abs(sum - bound) : Math.max(0, sum - bound);
}

/** The best of the moves if it betters where the bits stand, else null; the first of equals. */
function bestMove(mending: Mending, moves: readonly (readonly number[])[]): Move | null {
  const { problem, bits } = mending;
  const here = { broken: brokenOf(mending), energy: energyOf(problem.objective, bits) };
  let best: Move = { flips: [], ...here };
  for (const flips of moves) {
    for (const i of flips) flip(mending, i);
    const broken = brokenOf(mending);
    if (broken <= best.broken) {
      const energy = energyOf(problem.objective, bits);
      if (broken < best.broken || energy < best.energy) best = { flips, broken, energy };
    }
    for (const i of flips) flip(mending, i);
  }
  return best.flips.length === 0 ? null : best;
}
