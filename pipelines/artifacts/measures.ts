/** Measures: what a model costs on the machine that measured it. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-measures/1';

export const Measures = z.strictObject({
  format: z.literal(FORMAT),
  sizeBytes: z.int().min(0),
  /** Bits of the compressed file; left out by whoever measured before it was asked for. */
  modelBits: z.int().min(0).exactOptional(),
  /** Single predictions, featurising included, one thread, after a warm-up; milliseconds. */
  latency: z.strictObject({ n: z.int().min(1), p50Ms: z.number(), p99Ms: z.number() }),
});
export type Measures = z.infer<typeof Measures>;

export function encodeMeasures(measures: Omit<Measures, 'format'>): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...measures })}\n`);
}

/** @throws artifactMisshapen */
export function decodeMeasures(bytes: Uint8Array): Measures {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Measures.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
