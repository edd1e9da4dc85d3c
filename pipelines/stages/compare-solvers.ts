/** What every solver found on the same problems -> the comparison, with its verdict. */
import * as z from 'zod';
import { decodeAttempts } from '../artifacts/attempts.ts';
import { encodeComparison } from '../artifacts/comparison.ts';
import { decodeProblems } from '../artifacts/problems.ts';
import { comparisonOf } from '../quantum/comparison.ts';
import { ENTRANTS } from '../quantum/entrants.ts';
import { Effort } from './attempt.ts';
import { defineStage, optional, required } from './stage.ts';

const NAMES: readonly string[] = ENTRANTS.map(({ name }) => name);

export const compareSolvers = defineStage({
  name: 'compare-solvers',
  version: 1,
  takes: {
    problems: required('problems'),
    /** What a machine elsewhere gave, on the same problems. */
    machine: optional('attempts'),
    ...Object.fromEntries(NAMES.map((name) => [name, required('attempts')])),
  },
  gives: { comparison: 'comparison' },
  params: z.strictObject({ effort: Effort }),
  reaches: 'nothing',

  async perform({ read, readIfAny, write, seed }, { effort }) {
    const problems = decodeProblems(await read('problems'));
    const here = await Promise.all(NAMES.map(async (name) => decodeAttempts(await read(name))));
    const machine = await readIfAny('machine');
    const attempts = machine === null ? here : [...here, decodeAttempts(machine)];
    const { budgetMs } = effort;
    await write('comparison', encodeComparison(comparisonOf({ problems, attempts, seed, budgetMs })));
  },
});
