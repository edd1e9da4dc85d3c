/** A model -> the same with one task more, learned by a controlled curriculum and verified replay. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { teach } from '../forge/taught.ts';
import { weightsOf } from '../forge/weights-file.ts';
import { Effort, fileOf, ForgeShape } from './forge-shape.ts';
import { defineStage, required } from './stage.ts';

export const forgeTraining = defineStage({
  name: 'forge-training',
  version: 1,
  takes: { model: required('tensors') },
  gives: { model: 'tensors', report: 'phase' },
  params: z.strictObject({ shape: ForgeShape, effort: Effort }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, write, seed, tell }, { shape, effort }) {
    const before = await weightsOf(await read('model'));
    const { latent, phase } = await teach({ shape, latent: before, seed, tell, effort });
    await write('model', await fileOf(shape, latent));
    await write('report', encodePhase(phase));
  },
});
