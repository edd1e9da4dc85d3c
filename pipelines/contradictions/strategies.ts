/** Ways to settle a contradiction, each a pure function that answers with its reason, or does not apply. */
import { isOf, RANKS, type Fact, type Rank } from './fact.ts';

export const STRATEGIES = ['context', 'synthesis', 'priority', 'temporal', 'escalation'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

export interface Settled {
  readonly strategy: StrategyName;
  readonly reason: string;
}

/** What weighing all contradictions together would give up of this one, and what it would keep. */
export interface Sides {
  readonly givenUp: readonly Fact[];
  readonly kept: readonly Fact[];
}

/** Both hold, each in its own place: what broke its promise in one channel may serve another. */
export function byContext(facts: readonly Fact[]): Settled | null {
  const [back] = facts.filter(isOf('taken-back'));
  const [serves] = facts.filter(isOf('serves'));
  if (back === undefined || serves === undefined) return null;
  const [from, to] = [back.statement.channel, serves.statement.channel];
  if (from === to) return null;
  return { strategy: 'context', reason: `it was taken back from ${from}, and serves ${to}: both hold` };
}

/** One reading gives each its due: criteria stand over the gates of the settings, and turn on what they ask for. */
export function bySynthesis(facts: readonly Fact[]): Settled | null {
  const switches = facts.filter(isOf('gate'));
  const [on] = switches.filter(({ statement }) => statement.on);
  if (on === undefined || switches.length !== facts.length) return null;
  const { gate, model } = on.statement;
  return {
    strategy: 'synthesis',
    reason: `criteria stand over gates: ${gate} judges ${model} by what they ask, and by nothing else of it`,
  };
}

/** Whoever stands behind it ranks below everybody else in it. */
export function byPriority({ givenUp, kept }: Sides): Settled | null {
  if (givenUp.length === 0 || kept.length === 0 || givenUp.some(({ guards }) => guards)) return null;
  const strongest = Math.min(...givenUp.map(placeOf));
  const weakest = Math.max(...kept.map(placeOf));
  if (strongest <= weakest) return null;
  const [lower, higher] = [RANKS[strongest], RANKS[weakest]];
  if (lower === undefined || higher === undefined) return null;
  return { strategy: 'priority', reason: `${WORDS[higher]} stands over ${WORDS[lower]}` };
}

function placeOf({ rank }: Fact): number {
  return RANKS.indexOf(rank);
}

const WORDS: Readonly<Record<Rank, string>> = {
  counted: 'what was counted',
  signed: 'the signed policy',
  people: 'what people decided',
  gates: 'what the gates decided',
  told: 'what a record tells',
  asked: 'a wish',
};

/** Of words that can be replaced, said by equals, the last one counts. */
export function byTime({ givenUp, kept }: Sides): Settled | null {
  if (givenUp.length === 0 || givenUp.some(({ guards, changes }) => guards || !changes)) return null;
  const lowest = Math.min(...givenUp.map(placeOf));
  const rivals = kept.filter((fact) => placeOf(fact) >= lowest);
  const last = Math.max(...givenUp.map(({ seq }) => seq ?? Number.POSITIVE_INFINITY));
  const later = rivals.every(({ seq, changes }) => changes && seq !== null && seq > last);
  if (rivals.length === 0 || !later) return null;
  return { strategy: 'temporal', reason: `the word of event ${rivals[0]?.seq} came after event ${last}` };
}

/** Nothing decides it but people. */
export function escalated(reason: string): Settled {
  return { strategy: 'escalation', reason };
}
