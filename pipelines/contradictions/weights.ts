/** What giving up each fact costs: rank over rank, and within a rank the later word over the earlier. */
import { RANKS, type Fact } from './fact.ts';

/**
 * Weights with wᵢ > Σ weights of all facts of lower ranks; within a rank fewer facts cost less than more, and of as many
 * the older ones. A fact that no later word replaces has no age.
 *
 * @param facts  those that are weighed together
 * @returns      integers in their order; null where they would pass 2⁵²
 * @throws       never
 * @cost         n·log n
 * @source       lexicographic optimization by weights: H. D. Sherali, A. L. Soyster, "Preemptive and nonpreemptive
 *               multi-objective programming", Journal of Optimization Theory and Applications 39 (1983)
 */
export function weightsOf(facts: readonly Fact[]): readonly number[] | null {
  const weights = new Map<Fact, number>();
  let below = 0;
  for (const rank of RANKS.toReversed()) {
    const mine = facts.filter((fact) => fact.rank === rank);
    const ages = [...new Set(mine.flatMap((fact) => ageOf(fact) ?? []))].sort((a, b) => a - b);
    // Ages add up to less than one more fact would.
    const unit = (below + 1) * (mine.length * ages.length + 1);
    for (const fact of mine) weights.set(fact, unit + (below + 1) * (1 + ages.indexOf(ageOf(fact) ?? -1)));
    below += mine.reduce((sum, fact) => sum + (weights.get(fact) ?? 0), 0);
  }
  return below < 2 ** 52 ? facts.map((fact) => weights.get(fact) ?? 0) : null;
}

function ageOf({ changes, seq }: Fact): number | null {
  return changes ? seq : null;
}
