/** The parts of a problem as programs for machines elsewhere, and what this machine would count for one. */
import { fixedAngles, FIXED_DEPTH_MOST } from '../quantum/angles.ts';
import { countsOf, type Counts } from '../quantum/counts.ts';
import { problemSimulator, qaoaState } from '../quantum/qaoa.ts';
import { sampled, type Shots } from '../quantum/statevector.ts';
import { anglesFor, type AngleSource } from '../quantum/trial.ts';
import type { Reduced } from '../solvers/reduce.ts';
import type { QaoaProgram } from './circuit-runner.ts';

export interface Preparing {
  /** Layers, from 1. */
  readonly depth: number;
  readonly seed: number;
  /** As for `tuned`. */
  readonly share: number;
  /** `interp` unless told. */
  readonly angles?: AngleSource;
  /** Parts of more variables take fixed angles: they are too large to be tuned here. */
  readonly tunedTo: number;
}

export interface Prepared {
  /** One for each part, in their order. */
  readonly programs: readonly QaoaProgram[];
  /** Circuits that were simulated here to find the angles. */
  readonly evaluations: number;
}

export function programsFor({ parts }: Reduced, { tunedTo, ...ask }: Preparing): Prepared {
  const prepared = parts.map(({ qubo: problem }) => {
    if (problem.n > tunedTo) {
      return { problem, angles: fixedAngles(problem, Math.min(ask.depth, FIXED_DEPTH_MOST)), evaluations: 0 };
    }
    return { problem, ...anglesFor(problem, ask) };
  });
  return {
    programs: prepared.map(({ problem, angles }) => ({ problem, angles })),
    evaluations: prepared.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
}

/** @throws problemUnfit for a program of more qubits than are simulated here */
export function simulatedCounts({ problem, angles }: QaoaProgram, shots: Shots): Counts {
  const codes = sampled(qaoaState(problemSimulator(problem, 1), angles), shots);
  return countsOf(problem.n, Array.from(codes, BigInt));
}
