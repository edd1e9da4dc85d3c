/** What every stage of the forge is told of the model: its shape, and how its weights lie in a file. */
import * as z from 'zod';
import { netOf, type NetShape } from '../forge/net.ts';
import { bytesOfWeights } from '../forge/weights-file.ts';
import type { Arrays } from '../training/places.ts';

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
