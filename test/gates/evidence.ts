/** Evidence for tests of gates, from outcomes that are made to order. */
import { outcomesOf, type Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import { recordedOf, type Gathered, type Recorded } from '../../pipelines/scores/evidence.ts';

/** n items of two labels in turn, of which those in `wrong` are answered wrongly. */
export function outcomes(n: number, wrong: (item: number) => boolean, sure = 0.9): Outcomes {
  const items = Array.from({ length: n }, (_, item) => {
    const truth = item % 2 === 0 ? 'cat' : 'dog';
    const told = truth === 'cat' ? [sure, 1 - sure] : [1 - sure, sure];
    return { id: String(item), truth, probabilities: wrong(item) ? told.toReversed() : told };
  });
  return outcomesOf(items, ['cat', 'dog']);
}

export const COURT: Gathered['court'] = { at: '2026-11-01T00:00:00.000Z', championAt: null, granted: [] };

export function recorded(changes: Partial<Gathered>): Recorded {
  return recordedOf({
    candidate: outcomes(200, () => false),
    champion: null,
    measures: null,
    folds: null,
    stream: null,
    rows: [],
    court: COURT,
    ...changes,
  });
}

/** The candidate wins the first `wins` items and loses the next `losses`. */
export function beside(n: number, wins: number, losses: number, changes: Partial<Gathered> = {}): Recorded {
  return recorded({
    candidate: outcomes(n, (item) => item >= wins && item < wins + losses),
    champion: { version: '1.0.0', outcomes: outcomes(n, (item) => item < wins) },
    ...changes,
  });
}
