/** A model -> its final file, each tensor by a codec of its own, within a budget. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { compress } from '../forge/compressed.ts';
import { weightsOf } from '../forge/weights-file.ts';
import { ForgeShape } from './forge-shape.ts';
import { defineStage, required } from './stage.ts';

export const forgeCompress = defineStage({
  name: 'forge-compress',
  version: 1,
  takes: { model: required('tensors') },
  gives: { file: 'tensors', report: 'phase' },
  params: z.strictObject({ shape: ForgeShape }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, write, seed, tell }, { shape }) {
    const latent = await weightsOf(await read('model'));
    const { file, phase } = await compress({ shape, latent, seed, tell });
    await write('file', file);
    await write('report', encodePhase(phase));
  },
});
