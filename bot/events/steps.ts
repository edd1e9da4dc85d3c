/** What the delivery log keeps of steps that must not be made twice, and how it is read again. */
import * as z from 'zod';

/** Somebody was about to start a run, and what they claim it by. */
export const Intent = z.strictObject({ at: z.string(), claim: z.string() });
export type Intent = z.infer<typeof Intent>;

export const Started = z.strictObject({ runId: z.int().nullable(), url: z.string().nullable() });

/** Who asked for a run, so that they are told how it ended. */
export const AskedRun = z.strictObject({
  thread: z.int(),
  comment: z.int(),
  model: z.string().nullable(),
  /** What keeps others from starting it too. */
  lock: z.strictObject({ name: z.string(), claim: z.string() }).optional(),
});
export type AskedRun = z.infer<typeof AskedRun>;

export function keyOfRun(id: number): string {
  return `run-${id}`;
}
