/** Solves a problem by its parts: reduced first, each part by the solver that suits it, and put together again. */
import { annealing } from './annealing.ts';
import { exhaustive } from './exhaustive.ts';
import { floorOf, isingOf } from './ising.ts';
import { energyOf, type Bits, type Qubo } from './qubo.ts';
import { reduced, type Reduced } from './reduce.ts';
import type { Ask, Solver, Way } from './solver.ts';

/** Parts up to here are searched whole, which takes less than a second. */
const EXHAUSTED_TO = 28;

interface WholeAsk {
  readonly ask: Ask;
  readonly solver?: Solver | undefined;
  readonly searchedTo?: number;
  readonly parts?: Reduced;
}

export interface WholeAnswer {
  readonly bits: Bits;
  readonly energy: number;
  /** Whether nothing smaller can exist, and how that is known. */
  readonly proof: 'every part was proven' | 'no sum of its terms is smaller' | null;
  readonly flips: number;
  /** Who solved each part. */
  readonly solvers: readonly string[];
}

/**
 * min E over the parts that reductions leave.
 *
 * @param problem  any
 * @param given    its reductions, where they are known already; the solver for each part, left out: exhaustive up to
 *                 `searchedTo` variables, 28 unless told, and annealing beyond; what the search may take in all, shared
 *                 by the parts' sizes
 * @returns        bits of the whole
 * @throws         problemUnfit where a part has more variables than the solver takes
 * @cost           that of the solver
 * @source         parts share no variable, so their smallest values add up
 */
export function solvedWhole(
  problem: Qubo,
  { ask, solver, searchedTo = EXHAUSTED_TO, parts = reduced(problem) }: WholeAsk,
): WholeAnswer {
  const total = parts.parts.reduce((sum, { qubo }) => sum + qubo.n, 0);
  const lowest = floorOf(isingOf(problem));
  // What is not begun yet stands at bits of 0, whose value is the part's offset: 0.
  let [before, energyBefore] = [0, parts.offset];
  const solved = parts.parts.map(({ qubo }) => {
    const chosen = solver ?? (qubo.n <= searchedTo ? exhaustive : annealing);
    const flips = Math.max(1, Math.floor((ask.flips * qubo.n) / total));
    // A part alone may stop where the floor of the whole says so.
    const enough = Math.max(lowest, ask.target ?? lowest);
    const target = parts.parts.length === 1 ? enough - parts.offset : floorOf(isingOf(qubo));
    const tell = ({ flips: weighed, energy: least }: Way): void =>
      ask.tell?.({ flips: before + weighed, energy: energyBefore + least });
    const answer = chosen.solve(qubo, { ...ask, flips, target, ...(ask.tell === undefined ? {} : { tell }) });
    [before, energyBefore] = [before + answer.flips, energyBefore + answer.energy];
    ask.tell?.({ flips: before, energy: energyBefore });
    return { name: chosen.name, ...answer };
  });
  const bits = parts.lift(solved.map((answer) => answer.bits));
  const energy = energyOf(problem, bits);
  const proven = solved.every((answer) => answer.proven);
  return {
    bits,
    energy,
    proof: proven ? 'every part was proven' : energy <= lowest ? 'no sum of its terms is smaller' : null,
    flips: solved.reduce((sum, { flips }) => sum + flips, 0),
    solvers: [...new Set(solved.map(({ name }) => name))],
  };
}
