/** One performance of a recipe: its name, its steps and how it ended. */
import * as z from 'zod';
import { Digest } from '../base/digest.ts';
import { ArtifactRef } from './artifact.ts';

/** `run-` and 16 hex digits of the plan's digest: the same recipe on the same inputs is the same run. */
export const RunId = z
  .string()
  .regex(/^run-[0-9a-f]{16}$/, 'run-<16 hex digits>')
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

export const StepRecord = z.strictObject({
  step: z.string(),
  stage: z.string(),
  /** Digest of stage, parameters, seed, inputs and code version. */
  digest: Digest,
  outputs: z.record(z.string(), ArtifactRef),
  /** Milliseconds it took when it was performed; 0 when it was known already. */
  tookMs: z.int().min(0),
  known: z.boolean(),
});
export type StepRecord = z.infer<typeof StepRecord>;

export const Outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('completed') }),
  /** The fault's code, its sentence and the step where it happened (null: outside any step). */
  z.strictObject({
    kind: z.literal('failed'),
    fault: z.string(),
    says: z.string(),
    step: z.string().nullable(),
  }),
]);
export type Outcome = z.infer<typeof Outcome>;
