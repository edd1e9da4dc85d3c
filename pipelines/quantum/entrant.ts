/** Whoever takes part in a comparison: what it is asked, and what it says of one problem. */
import type { SolverKind } from '../../registry/schema/optimisation.ts';
import type { Attempt } from '../artifacts/attempts.ts';
import type { Qubo } from '../solvers/qubo.ts';

/** The same for everybody. */
export interface EntryAsk {
  readonly seed: number;
  /** What tuning and attempts may take on each problem; no attempt is begun after it. */
  readonly budgetMs: number;
  /** Shots of a circuit whose angles are found. */
  readonly shots: number;
  /** Circuits that may be run to find angles. */
  readonly evaluations: number;
  /** Layers of QAOA, from 1 to `FIXED_DEPTH_MOST`. */
  readonly depth: number;
  /** Milliseconds of the processor, of a clock that only goes forward. */
  readonly clockMs: () => number;
}

/** What was found on one problem; nothing on this machine waits in a queue or knows its price. */
export type Entry = Omit<Attempt, 'problem' | 'queueMs' | 'dollars'>;

export interface Entrant {
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  readonly kind: SolverKind;
  /** @throws problemUnfit where the problem has more variables than it takes */
  enter(problem: Qubo, ask: EntryAsk): Entry;
}

/** Each value and how often it came, ascending. */
export function tallied(energies: readonly number[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const energy of energies) counts.set(energy, (counts.get(energy) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}
