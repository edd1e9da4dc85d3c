/** Is the candidate worse on a part of the items, though not on all of them? Paired, slice by slice. */
import type { Row } from '../artifacts/batch.ts';
import type { Outcomes } from '../artifacts/outcomes.ts';
import { mcnemar, type PairedCount } from '../stats/compare.ts';
import { benjaminiHochberg } from '../stats/multiple.ts';
import { slicesOf } from './slices.ts';

/** One slice of the items that both were scored on. */
export interface SlicePair extends PairedCount {
  /** Such as `label`, `project`, `length`. */
  readonly by: string;
  readonly value: string;
}

export interface SliceLoss extends SlicePair {
  /** The exact one-sided McNemar p-value of "worse", adjusted over all slices. */
  readonly pAdjusted: number;
}

/** A slice of fewer items is not looked at: it could not show a loss, and would only dilute the others. */
const SLICE_LEAST = 20;

/**
 * Counts wins and losses of the candidate by slice, the true label being one cut.
 *
 * @param candidate  its outcomes
 * @param champion   its outcomes; items that only one was scored on are left out
 * @param rows       by their ids; items without a row are cut by their label alone
 * @returns          slices of 20 items or more, sorted by what cuts them, then by value
 * @throws           never
 * @cost             linear in the items and their text
 * @source           definition
 */
export function slicePairs(
  candidate: Outcomes,
  champion: Outcomes,
  rows: readonly Row[],
): readonly SlicePair[] {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const placeOf = new Map(champion.ids.map((id, place) => [id, place]));
  const pairs = new Map<string, { by: string; value: string; wins: number; losses: number; n: number }>();
  candidate.ids.forEach((id, place) => {
    const other = placeOf.get(id);
    if (other === undefined) return;
    const truth = candidate.labels[candidate.truth[place] ?? 0] ?? '';
    const mine = candidate.labels[candidate.predicted[place] ?? 0] === truth;
    const theirs = champion.labels[champion.predicted[other] ?? 0] === truth;
    const row = rowOf.get(id);
    const cuts = { label: truth, ...(row === undefined ? {} : slicesOf(row)) };
    for (const [by, value] of Object.entries(cuts)) {
      const key = JSON.stringify([by, value]);
      const pair = pairs.get(key) ?? { by, value, wins: 0, losses: 0, n: 0 };
      pair.n += 1;
      if (mine && !theirs) pair.wins += 1;
      if (theirs && !mine) pair.losses += 1;
      pairs.set(key, pair);
    }
  });
  return [...pairs.entries()]
    .filter(([, { n }]) => n >= SLICE_LEAST)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pair]) => pair);
}

/**
 * The slices on which the candidate is worse: one-sided exact McNemar, adjusted over all slices by Benjamini and
 * Hochberg. Of the slices that are told, the expected share of false ones is at most q; slices that overlap depend
 * positively, which the adjustment allows.
 *
 * @param pairs  of one comparison
 * @param q      strictly between 0 and 1
 * @returns      the worst first; none is told where none is worse
 * @throws       never
 * @cost         one binomial tail a slice
 * @source       `mcnemar`, `benjaminiHochberg`
 */
export function sliceLosses(pairs: readonly SlicePair[], q: number): readonly SliceLoss[] {
  const adjusted = benjaminiHochberg(pairs.map(({ wins, losses }) => mcnemar({ wins, losses }).pWorse));
  return pairs
    .map((pair, place) => ({ ...pair, pAdjusted: adjusted[place] ?? 1 }))
    .filter(({ pAdjusted }) => pAdjusted <= q)
    .sort((a, b) => a.pAdjusted - b.pAdjusted);
}
