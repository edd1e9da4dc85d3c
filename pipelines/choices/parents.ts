/** Which models to merge: good ones that are not alike, a given number of them. */
import { problemUnfit } from '../faults.ts';
import { penaltyFormOf, type Constrained } from '../solvers/penalties.ts';
import { quboOf, type Bits } from '../solvers/qubo.ts';
import type { Ask } from '../solvers/solver.ts';
import { solvedWhole } from '../solvers/whole.ts';

export interface Parents {
  /** How good each model is, higher is better. */
  readonly scores: readonly number[];
  /** How alike two models are, −1 to 1; symmetric. */
  readonly likeness: readonly (readonly number[])[];
  /** How many are wanted, 1 to their number. */
  readonly count: number;
  /** What being unlike is worth beside being good, 0 to 1. */
  readonly diversity: number;
}

export interface ChosenParents {
  /** Places, ascending. */
  readonly chosen: readonly number[];
  readonly worth: number;
  /** Whether no other choice of as many is worth more. */
  readonly proven: boolean;
}

const SEARCHED_TO = 24;

/**
 * (1 − d)·mean of the scores, brought to 0 … 1 by their least and greatest, − d·mean likeness of the pairs.
 *
 * @param parents  as described
 * @param chosen   places, each once
 * @returns        0 where none is chosen
 * @throws         never
 * @cost           chosen²
 * @source         quality minus redundancy, as H. Peng et al. weigh features: "Feature selection based on mutual
 *                 information", IEEE TPAMI 27 (2005)
 */
export function worthOfParents({ scores, likeness, diversity }: Parents, chosen: readonly number[]): number {
  if (chosen.length === 0) return 0;
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const good = chosen.reduce(
    (sum, i) => sum + (high === low ? 0 : ((scores[i] ?? 0) - low) / (high - low)),
    0,
  );
  const pairs = chosen.flatMap((i, at) => chosen.slice(at + 1).map((j) => likeness[i]?.[j] ?? 0));
  const alike = pairs.reduce((sum, one) => sum + one, 0);
  return ((1 - diversity) * good) / chosen.length - (diversity * alike) / Math.max(1, pairs.length);
}

/**
 * min −worth with exactly `count` ones, as a QUBO with a penalty for any other number.
 *
 * @param parents  scores and likeness finite
 * @param ask      what the search may take beyond 24 models
 * @returns        as many places as are wanted
 * @throws         problemUnfit for a count that cannot be, or a number that is none
 * @cost           2ⁿ to 24 models; beyond, `ask.flips` and count·n exchanges
 * @source         as `worthOfParents`
 */
export function chosenParents(parents: Parents, ask: Ask): ChosenParents {
  const { scores, count } = parents;
  const n = scores.length;
  if (!(Number.isInteger(count) && count >= 1 && count <= n)) {
    throw problemUnfit({ wanted: `1 to ${n} models`, found: String(count) });
  }
  const { qubo } = penaltyFormOf(problemOf(parents));
  const { bits, proof } = solvedWhole(qubo, { ask, searchedTo: SEARCHED_TO });
  const chosen = mended(parents, bits);
  const same = chosen.every((i) => bits[i] === 1) && bits.filter((bit) => bit === 1).length === count;
  return { chosen, worth: worthOfParents(parents, chosen), proven: same && proof !== null };
}

function problemOf(parents: Parents): Constrained {
  const { scores, likeness, count, diversity } = parents;
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const linear = scores.map((score) =>
    high === low ? score - low : (-(1 - diversity) * (score - low)) / (high - low) / count,
  );
  const pairs = Math.max(1, (count * (count - 1)) / 2);
  const couplings = scores.flatMap((_, i) =>
    scores.slice(i + 1).map((_other, k) => {
      const j = i + 1 + k;
      return { i, j, weight: (diversity * (likeness[i]?.[j] ?? Number.NaN)) / pairs };
    }),
  );
  const terms = scores.map((_, variable) => ({ variable, coefficient: 1 }));
  return {
    objective: quboOf({ n: scores.length, linear, couplings }),
    constraints: [{ terms, relation: 'equals', bound: count }],
  };
}

/** Takes the one in or out that is worth most until the number is right. */
function mended(parents: Parents, bits: Bits): readonly number[] {
  let chosen = [...parents.scores.keys()].filter((i) => bits[i] === 1);
  while (chosen.length !== parents.count) {
    const ways =
      chosen.length > parents.count
        ? chosen.map((out) => chosen.filter((i) => i !== out))
        : [...parents.scores.keys()].flatMap((i) => (chosen.includes(i) ? [] : [[...chosen, i]]));
    chosen = ways.reduce((best, way) =>
      worthOfParents(parents, way) > worthOfParents(parents, best) ? way : best,
    );
  }
  return chosen.sort((a, b) => a - b);
}
