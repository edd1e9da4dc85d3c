/** Facts -> contradictions: what breaks each law, down to the fewest facts that do. */
import type { Fact } from './fact.ts';
import { LAWS, type Law } from './laws.ts';
import { minimalConflicts } from './minimal-conflicts.ts';

export interface Contradiction {
  readonly law: Law;
  /** Not all of them can be true, and without any one of them the others can. */
  readonly facts: readonly Fact[];
}

/**
 * Every minimal conflict of every law.
 *
 * @param facts  in any order; told twice, they count as two
 * @returns      contradictions by law, each named once
 * @throws       never
 * @cost         one pass a law for its groups, and as `minimalConflicts` for those that break it
 * @source       definition
 */
export function contradictionsIn(facts: readonly Fact[]): readonly Contradiction[] {
  const place = new Map(facts.map((fact, at) => [fact, at]));
  return LAWS.flatMap((law) => {
    const holds = (some: readonly Fact[]): boolean => law.holds(some);
    const broken = law.groups(facts).filter((group) => !law.holds(group));
    const found = new Map<string, readonly Fact[]>();
    for (const conflict of broken.flatMap((group) => minimalConflicts(group, holds))) {
      const key = conflict.map((fact) => place.get(fact) ?? 0).sort((a, b) => a - b);
      found.set(key.join(), conflict);
    }
    return [...found.values()].map((conflict): Contradiction => ({ law, facts: conflict }));
  });
}
