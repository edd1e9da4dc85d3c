/** What every stage of the forge is told of the model, how its weights lie in a file, and a stage that teaches it. */
import * as z from 'zod';
import { encodePhase, type Phase } from '../artifacts/phase.ts';
import { netOf, type NetShape } from '../forge/net.ts';
import { bytesOfWeights, weightsOf } from '../forge/weights-file.ts';
import type { Arrays } from '../training/places.ts';
import { defineStage, required, type Stage, type StageContext } from './stage.ts';

export const ForgeShape = z.strictObject({
  layers: z.int().min(1),
  width: z.int().min(8),
  heads: z.int().min(1),
});

/** How much of the full steps and generations is done. */
export const Effort = z.number().gt(0).max(1);

export function fileOf(shape: NetShape, weights: Arrays): Promise<Uint8Array> {
  return bytesOfWeights(weights, netOf(shape, 1).decoder.shapes);
}

interface Lesson extends Pick<StageContext, 'seed' | 'tell'> {
  readonly shape: NetShape;
  readonly latent: Arrays;
  readonly effort: number;
}

/** A stage that gives a model what a lesson makes of it, and the report of that. */
export function forgeLesson(
  name: string,
  teach: (lesson: Lesson) => Promise<{ readonly latent: Arrays; readonly phase: Omit<Phase, 'format'> }>,
): Stage {
  return defineStage({
    name,
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
}
