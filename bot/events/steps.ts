/** What the delivery log keeps of steps that must not be made twice, and how it is read again. */
import * as z from 'zod';

/** Somebody was about to start a run. */
export const Intent = z.strictObject({ at: z.string() });

export const Started = z.strictObject({ runId: z.int().nullable(), url: z.string().nullable() });

/** Who asked for a run, so that they are told how it ended. */
export const AskedRun = z.strictObject({ thread: z.int(), comment: z.int(), model: z.string().nullable() });

export function keyOfRun(id: number): string {
  return `run-${id}`;
}
