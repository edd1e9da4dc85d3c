/** Every solver of this room, by what it is good for: proof, speed, stubbornness. */
import { annealing } from './annealing.ts';
import { exhaustive } from './exhaustive.ts';
import type { Solver } from './solver.ts';
import { tabu } from './tabu.ts';

export const SOLVERS: readonly Solver[] = [exhaustive, annealing, tabu];
