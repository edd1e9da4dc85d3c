/** Measures what simulated circuits are good for: tuning of angles, what shots show, physics, and the comparison itself. */
import { randomOf } from '../../pipelines/maths/random.ts';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { comparisonOf } from '../../pipelines/quantum/comparison.ts';
import { groundState } from '../../pipelines/quantum/eigensolver.ts';
import { ENTRANTS } from '../../pipelines/quantum/entrants.ts';
import { simulatorOf } from '../../pipelines/quantum/layers.ts';
import { standingProblems } from '../../pipelines/quantum/problem-set.ts';
import { problemSimulator, qaoaState, tuned } from '../../pipelines/quantum/qaoa.ts';
import { probabilitiesOf, sampled } from '../../pipelines/quantum/statevector.ts';
import { exhaustive } from '../../pipelines/solvers/exhaustive.ts';
import { couplingsOf, hashOf, quboOf, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const INSTANCES = 200;

export function measureCircuits(): readonly Figure[] {
  return [...tuningFigures(), shotsFigure(), chainFigure(), normFigure(), comparisonFigure()];
}

/** Milliseconds of processor time of this process. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function posed(name: string): Qubo {
  const found = standingProblems(1).find((problem) => problem.name === name);
  if (found === undefined) throw new Error(`no standing problem ${name}`);
  return found.qubo;
}

/** The least of three, from a ramp; beside it the way from depth to depth, once. */
function tuningFigures(): readonly Figure[] {
  return ['cut-16', 'dense-16'].map((name) => {
    const problem = posed(name);
    const timed = (begin: 'ramp' | 'interp') => {
      const before = processorMs();
      const found = tuned(problem, { depth: 8, seed: 1, begin });
      return { ...found, seconds: (processorMs() - before) / 1000 };
    };
    const ramps = [timed('ramp'), timed('ramp'), timed('ramp')];
    const patient = timed('interp');
    const [first] = ramps;
    return atMost(
      `QAOA of 8 layers tuned, 16 qubits, ${name} (CPU)`,
      { value: Math.min(...ramps.map(({ seconds }) => seconds)), target: 0.25, unit: 's' },
      `mean ${(first?.value ?? 0).toFixed(2)} by ${first?.evaluations ?? 0} circuits; from depth to depth ${patient.value.toFixed(2)} in ${patient.seconds.toFixed(2)} s`,
    );
  });
}

/** Every second pair is coupled, with whole numbers from −9 to 9. */
function randomProblem(seed: number, n: number): Qubo {
  const random = randomOf(seed);
  const whole = (): number => random.nextBelow(19) - 9;
  const couplings = Array.from({ length: n }, (_, i) =>
    Array.from({ length: i }, (_each, j) => ({ i, j, weight: random.nextBelow(2) === 0 ? whole() : 0 })),
  ).flat();
  return quboOf({ n, linear: Array.from({ length: n }, whole), couplings });
}

function shotsFigure(): Figure {
  const [n, shots] = [12, 1000];
  let [found, guessed] = [0, 0];
  for (let seed = 1; seed <= INSTANCES; seed++) {
    const problem = randomProblem(seed, n);
    const least = exhaustive.solve(problem, { seed: 1, flips: 1 }).energy;
    const diagonal = diagonalOf(problem);
    const { angles } = tuned(problem, { depth: 2, seed, starts: 2 });
    const seen = sampled(qaoaState(problemSimulator(problem, 1), angles), { shots, seed });
    if (seen.some((x) => diagonal[x] === least)) found++;
    const random = randomOf(seed);
    if (seen.some(() => diagonal[random.nextBelow(diagonal.length)] === least)) guessed++;
  }
  return atLeast(
    `best of ${shots} shots is the optimum, ${n} qubits, ${INSTANCES} problems, 2 layers`,
    { value: (100 * found) / INSTANCES, target: 95, unit: '%', digits: 1 },
    `as many blind guesses ${((100 * guessed) / INSTANCES).toFixed(1)}%`,
  );
}

/** An open chain of four spins, critical: its lowest energy is 1 − 1/sin(π/18). P. Pfeuty, Annals of Physics 57 (1970). */
function chainFigure(): Figure {
  const diagonal = Float64Array.from({ length: 16 }, (_, x) => {
    const equal = [0, 1, 2].filter((i) => ((x >> i) & 1) === ((x >> (i + 1)) & 1)).length;
    return 3 - 2 * equal;
  });
  const { energy } = groundState({ diagonal, field: 1 }, { depth: 4, seed: 1 });
  const exact = 1 - 1 / Math.sin(Math.PI / 18);
  return atMost(
    'eigensolver, critical chain of 4 spins: above the exact energy',
    { value: energy - exact, target: 1e-3, unit: '', digits: 12 },
    `${energy.toFixed(9)} against ${exact.toFixed(9)}`,
  );
}

function normFigure(): Figure {
  const simulator = simulatorOf(diagonalOf(posed('dense-16')));
  simulator.begin(0);
  for (let layer = 0; layer < 200; layer++) simulator.apply(0, { gamma: 0.37, beta: 0.81 });
  const [state] = simulator.registers;
  const norm = state === undefined ? 0 : probabilitiesOf(state).reduce((sum, share) => sum + share, 0);
  return atMost('norm of 16 qubits after 200 layers: off 1 by', {
    value: Math.abs(norm - 1),
    target: 1e-10,
    unit: '',
    digits: 15,
  });
}

/** The standing comparison: a simulated circuit beside the fastest classical solver. */
function comparisonFigure(): Figure {
  const [seed, budgetMs] = [1, 50];
  const ask = { seed, budgetMs, shots: 1000, evaluations: 60, depth: 5, clockMs: processorMs };
  const problems = standingProblems(seed).map(({ name, says, qubo }) => {
    const { n, offset, linear } = qubo;
    const couplings = [...couplingsOf(qubo)];
    return { name, says, hash: hashOf(qubo), n, offset, linear: [...linear], couplings };
  });
  const began = processorMs();
  const attempts = ENTRANTS.map((entrant) => ({
    format: 'fettle-attempts/1' as const,
    by: entrant.name,
    says: entrant.says,
    kind: entrant.kind,
    attempts: problems.map(({ name, ...terms }) => {
      const entry = entrant.enter(quboOf(terms), ask);
      return { problem: name, queueMs: 0, dollars: null, ...entry };
    }),
  }));
  const { rows, verdict } = comparisonOf({ problems, attempts, seed, budgetMs });
  const spent = (processorMs() - began) / 1000;
  const told = rows
    .filter(({ slower }) => slower !== null)
    .map(
      ({ by, slower }) =>
        `${by} ${slower?.value == null ? 'never' : `${Number(slower.value).toFixed(0)} times`}`,
    );
  return {
    what: `${rows.length} solvers on ${problems.length} problems, time to solution beside the fastest classical one`,
    found: verdict.answer,
    target: '–',
    met: null,
    peer: `${told.join(', ')}; ${spent.toFixed(1)} s of the processor in all`,
  };
}
