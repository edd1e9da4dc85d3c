/** Nothing -> a small model through the phases of the forge, each judged by the numbers that it was asked for. */
import * as z from 'zod';
import type { Recipe } from '../engine/pipeline.ts';
import { forgeBaking } from '../stages/forge-baking.ts';
import { forgeCompress } from '../stages/forge-compress.ts';
import { forgeLatency } from '../stages/forge-latency.ts';
import { forgeCreate } from '../stages/forge-create.ts';
import { forgeMerge } from '../stages/forge-merge.ts';
import { forgeTernary } from '../stages/forge-ternary.ts';
import { forgeTraining } from '../stages/forge-training.ts';
import { Effort, ForgeShape } from '../stages/forge-shape.ts';

/** Each step is a phase, and leaves a `report`. */
export const forgeNano: Recipe = {
  name: 'forge-nano',
  says: 'Takes a decoder of a hundred thousand weights through the phases of the forge, on this machine, in minutes.',
  inputs: {},
  params: z.strictObject({ shape: ForgeShape, parameters: z.int(), effort: Effort }),
  steps: [
    { name: 'create', stage: forgeCreate, takes: {}, params: ['shape', 'parameters', 'effort'] },
    {
      name: 'merge',
      stage: forgeMerge,
      takes: { base: 'create.base', first: 'create.first', second: 'create.second', third: 'create.third' },
      params: ['shape', 'effort'],
    },
    { name: 'ternary', stage: forgeTernary, takes: { model: 'merge.model' }, params: ['shape', 'effort'] },
    {
      name: 'training',
      stage: forgeTraining,
      takes: { model: 'ternary.model' },
      params: ['shape', 'effort'],
    },
    { name: 'baking', stage: forgeBaking, takes: { model: 'training.model' }, params: ['shape', 'effort'] },
    { name: 'compression', stage: forgeCompress, takes: { model: 'baking.model' }, params: ['shape'] },
    { name: 'latency', stage: forgeLatency, takes: { file: 'compression.file' }, params: ['shape'] },
  ],
};

/** What it is asked with. */
export const FORGE_NANO = {
  shape: { layers: 2, width: 64, heads: 4 },
  parameters: 104_000,
  effort: 1,
} as const;
