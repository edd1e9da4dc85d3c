/** A simulated quantum computer tries a problem as a real one would: by circuits and shots, beside blind guesses. */
import { randomOf } from '../maths/random.ts';
import { energyOf, type Bits, type Qubo } from '../solvers/qubo.ts';
import type { Reduced } from '../solvers/reduce.ts';
import { fixedAngles, type Angles } from './angles.ts';
import { diagonalOf } from './diagonal.ts';
import { groundState } from './eigensolver.ts';
import { problemSimulator, qaoaState, tuned } from './qaoa.ts';
import { sampled, type State } from './statevector.ts';

export const CIRCUITS = ['qaoa', 'vqe'] as const;
export type CircuitName = (typeof CIRCUITS)[number];

/** `fixed` are those published, which cost nothing to find; for the others see `tuned`. */
export const ANGLE_SOURCES = ['fixed', 'ramp', 'interp'] as const;
export type AngleSource = (typeof ANGLE_SOURCES)[number];

export interface TrialAsk {
  /** QAOA unless told; the eigensolver simulates one gate at a time and wants few qubits. */
  readonly circuit?: CircuitName;
  /** Layers, from 1. */
  readonly depth: number;
  /** The share of the best shots that QAOA's angles are tuned for; all unless told. */
  readonly share?: number;
  readonly shots: number;
  readonly seed: number;
  /** Where QAOA's angles come from; `interp` unless told. */
  readonly angles?: AngleSource;
}

export interface Tried {
  readonly bits: Bits;
  readonly energy: number;
}

export interface Trial {
  /** The best that the shots showed, put together from all parts. */
  readonly quantum: Tried;
  /** The best of as many blind guesses at the same parts. */
  readonly guessed: Tried;
  /** Qubits of the largest part. */
  readonly qubits: number;
  /** How often a circuit was run to find the angles; a real machine would take shots for each. */
  readonly evaluations: number;
  /** Shots taken in the end, over all parts. */
  readonly shots: number;
  /** QAOA's angles of the largest part; null where reductions left none, and for the eigensolver, which has many. */
  readonly angles: Angles | null;
}

/**
 * A circuit with tuned angles for each part that reductions leave, then shots, of which the best counts.
 *
 * @param problem  any
 * @param given    its parts, each of at most 24 variables, and the effort
 * @returns        the best bits of the shots and of blind guesses, and what they cost
 * @throws         problemUnfit where a part has more than 24 variables
 * @cost           that of `tuned` for each part
 * @source         E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028
 */
export function tried(problem: Qubo, { parts, ask }: { parts: Reduced; ask: TrialAsk }): Trial {
  const found = parts.parts.map(({ qubo }) => {
    const diagonal = diagonalOf(qubo);
    const { state, angles, evaluations } =
      ask.circuit === 'vqe' ? eigensolved(diagonal, ask) : optimized(qubo, ask);
    const shots = sampled(state, { shots: ask.shots, seed: ask.seed });
    const random = randomOf(ask.seed);
    const guesses = shots.map(() => random.nextBelow(diagonal.length));
    return { angles, evaluations, quantum: bestOf(diagonal, shots), guessed: bestOf(diagonal, guesses) };
  });
  const together = (codes: readonly number[]): Tried => {
    const bits = parts.lift(
      codes.map((code, at) => Uint8Array.from(parts.parts[at]!.variables, (_, i) => (code >>> i) & 1)),
    );
    return { bits, energy: energyOf(problem, bits) };
  };
  return {
    quantum: together(found.map(({ quantum }) => quantum)),
    guessed: together(found.map(({ guessed }) => guessed)),
    qubits: parts.parts[0]?.qubo.n ?? 0,
    evaluations: found.reduce((sum, { evaluations }) => sum + evaluations, 0),
    shots: found.length * ask.shots,
    angles: found[0]?.angles ?? null,
  };
}

interface Prepared {
  readonly state: State;
  readonly angles: Angles | null;
  readonly evaluations: number;
}

/**
 * Angles as they are asked for.
 *
 * @param problem  up to 24 variables; any number for `fixed`
 * @param ask      where they come from, and what tuning may take
 * @returns        angles, and how often a circuit was run to find them
 * @throws         problemUnfit beyond 24 variables
 * @cost           that of `tuned`; none for `fixed`
 * @source         as `fixedAngles` and `tuned`
 */
export function anglesFor(
  problem: Qubo,
  { depth, seed, share = 1, angles: source = 'interp' }: Omit<TrialAsk, 'circuit' | 'shots'>,
): { readonly angles: Angles; readonly evaluations: number } {
  if (source === 'fixed') return { angles: fixedAngles(problem, depth), evaluations: 0 };
  const { angles, evaluations } = tuned(problem, { depth, seed, share, begin: source });
  return { angles, evaluations };
}

function optimized(qubo: Qubo, ask: TrialAsk): Prepared {
  const { angles, evaluations } = anglesFor(qubo, ask);
  return { state: qaoaState(problemSimulator(qubo, 1), angles), angles, evaluations };
}

function eigensolved(diagonal: Float64Array, { depth, seed }: TrialAsk): Prepared {
  const { state, evaluations } = groundState({ diagonal, field: 0 }, { depth, seed });
  return { state, angles: null, evaluations };
}

function bestOf(diagonal: Float64Array, codes: Int32Array): number {
  return codes.reduce((best, code) => (diagonal[code]! < diagonal[best]! ? code : best), codes[0] ?? 0);
}
