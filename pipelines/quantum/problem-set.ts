/** The problems of the standing comparison: small enough that the truth about each is known, of three kinds and four sizes. */
import { randomOf, shuffle, type Random } from '../maths/random.ts';
import { quboOfCut } from '../solvers/max-cut.ts';
import { quboOfMaxSat, type Clause } from '../solvers/max-sat.ts';
import { quboOf, type Coupling, type Qubo } from '../solvers/qubo.ts';

/** Variables of each kind. */
const SIZES = [10, 12, 14, 16] as const;
const DEGREE = 3;
/** Clauses a variable: where about as many choices are good as are bad, and the best ones are hardest to see. */
const CLAUSES = 3;

export interface PosedProblem {
  readonly name: string;
  readonly says: string;
  readonly qubo: Qubo;
}

/**
 * Cuts of 3-regular graphs, for which fixed angles are known; sums over all pairs with weights from −9 to 9; and
 * clauses of two literals with weights from 1 to 9.
 *
 * @param seed  the same seed poses the same problems
 * @returns     twelve problems of 10 to 16 variables
 * @throws      never
 * @cost        the pairs of the largest
 * @source      pairing of half-edges: B. Bollobás, European J. Combinatorics 1 (1980) 311
 */
export function standingProblems(seed: number): readonly PosedProblem[] {
  const random = randomOf(seed);
  return SIZES.flatMap((n) => [
    { name: `cut-${n}`, says: `the largest cut of a 3-regular graph of ${n} vertices`, qubo: cut(n, random) },
    { name: `dense-${n}`, says: `the smallest sum over all pairs of ${n} bits`, qubo: dense(n, random) },
    { name: `clauses-${n}`, says: `the lightest broken clauses over ${n} bits`, qubo: clauses(n, random) },
  ]);
}

/** Half-edges paired at random, again until no edge is a loop or double. */
function cut(n: number, random: Random): Qubo {
  const ends = Array.from({ length: DEGREE * n }, (_, at) => at % n);
  for (;;) {
    shuffle(ends, random);
    const edges: Coupling[] = [];
    for (let at = 0; at < ends.length; at += 2) edges.push({ i: ends[at]!, j: ends[at + 1]!, weight: 1 });
    const seen = new Set(edges.map(({ i, j }) => `${Math.min(i, j)} ${Math.max(i, j)}`));
    if (seen.size === edges.length && edges.every(({ i, j }) => i !== j)) return quboOfCut({ n, edges });
  }
}

function dense(n: number, random: Random): Qubo {
  const whole = (): number => random.nextBelow(19) - 9;
  const couplings = Array.from({ length: n }, (_, i) =>
    Array.from({ length: i }, (_each, j) => ({ i, j, weight: whole() })),
  ).flat();
  return quboOf({ n, linear: Array.from({ length: n }, whole), couplings });
}

function clauses(n: number, random: Random): Qubo {
  const made = Array.from({ length: CLAUSES * n }, (): Clause => {
    const first = random.nextBelow(n);
    const second = (first + 1 + random.nextBelow(n - 1)) % n;
    const literals = [first, second].map((i) => (random.nextBelow(2) === 0 ? i + 1 : -(i + 1)));
    return { literals, weight: 1 + random.nextBelow(9) };
  });
  return quboOfMaxSat({ variables: n, clauses: made, offset: 0 }).qubo;
}
