/** Which of contradicting statements to believe: as much weight as can be kept without a conflict, by weighted MaxSAT. */
import { quboOfMaxSat, type Clause, type MaxSat } from '../solvers/max-sat.ts';
import type { Bits } from '../solvers/qubo.ts';
import type { Ask } from '../solvers/solver.ts';
import { solvedWhole } from '../solvers/whole.ts';

/** A larger part is annealed: it would take seconds to search whole. */
const SEARCHED_TO = 22;

export interface Doubts {
  /** What giving up each statement costs. */
  readonly weights: readonly number[];
  /** Statements, by their places, that cannot all be true. */
  readonly conflicts: readonly (readonly number[])[];
}

export interface Beliefs {
  /** Places of what is not believed, ascending. */
  readonly givenUp: readonly number[];
  /** The sum of their weights. */
  readonly cost: number;
  /** Whether nothing cheaper meets every conflict. */
  readonly proven: boolean;
}

/**
 * Statement i is variable i, true where it is believed: a soft clause (xᵢ) of its weight, and for each conflict a hard
 * clause that one of its statements is false, of more than two literals by Rosenberg's auxiliaries.
 *
 * @param doubts  weights positive and finite; conflicts of at least one place each
 * @param ask     what the search may take, where reductions and a search of all choices are not enough
 * @returns       a hitting set of the conflicts from which no place can be left out; the cheapest where `proven`
 * @throws        problemUnfit when a weight or a place is outside of these
 * @cost          2ⁿ over the largest part that reductions leave, to 22 variables; beyond, `ask.flips`
 * @source        R. Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32 (1987): what is
 *                given up are hitting sets of the conflicts
 */
export function believed(doubts: Doubts, ask: Ask): Beliefs {
  const problem = maxSatOfDoubts(doubts);
  const { qubo } = quboOfMaxSat(problem);
  const { bits, proof } = solvedWhole(qubo, { ask, searchedTo: SEARCHED_TO });
  const mended = mendedBeliefs(doubts, bits);
  const same = mended.every((kept, i) => kept === (bits[i] === 1));
  const givenUp = [...mended.keys()].filter((i) => mended[i] === false);
  const cost = givenUp.reduce((sum, i) => sum + (doubts.weights[i] ?? 0), 0);
  return { givenUp, cost, proven: same && proof !== null };
}

function maxSatOfDoubts({ weights, conflicts }: Doubts): MaxSat {
  const kept = weights.map((weight, i): Clause => ({ literals: [i + 1], weight }));
  const broken = conflicts.map((places): Clause => ({
    literals: places.map((place) => -(place + 1)),
    weight: null,
  }));
  return { variables: weights.length, clauses: [...kept, ...broken], offset: 0 };
}

/** Gives up the cheapest of every conflict that is still whole, then takes back, dearest first, what breaks none. */
function mendedBeliefs({ weights, conflicts }: Doubts, bits: Bits): readonly boolean[] {
  const kept = weights.map((_, i) => bits[i] === 1);
  const weightOf = (i: number): number => weights[i] ?? 0;
  for (const conflict of conflicts) {
    if (!conflict.every((i) => kept[i] === true)) continue;
    const cheapest = conflict.reduce((least, i) => (weightOf(i) < weightOf(least) ? i : least));
    kept[cheapest] = false;
  }
  const givenUp = [...kept.keys()].filter((i) => kept[i] === false);
  for (const i of givenUp.sort((a, b) => weightOf(b) - weightOf(a) || a - b)) {
    const needed = conflicts.some(
      (conflict) => conflict.includes(i) && conflict.every((other) => other === i || kept[other] === true),
    );
    if (!needed) kept[i] = true;
  }
  return kept;
}

/**
 * Whether the same cost allows other statements to be given up: what the weights alone do not decide.
 *
 * @param doubts   as above
 * @param beliefs  the cheapest that `believed` found
 * @param ask      as above
 * @returns        by place, for what was given up: true where keeping it costs no more
 * @throws         as `believed`
 * @cost           one problem for each that was given up
 * @source         definition
 */
export function tiesOf(doubts: Doubts, beliefs: Beliefs, ask: Ask): ReadonlyMap<number, boolean> {
  return new Map(
    beliefs.givenUp.map((kept) => {
      const conflicts = doubts.conflicts.map((conflict) => conflict.filter((i) => i !== kept));
      // Alone in a conflict it cannot be kept at all.
      if (conflicts.some((conflict) => conflict.length === 0)) return [kept, false];
      return [kept, believed({ ...doubts, conflicts }, ask).cost <= beliefs.cost];
    }),
  );
}
