/** One step of a run that a machine elsewhere has taken on: until when its word holds, and how that ended. */
import * as z from 'zod';
import { RunId, StepRecord } from './run.ts';

/** Whoever is lost this often is not tried again by itself. */
export const ATTEMPTS_MAX = 3;

/** Who holds it and for how long; the holder says so again, one `beat` later, before that time is over. */
export const LeaseTaken = z.strictObject({
  run: RunId,
  step: z.string().min(1).max(100),
  attempt: z.int().min(1).max(ATTEMPTS_MAX),
  /** 0 when it is taken, one more each time that it is held on to. */
  beat: z.int().min(0),
  /** Which machine, such as `github-actions/4711.1`. */
  holder: z.string().min(1).max(200),
  until: z.iso.datetime(),
});
export type LeaseTaken = z.infer<typeof LeaseTaken>;

/** `lost`: nobody heard from the holder in time. */
export const LeaseEnd = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('performed'), record: StepRecord }),
  z.strictObject({ kind: z.literal('failed'), fault: z.string().max(200), says: z.string().max(2000) }),
  z.strictObject({ kind: z.literal('lost') }),
  z.strictObject({ kind: z.literal('cancelled') }),
]);
export type LeaseEnd = z.infer<typeof LeaseEnd>;

export const LeaseEnded = z.strictObject({
  run: RunId,
  step: z.string().min(1).max(100),
  attempt: z.int().min(1).max(ATTEMPTS_MAX),
  end: LeaseEnd,
  /** Milliseconds for which the machine was held; what budgets are charged with. */
  heldMs: z.int().min(0),
});
export type LeaseEnded = z.infer<typeof LeaseEnded>;

export const LeaseState = z.strictObject({
  ...LeaseTaken.shape,
  takenAt: z.iso.datetime(),
  /** Null while it is held. */
  end: LeaseEnd.nullable(),
});
export type LeaseState = z.infer<typeof LeaseState>;

/** What a model's runs took in one month, `2026-11`. */
export const Spent = z.strictObject({ month: z.string().regex(/^\d{4}-\d{2}$/), ms: z.int().min(0) });
export type Spent = z.infer<typeof Spent>;
