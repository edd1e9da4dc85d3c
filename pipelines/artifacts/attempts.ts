/** Attempts: what one solver of a comparison found on each problem, how often, and what it cost. */
import * as z from 'zod';
import { SolverKind } from '../../registry/schema/optimisation.ts';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-attempts/1';

export const Attempt = z.strictObject({
  /** Name of the problem. */
  problem: z.string(),
  /** Each value that attempts ended in, and how many did; ascending. */
  energies: z.array(z.tuple([z.number(), z.int().min(1)])).min(1),
  /** Before the first attempt: tuning of angles and making of states; milliseconds. */
  setupMs: z.number().min(0),
  /** Mean of an attempt. */
  attemptMs: z.number().min(0),
  /** Waiting for a machine that others use too. */
  queueMs: z.number().min(0),
  /** Circuits that were run to find angles; each takes shots of its own. */
  evaluations: z.int().min(0),
  /** Shots in all, those of the evaluations among them. */
  shots: z.int().min(0),
  /** Dollars of the setup and of one attempt; null where nobody told a price. */
  dollars: z.strictObject({ setup: z.number().min(0), attempt: z.number().min(0) }).nullable(),
  /** Whether an attempt cannot but find the best. */
  certain: z.boolean(),
});
export type Attempt = z.infer<typeof Attempt>;

const Attempts = z.strictObject({
  format: z.literal(FORMAT),
  by: z.string().min(1).max(100),
  says: z.string(),
  kind: SolverKind,
  attempts: z.array(Attempt).min(1),
});
export type Attempts = z.infer<typeof Attempts>;

export function encodeAttempts(attempts: Omit<Attempts, 'format'>): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...attempts })}\n`);
}

/** @throws artifactMisshapen */
export function decodeAttempts(bytes: Uint8Array): Attempts {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Attempts.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
