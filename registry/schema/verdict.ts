/** What the gates say of a candidate: each one's answer, and what follows from all of them. */
import * as z from 'zod';
import { Decimal } from '../base/decimal.ts';

/** `investigate`: the evidence is too thin to say either; a person may decide. */
export const Answer = z.enum(['pass', 'fail', 'investigate']);
export type Answer = z.infer<typeof Answer>;

export const GateVerdict = z.strictObject({
  gate: z.string().regex(/^[a-z][a-z-]*$/),
  answer: Answer,
  /** One sentence with the numbers that decided. */
  reason: z.string().min(1).max(1000),
  /** The chance of a false promotion that the candidate was judged with, where the gate keeps a budget of them. */
  alpha: Decimal.exactOptional(),
});
export type GateVerdict = z.infer<typeof GateVerdict>;

/** The worst answer wins: one `fail` fails, otherwise one `investigate` holds back. */
export function answerOf(verdicts: readonly GateVerdict[]): Answer {
  if (verdicts.some(({ answer }) => answer === 'fail')) return 'fail';
  return verdicts.some(({ answer }) => answer === 'investigate') ? 'investigate' : 'pass';
}
