/** Contradictions -> what to believe: weighed all together, each settled by one strategy that says why, or left to people. */
import { believed, tiesOf, type Doubts } from '../choices/beliefs.ts';
import type { Contradiction } from './detect.ts';
import type { Fact } from './fact.ts';
import { byContext, byPriority, bySynthesis, byTime, escalated, type StrategyName } from './strategies.ts';
import { weightsOf } from './weights.ts';

export interface Resolution {
  readonly contradiction: Contradiction;
  readonly strategy: StrategyName;
  /** What is no longer to be believed; none where all can be kept, or where people must decide. */
  readonly givenUp: readonly Fact[];
  readonly reason: string;
}

/** Reductions solve what registries hold; this is for the rest. */
const ASK = { seed: 1, flips: 2_000_000 };

/**
 * Contradictions that hold in different contexts, or that have a meaning in common, are settled by themselves. The
 * others are weighed together, so that what is given up costs least over all of them; then each is settled by the rank
 * of those who stand behind it or by time, unless the weights tie, a guard would be given up, or neither applies.
 *
 * @param contradictions  as `contradictionsIn` found them
 * @returns               one resolution for each, in their order
 * @throws                never
 * @cost                  one weighted MaxSAT for each group of contradictions that share facts
 * @source                definition
 */
export function resolved(contradictions: readonly Contradiction[]): readonly Resolution[] {
  const settled = new Map<Contradiction, Resolution>();
  for (const contradiction of contradictions) {
    const found = byContext(contradiction.facts) ?? bySynthesis(contradiction.facts);
    if (found !== null) settled.set(contradiction, { contradiction, givenUp: [], ...found });
  }
  const open = contradictions.filter((one) => !settled.has(one));
  for (const cluster of clustersOf(open)) {
    for (const resolution of weighed(cluster)) settled.set(resolution.contradiction, resolution);
  }
  return contradictions.flatMap((one) => settled.get(one) ?? []);
}

/** Contradictions that are joined by facts in common. */
function clustersOf(contradictions: readonly Contradiction[]): readonly (readonly Contradiction[])[] {
  const holders = new Map<Fact, Contradiction[]>();
  for (const one of contradictions) {
    for (const fact of one.facts) holders.set(fact, [...(holders.get(fact) ?? []), one]);
  }
  const seen = new Set<Contradiction>();
  return contradictions.flatMap((first) => {
    if (seen.has(first)) return [];
    const cluster = new Set([first]);
    for (const one of cluster) {
      seen.add(one);
      for (const fact of one.facts) for (const other of holders.get(fact) ?? []) cluster.add(other);
    }
    return [[...cluster]];
  });
}

function weighed(cluster: readonly Contradiction[]): readonly Resolution[] {
  const facts = [...new Set(cluster.flatMap((one) => one.facts))];
  const place = new Map(facts.map((fact, at) => [fact, at]));
  const weights = weightsOf(facts);
  if (weights === null) {
    const reason = `${facts.length} facts are too many to weigh against each other`;
    return cluster.map((contradiction) => ({ contradiction, givenUp: [], ...escalated(reason) }));
  }
  const conflicts = cluster.map((one) => one.facts.map((fact) => place.get(fact) ?? 0));
  const doubts: Doubts = { weights, conflicts };
  const beliefs = believed(doubts, ASK);
  const ties = tiesOf(doubts, beliefs, ASK);
  const gone = new Set(beliefs.givenUp.map((at) => facts[at]));
  return cluster.map((contradiction): Resolution => {
    const givenUp = contradiction.facts.filter((fact) => gone.has(fact));
    const kept = contradiction.facts.filter((fact) => !gone.has(fact));
    const tied = givenUp.some((fact) => ties.get(place.get(fact) ?? -1) === true);
    const sides = { givenUp, kept };
    const found = tied ? null : (byPriority(sides) ?? byTime(sides));
    if (found !== null) return { contradiction, givenUp, ...found };
    const reason = whyOpen(sides, tied);
    return { contradiction, givenUp: [], ...escalated(reason) };
  });
}

interface Sides {
  readonly givenUp: readonly Fact[];
  readonly kept: readonly Fact[];
}

function whyOpen({ givenUp }: Sides, tied: boolean): string {
  const guard = givenUp.find(({ guards }) => guards);
  if (guard !== undefined && !tied) {
    return `only giving up that ${guard.says} would settle it, and what guards is given up by people alone`;
  }
  return 'nothing in it outranks the others, and no order of time decides';
}
