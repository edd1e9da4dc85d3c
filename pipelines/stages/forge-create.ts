/** Nothing -> a base and three specialists of it, each trained on a mixture of its own. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { create } from '../forge/create.ts';
import { Effort, fileOf, ForgeShape } from './forge-shape.ts';
import { defineStage } from './stage.ts';

export const forgeCreate = defineStage({
  name: 'forge-create',
  version: 1,
  takes: {},
  gives: { base: 'tensors', first: 'tensors', second: 'tensors', third: 'tensors', report: 'phase' },
  params: z.strictObject({ shape: ForgeShape, effort: Effort, parameters: z.int().min(1) }),
  heavy: true,
  reaches: 'nothing',

  async perform({ write, seed, tell }, { shape, parameters, effort }) {
    const { base, specialists, phase } = await create({
      shape,
      parametersAsked: parameters,
      seed,
      tell,
      effort,
    });
    await write('base', await fileOf(shape, base));
    for (const [index, slot] of ['first', 'second', 'third'].entries()) {
      await write(slot, await fileOf(shape, specialists[index] ?? base));
    }
    await write('report', encodePhase(phase));
  },
});
