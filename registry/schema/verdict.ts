/** What the gates say of a candidate: each one's answer, and what follows from all of them. */
import * as z from 'zod';
import { Decimal } from '../base/decimal.ts';
import { Channel } from './model.ts';

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
  /** What was asked, and what was found beside it, in a few words with their units; left out where nothing was there to measure. */
  wanted: z.string().min(1).max(120).exactOptional(),
  found: z.string().min(1).max(120).exactOptional(),
  /** The loss that would still be acceptable, as a share, where the gate has one. */
  margin: Decimal.exactOptional(),
  /** False promotions that 30 days may have, and the chances that were granted in them before this candidate. */
  budget: z.strictObject({ most: Decimal, spent: Decimal }).exactOptional(),
});
export type GateVerdict = z.infer<typeof GateVerdict>;

/** What candidates of one day were granted of the budget of false promotions. */
export const Granted = z.strictObject({
  day: z.iso.date(),
  judged: z.int().min(1),
  /** The sum of their chances. */
  alpha: Decimal,
});
export type Granted = z.infer<typeof Granted>;

const Ends = { low: Decimal, high: Decimal };

/** Items that both were scored on: how many, and on how many of them exactly one of the two is right. */
export const Paired = z.strictObject({
  n: z.int().min(1),
  /** Items that only the candidate had right, and only the champion. */
  wins: z.int().min(0),
  losses: z.int().min(0),
  /** Candidate minus champion, each with its 95% interval; that of accuracy follows from the counts. */
  accuracy: z.strictObject({ estimate: Decimal, ...Ends }),
  macroF1: z.strictObject({ estimate: Decimal, ...Ends }),
});
export type Paired = z.infer<typeof Paired>;

/** What gates judged by beside the evaluation itself: all that is needed to judge again from the log alone. */
export const Judged = z.strictObject({
  /** The parameters of each gate that was asked, as JSON text; defaults included. */
  asked: z.record(z.string(), z.string()),
  /** Null where nothing served, or no item was scored by both. */
  paired: Paired.nullable(),
  /** The same items judged a second time: macro-F1 by another seed, and the items that no verdict had used before. */
  again: z
    .strictObject({
      seed: z.int(),
      macroF1: z.strictObject({ estimate: Decimal, ...Ends }),
      fresh: z.strictObject({ n: z.int().min(0), wins: z.int().min(0), losses: z.int().min(0) }).nullable(),
      /** A second training of the same, with another seed, on the same items; null where none was called for. */
      retrained: Paired.nullable().exactOptional(),
    })
    .nullable(),
  /** Wins and losses on parts of these items; none where no gate asked for them. */
  slices: z.array(
    z.strictObject({
      by: z.string(),
      value: z.string(),
      n: z.int().min(1),
      wins: z.int().min(0),
      losses: z.int().min(0),
    }),
  ),
  /** Code lengths in bits of the labels of the paired items and of the model's file; null where one is not known. */
  bits: z
    .strictObject({
      candidate: z.strictObject({ model: Decimal, data: Decimal }),
      champion: z.strictObject({ model: Decimal, data: Decimal }),
    })
    .nullable(),
  /** The version with the best low end of its accuracy among those that ever served; null where none did. */
  best: z.strictObject({ version: z.string(), value: Decimal, ...Ends, n: z.int().min(1) }).nullable(),
  /** When it was judged, when the champion was registered, and what was granted before. */
  court: z.strictObject({
    at: z.iso.datetime(),
    championAt: z.iso.datetime().nullable(),
    granted: z.array(Granted),
  }),
});
export type Judged = z.infer<typeof Judged>;

/** How many people must approve before the version serves a channel, by the words of the run that judged it. */
export const Demand = z.strictObject({ channel: Channel, count: z.int().min(1).max(16) });
export type Demand = z.infer<typeof Demand>;

/** The worst answer wins: one `fail` fails, otherwise one `investigate` holds back. */
export function answerOf(verdicts: readonly GateVerdict[]): Answer {
  if (verdicts.some(({ answer }) => answer === 'fail')) return 'fail';
  return verdicts.some(({ answer }) => answer === 'investigate') ? 'investigate' : 'pass';
}
