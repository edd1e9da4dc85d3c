/** A base and its specialists -> one model, by a merge whose genes are searched. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { combine } from '../forge/combine.ts';
import { weightsOf } from '../forge/weights-file.ts';
import { Effort, fileOf, ForgeShape } from './forge-shape.ts';
import { defineStage, required } from './stage.ts';

export const forgeMerge = defineStage({
  name: 'forge-merge',
  version: 1,
  takes: {
    base: required('tensors'),
    first: required('tensors'),
    second: required('tensors'),
    third: required('tensors'),
  },
  gives: { model: 'tensors', report: 'phase' },
  params: z.strictObject({ shape: ForgeShape, effort: Effort }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, write, seed, tell }, { shape, effort }) {
    const [base, ...specialists] = await Promise.all(
      ['base', 'first', 'second', 'third'].map(async (slot) => weightsOf(await read(slot))),
    );
    const { weights, phase } = await combine({ shape, base: base ?? {}, specialists, seed, tell, effort });
    await write('model', await fileOf(shape, weights));
    await write('report', encodePhase(phase));
  },
});
