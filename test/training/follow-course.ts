/** A course that a test kills: run with a folder, it trains on with the checkpoints there, a line of output a step. */
import { folderCheckpoints, type Checkpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { type Course, follow } from '../../pipelines/training/course.ts';
import { OptimizerSettings } from '../../pipelines/training/optimizer.ts';
import { perceptron } from '../../pipelines/training/perceptron-graph.ts';
import { digestOf } from '../../registry/base/digest.ts';

export const KEY = digestOf(Buffer.from('a course'));
const BATCH = 8;

/** Learns which of four numbers is the largest. */
export function courseOf(checkpoints: Checkpoints): Course {
  const net = perceptron({ sizes: [4, 16, 4], batch: BATCH });
  const optimizer = OptimizerSettings.parse({ kind: 'adamw', rate: 0.01, grokfast: {} });
  return {
    training: { loss: net.loss, weights: net.initial(1), optimizer, seed: 2 },
    steps: 60,
    left: { in: checkpoints, key: KEY, every: 5 },
    batchAt: (_, { random }) => {
      const rows = Float32Array.from({ length: 4 * BATCH }, () => random.nextFloat());
      const labels = Int32Array.from({ length: BATCH }, (_each, row) => {
        const four = rows.subarray(4 * row, 4 * row + 4);
        return four.indexOf(Math.max(...four));
      });
      return { rows, labels };
    },
  };
}

const [, script, folder] = process.argv;
if (script === import.meta.filename && folder !== undefined) {
  await follow({
    ...courseOf(folderCheckpoints(folder)),
    tell: ({ step }) => process.stdout.write(`${step}\n`),
  });
}
