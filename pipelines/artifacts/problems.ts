/** Problems: quadratic functions of bits by name, as every solver of a comparison is given them. */
import * as z from 'zod';
import { Digest } from '../../registry/base/digest.ts';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-problems/1';

export const NamedProblem = z.strictObject({
  /** Unique in its set. */
  name: z.string().min(1).max(100),
  says: z.string(),
  /** Of the function: `hashOf`. */
  hash: Digest,
  n: z.int().min(1),
  offset: z.number(),
  linear: z.array(z.number()),
  couplings: z.array(z.strictObject({ i: z.int().min(0), j: z.int().min(0), weight: z.number() })),
});
export type NamedProblem = z.infer<typeof NamedProblem>;

const Problems = z.strictObject({ format: z.literal(FORMAT), problems: z.array(NamedProblem).min(1) });

export function encodeProblems(problems: readonly NamedProblem[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, problems })}\n`);
}

/** @throws artifactMisshapen */
export function decodeProblems(bytes: Uint8Array): readonly NamedProblem[] {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Problems.parse(JSON.parse(text)).problems;
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
