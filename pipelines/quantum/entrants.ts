/** Everybody who takes part in a comparison: exact search, blind chance, each heuristic, and simulated quantum algorithms. */
import { randomOf } from '../maths/random.ts';
import { exhaustive } from '../solvers/exhaustive.ts';
import { SOLVERS } from '../solvers/index.ts';
import { energyOf } from '../solvers/qubo.ts';
import type { Solver } from '../solvers/solver.ts';
import { tallied, type Entrant, type Entry, type EntryAsk } from './entrant.ts';
import { fixedEntry, rotatedEntry, tunedEntry } from './shot-entries.ts';

/** Flips that a heuristic may weigh in one attempt, for each variable; then it begins anew. */
const FLIPS_A_VARIABLE = 200;
const ATTEMPTS_MOST = 20_000;
/** Guesses between two looks at the clock, which costs as much as one of them. */
const GUESSES_AT_ONCE = 100;

const chance: Entrant = {
  name: 'chance',
  says: 'Guesses blindly, each bit by a coin.',
  kind: 'chance',
  enter: (problem, ask) =>
    repeated(ask, (seed) => {
      const random = randomOf(seed);
      return Array.from({ length: GUESSES_AT_ONCE }, () =>
        energyOf(
          problem,
          Uint8Array.from({ length: problem.n }, () => random.nextUint32() >>> 31),
        ),
      );
    }),
};

function classical(solver: Solver): Entrant {
  const { name, says } = solver;
  const certain = solver === exhaustive;
  return {
    name,
    says,
    kind: certain ? 'exact' : 'classical',
    enter: (problem, ask) => {
      const flips = FLIPS_A_VARIABLE * problem.n;
      const found = repeated(ask, (seed) => [solver.solve(problem, { seed, flips }).energy]);
      return { ...found, certain };
    },
  };
}

/** In the order in which a comparison tells them. */
export const ENTRANTS: readonly Entrant[] = [
  ...SOLVERS.map(classical),
  {
    name: 'qaoa-fixed',
    says: 'QAOA at the angles published for 3-regular graphs, which cost nothing to find.',
    kind: 'simulated',
    enter: fixedEntry,
  },
  {
    name: 'qaoa-tuned',
    says: 'QAOA from these angles on, tuned for the best tenth of the shots as a machine would tune it: by shots.',
    kind: 'simulated',
    enter: tunedEntry,
  },
  {
    name: 'vqe',
    says: 'The eigensolver: rotations with one round of controlled Z, tuned by shots.',
    kind: 'simulated',
    enter: rotatedEntry,
  },
  chance,
];

/** Of the budget, before the clock counts: what is run for the first time is slow. */
const WARM = 0.1;

/** Attempts from seed to seed until the budget is spent, at least one. */
function repeated(
  { seed, budgetMs, clockMs }: EntryAsk,
  attempt: (seed: number) => readonly number[],
): Entry {
  const energies: number[] = [];
  const warmFrom = clockMs();
  do attempt(seed);
  while (clockMs() - warmFrom < WARM * budgetMs);
  const began = clockMs();
  let spent = 0;
  for (let turn = 0; energies.length < ATTEMPTS_MOST && (turn === 0 || spent < budgetMs); turn++) {
    energies.push(...attempt(seed + turn));
    spent = clockMs() - began;
  }
  const attemptMs = spent / energies.length;
  return { energies: tallied(energies), setupMs: 0, attemptMs, evaluations: 0, shots: 0, certain: false };
}
