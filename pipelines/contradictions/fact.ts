/** What somebody holds to be so: one statement, who stands behind it, and where it can be changed. */
import * as z from 'zod';
import { Channel, ModelName, Version } from '../../registry/schema/model.ts';

/**
 * Who stands behind a statement, the strongest first: counted from items, bytes and clocks; the signed policy; people, in
 * the log or in settings that they merged; gates and tests that decided by themselves; a summary of what is kept elsewhere;
 * a wish.
 */
export const RANKS = ['counted', 'signed', 'people', 'gates', 'told', 'asked'] as const;
export type Rank = (typeof RANKS)[number];

const Version_ = { model: ModelName, version: Version };
const Count = z.int().min(0);

export const Statement = z.discriminatedUnion('kind', [
  /** One thing has one value, such as the digest of a file or a share of right answers. */
  z.strictObject({ kind: z.literal('value'), of: z.string().min(1), value: z.string() }),
  z.strictObject({ kind: z.literal('figure'), ...Version_, metric: z.string(), value: z.number() }),
  /** What a version must reach to serve the channel, and the gate that asks it. */
  z.strictObject({
    kind: z.literal('bound'),
    model: ModelName,
    channel: Channel,
    metric: z.string(),
    side: z.enum(['least', 'most']),
    value: z.number(),
    gate: z.string(),
  }),
  z.strictObject({
    kind: z.literal('serves'),
    ...Version_,
    channel: Channel,
    /** Gates that whoever promoted it overruled. */
    waived: z.array(z.string()),
  }),
  /** The gate did not say yes. */
  z.strictObject({ kind: z.literal('stopped-by'), ...Version_, gate: z.string() }),
  z.strictObject({ kind: z.literal('taken-back'), ...Version_, channel: Channel }),
  z.strictObject({ kind: z.literal('gate'), model: ModelName, gate: z.string(), on: z.boolean() }),
  /** So many people must agree to it; of every model where none is named. */
  z.strictObject({
    kind: z.literal('needs'),
    what: z.string(),
    model: ModelName.nullable(),
    people: Count,
  }),
  /** Nobody but these accounts is counted. */
  z.strictObject({ kind: z.literal('only'), what: z.string(), accounts: z.array(z.int()) }),
  /** Nobody is counted any more. */
  z.strictObject({ kind: z.literal('lapsed'), what: z.string() }),
  /** Who made what waits for people; null: no account that could be told apart from theirs. */
  z.strictObject({ kind: z.literal('made'), what: z.string(), ...Version_, account: z.int().nullable() }),
  /** Nothing new serves there; a model or a channel of null is every one. */
  z.strictObject({
    kind: z.literal('closed'),
    model: ModelName.nullable(),
    channel: Channel.nullable(),
  }),
  /** Something is to serve, or to be trained (a channel of null). */
  z.strictObject({ kind: z.literal('wants'), model: ModelName, channel: Channel.nullable() }),
  z.strictObject({ kind: z.literal('allowance'), model: ModelName, ms: z.number().min(0) }),
  z.strictObject({ kind: z.literal('takes'), model: ModelName, ms: z.number().min(0) }),
]);
export type Statement = z.infer<typeof Statement>;

export const Fact = z.strictObject({
  /** One sentence without its full stop. */
  says: z.string().min(1),
  /** Where it stands, and so where it is changed: a path in the settings, or an event of the log. */
  where: z.string().min(1),
  rank: z.enum(RANKS),
  /** Position in the log; null for what has no order. */
  seq: z.int().min(0).nullable(),
  /** Whether a later word about the same thing replaces it. */
  changes: z.boolean(),
  /** Whether giving it up would let something through that is held back now. */
  guards: z.boolean(),
  statement: Statement,
});
export type Fact = z.infer<typeof Fact>;

export type FactOf<K extends Statement['kind']> = Fact & {
  readonly statement: Extract<Statement, { kind: K }>;
};

export function isOf<K extends Statement['kind']>(kind: K): (fact: Fact) => fact is FactOf<K> {
  return (fact): fact is FactOf<K> => fact.statement.kind === kind;
}

type Told = Pick<Fact, 'says' | 'where' | 'rank'> & Partial<Pick<Fact, 'seq' | 'changes' | 'guards'>>;

/** A fact that neither changes nor guards anything, unless told. */
export function factOf(told: Told, statement: Statement): Fact {
  return { seq: null, changes: false, guards: false, ...told, statement };
}

export function eventAt(seq: number): string {
  return `event ${seq}`;
}

export function accountsText(accounts: readonly number[]): string {
  return accounts.length === 0 ? 'nobody' : `only account ${accounts.join(', ')}`;
}
