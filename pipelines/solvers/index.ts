/** Every solver of this room, by what it is good for: proof, speed, patience, stubbornness. */
import { annealing } from './annealing.ts';
import { exhaustive } from './exhaustive.ts';
import { quantumAnnealing } from './quantum-annealing.ts';
import type { Solver } from './solver.ts';
import { tabu } from './tabu.ts';
import { tempering } from './tempering.ts';

export const SOLVERS: readonly Solver[] = [exhaustive, annealing, tempering, tabu, quantumAnnealing];
