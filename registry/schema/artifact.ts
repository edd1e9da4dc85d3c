/** Bytes that a model version is made of, named by what they are and pinned by digest. */
import * as z from 'zod';
import { Digest } from '../base/digest.ts';

/** What the bytes are; the next stage refuses any other. */
export const ArtifactKind = z.enum([
  'source',
  'batch',
  'dataset',
  'onnx',
  'outcomes',
  'measures',
  'package',
  'plan',
  'problems',
  'attempts',
  'comparison',
  'tensors',
  'phase',
]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

export const ArtifactRef = z.strictObject({
  kind: ArtifactKind,
  digest: Digest,
  sizeBytes: z.int().min(0),
});
export type ArtifactRef = z.infer<typeof ArtifactRef>;
