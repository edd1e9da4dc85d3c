/** Everything that can go wrong while weights are trained. */
import { defineFault } from '../../registry/base/fault.ts';

export const trainingDiverged = defineFault('training/diverged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { step: number; loss: number; where: string }) =>
    `step ${d.step}: wanted a finite loss and finite gradients, found a loss of ${d.loss} and no number in ${d.where}`,
  mend: 'The weights are as they were before that step. Lower the rate or clip the gradients, and look for odd values in the batch.',
});

export const batchUnfit = defineFault('training/batch-unfit', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { input: string; wanted: string; found: string }) =>
    `input ${d.input}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Feed every input of the graph with as many numbers as its shape has.',
});

export const checkpointUnfit = defineFault('training/checkpoint-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted a checkpoint with ${d.wanted}, found ${d.found}`,
  mend: 'Go on with the settings and the Fettle that wrote it, or begin anew without it.',
});
