import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Counts } from '../../pipelines/quantum/counts.ts';
import { problemSimulator, qaoaState } from '../../pipelines/quantum/qaoa.ts';
import { probabilitiesOf } from '../../pipelines/quantum/statevector.ts';
import { taskOf } from '../../pipelines/runners/braket-action.ts';
import { countsIn } from '../../pipelines/runners/braket-results.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { ANGLES, jobOf, LOPSIDED } from './braket-bench.ts';

const MISSING = peerMissing('braket.default_simulator');
const SHOTS = 4000;
const OTHER = quboOf({ n: 2, linear: [-1, 2], couplings: [] });
const JOBS = [[LOPSIDED], [LOPSIDED, OTHER]].map((problems) =>
  jobOf({ programs: problems.map((problem) => ({ problem, angles: ANGLES })), shots: SHOTS }),
);

/** How many deviations the shares are at most from ours, with bit q of an index for variable `order[q]`. */
function farthest({ times, shots }: Counts, order: readonly number[]): number {
  const shares = probabilitiesOf(qaoaState(problemSimulator(LOPSIDED, 1), ANGLES));
  const distances = [...shares].map((share, index) => {
    const measured = order.reduce((sum, variable, q) => sum + (((index >> variable) & 1) << q), 0);
    const seen = (times.get(BigInt(measured)) ?? 0) / shots;
    return Math.abs(seen - share) / Math.sqrt((share * (1 - share)) / shots);
  });
  return Math.max(...distances);
}

const NAME = 'what Amazon’s own schemas and simulator make of our actions';

describe.skipIf(MISSING !== null)(MISSING === null ? NAME : `${NAME} (${MISSING})`, () => {
  /** What it leaves of each job, read as the runner reads it. */
  let left: readonly (readonly Counts[])[] = [];
  beforeAll(async () => {
    const tasks = JOBS.map((job) => JSON.stringify(taskOf(job, [...job.programs.keys()])));
    const texts = peer([path.join(import.meta.dirname, 'run-braket.py')], { input: tasks.join('\n') });
    left = await Promise.all(
      JOBS.map((job, at) =>
        countsIn(texts.split('\n')[at] ?? '', {
          where: 'results.json',
          id: 'task',
          folder: '',
          read: async () => '',
          shots: job.shots,
          qubits: job.programs.map(({ problem }) => problem.n),
        }),
      ),
    );
  });

  it('is counted with bit q for variable q', () => {
    const [counts] = left[0] ?? [];
    if (counts === undefined) throw new Error('no counts');
    expect(counts).toMatchObject({ n: 3, shots: SHOTS });
    expect(farthest(counts, [0, 1, 2])).toBeLessThan(5);
    expect(farthest(counts, [2, 1, 0])).toBeGreaterThan(10);
  });

  it('is a set of programs where there are several', () => {
    expect(left[1]?.map(({ n, shots }) => [n, shots])).toEqual([
      [3, SHOTS],
      [2, SHOTS],
    ]);
  });
});
