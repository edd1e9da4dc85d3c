/** Simulated quantum algorithms as they take part in a comparison: by shots alone, as if nobody could see the state. */
import { ESTIMATES_LEAST, minimizeNoisy } from '../maths/noisy.ts';
import { randomOf, type Random } from '../maths/random.ts';
import type { Qubo } from '../solvers/qubo.ts';
import { fixedAngles, scaleOf } from './angles.ts';
import { diagonalOf } from './diagonal.ts';
import { rotatedState } from './eigensolver.ts';
import { tallied, type Entry, type EntryAsk } from './entrant.ts';
import { problemSimulator, qaoaState } from './qaoa.ts';
import { sampled, type State } from './statevector.ts';

/** Shots of each circuit that is run to find angles, and the share of them, the best ones, whose mean is told. */
const [TUNING_SHOTS, TUNING_SHARE] = [100, 0.1];
/** How far the first step of tuning goes, in radians; gammas in units of the problem's scale. */
const STEP = 0.1;
/** What tuning may take of the budget. */
const TUNING_BUDGET = 0.8;
/** Of the eigensolver's circuit. */
const ROUNDS = 1;

/** A circuit with angles to find, and what a shot of it is worth. */
interface Ansatz {
  readonly diagonal: Float64Array;
  readonly stateAt: (point: Float64Array) => State;
  /** Where tuning begins. */
  readonly start: Float64Array;
}

/** The published angles as they are: one circuit is prepared, and shots are taken of it. */
export function fixedEntry(problem: Qubo, ask: EntryAsk): Entry {
  return entered(() => qaoaAnsatz(problem, ask.depth), { ...ask, evaluations: 0 });
}

/** From the published angles on. */
export function tunedEntry(problem: Qubo, ask: EntryAsk): Entry {
  return entered(() => qaoaAnsatz(problem, ask.depth), ask);
}

/** From where all bits are even, moved a little, so that not all slopes are alike. */
export function rotatedEntry(problem: Qubo, ask: EntryAsk): Entry {
  return entered(() => {
    const random = randomOf(ask.seed);
    const start = Float64Array.from(
      { length: problem.n * (ROUNDS + 1) },
      (_, at) => (at < problem.n ? Math.PI / 2 : 0) + STEP * (random.nextFloat() - 0.5),
    );
    return { diagonal: diagonalOf(problem), stateAt: (point) => rotatedState(problem.n, point), start };
  }, ask);
}

function qaoaAnsatz(problem: Qubo, depth: number): Ansatz {
  const simulator = problemSimulator(problem, 1);
  const scale = scaleOf(problem);
  const { gammas, betas } = fixedAngles(problem, depth);
  return {
    diagonal: simulator.diagonal,
    start: Float64Array.of(...gammas.map((gamma) => gamma * scale), ...betas),
    stateAt: (point) =>
      qaoaState(simulator, {
        gammas: [...point.subarray(0, depth)].map((gamma) => gamma / scale),
        betas: [...point.subarray(depth)],
      }),
  };
}

function entered(prepare: () => Ansatz, ask: EntryAsk): Entry {
  const { shots, seed, clockMs } = ask;
  // What is run for the first time is slow.
  const warm = prepare();
  sampled(warm.stateAt(warm.start), { shots, seed });
  const began = clockMs();
  const ansatz = prepare();
  const { point, evaluations } = tunedByShots(ansatz, ask, began);
  const state = ansatz.stateAt(point);
  const prepared = clockMs();
  const found = sampled(state, { shots, seed });
  const energies = Array.from(found, (x) => ansatz.diagonal[x]!);
  const ended = clockMs();
  return {
    energies: tallied(energies),
    setupMs: prepared - began,
    attemptMs: (ended - prepared) / shots,
    evaluations,
    shots: shots + evaluations * TUNING_SHOTS,
    certain: false,
  };
}

interface Tuned {
  readonly point: Float64Array;
  readonly evaluations: number;
}

/** As many circuits as are allowed and the budget has time for; the first one tells how long they take. */
function tunedByShots(ansatz: Ansatz, ask: EntryAsk, began: number): Tuned {
  const { start } = ansatz;
  if (ask.evaluations < ESTIMATES_LEAST + 1) return { point: start, evaluations: 0 };
  const random = randomOf(ask.seed);
  const estimate = (point: Float64Array): number => estimateAt(ansatz, point, random);
  const before = ask.clockMs();
  estimate(start);
  const oneMs = ask.clockMs() - before;
  const leftMs = TUNING_BUDGET * ask.budgetMs - (before - began);
  const affordable = oneMs === 0 ? ask.evaluations : Math.floor(leftMs / oneMs);
  const estimatesMost = Math.min(ask.evaluations, affordable) - 1;
  if (estimatesMost < ESTIMATES_LEAST) return { point: start, evaluations: 1 };
  const { point, estimates } = minimizeNoisy({ start, estimate, step: STEP, estimatesMost, random });
  return { point, evaluations: estimates + 1 };
}

/** The mean of the best share of new shots. */
function estimateAt({ stateAt, diagonal }: Ansatz, point: Float64Array, random: Random): number {
  const found = sampled(stateAt(point), { shots: TUNING_SHOTS, seed: random.nextUint32() });
  const energies = Array.from(found, (x) => diagonal[x]!).sort((a, b) => a - b);
  const best = energies.slice(0, Math.ceil(TUNING_SHARE * TUNING_SHOTS));
  return best.reduce((sum, energy) => sum + energy, 0) / best.length;
}
