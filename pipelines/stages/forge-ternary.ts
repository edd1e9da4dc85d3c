/** A model -> one of three values a weight, learned through the rounding: its floats, and its small file. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { ternarize } from '../forge/ternary.ts';
import { weightsOf } from '../forge/weights-file.ts';
import { Effort, fileOf, ForgeShape } from './forge-shape.ts';
import { defineStage, required } from './stage.ts';

export const forgeTernary = defineStage({
  name: 'forge-ternary',
  version: 1,
  takes: { model: required('tensors') },
  gives: { model: 'tensors', file: 'tensors', report: 'phase' },
  params: z.strictObject({ shape: ForgeShape, effort: Effort }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, write, seed, tell }, { shape, effort }) {
    const weights = await weightsOf(await read('model'));
    const { latent, file, phase } = await ternarize({ shape, weights, seed, tell, effort });
    await write('model', await fileOf(shape, latent));
    await write('file', file);
    await write('report', encodePhase(phase));
  },
});
