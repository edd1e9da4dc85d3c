/** The same problems -> every solver under the same budget -> who was how fast, beside the truth and blind chance. */
import * as z from 'zod';
import type { Recipe, Step } from '../engine/pipeline.ts';
import { ENTRANTS } from '../quantum/entrants.ts';
import { ATTEMPTS, attemptName, Effort } from '../stages/attempt.ts';
import { compareSolvers } from '../stages/compare-solvers.ts';
import { pose } from '../stages/pose.ts';

const attempts: readonly Step[] = ATTEMPTS.map((stage) => ({
  name: stage.name,
  stage,
  takes: { problems: 'pose.problems' },
  params: ['effort'],
}));

export const quantumBenchmark: Recipe = {
  name: 'quantum-benchmark',
  says: 'Gives the same problems to every solver, simulated quantum ones among them, and says who was how fast.',
  inputs: {
    source: { kind: 'source', required: false },
    machine: { kind: 'attempts', required: false },
  },
  params: z.strictObject({ name: z.string().nullable(), effort: Effort }),
  steps: [
    { name: 'pose', stage: pose, takes: { source: 'input.source' }, params: ['name'] },
    ...attempts,
    {
      name: 'compare-solvers',
      stage: compareSolvers,
      takes: {
        problems: 'pose.problems',
        machine: 'input.machine',
        ...Object.fromEntries(ENTRANTS.map(({ name }) => [name, `${attemptName(name)}.attempts`])),
      },
      params: ['effort'],
    },
  ],
};
