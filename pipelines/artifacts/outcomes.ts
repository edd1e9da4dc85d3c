/** Outcomes: what a model said of each held-out item, beside the truth. Comparisons are made on these, item by item. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-outcomes/1';

export const Outcomes = z.strictObject({
  format: z.literal(FORMAT),
  labels: z.array(z.string()),
  /** Parallel lists, one place an item. */
  ids: z.array(z.string()),
  /** Indexes into `labels`. */
  truth: z.array(z.int().min(0)),
  predicted: z.array(z.int().min(0)),
  /** Items × labels, row-major, 0 to 1, rounded to 6 digits; 0 for a label that the model does not know. */
  probabilities: z.array(z.number().min(0).max(1)),
});
export type Outcomes = z.infer<typeof Outcomes>;

export interface ScoredItem {
  readonly id: string;
  readonly truth: string;
  /** In the order of the model's own labels; the largest is the prediction, ties go to the first. */
  readonly probabilities: ArrayLike<number>;
}

/** @param known  the model's labels, of which one may stand twice: its shares are added up; the outcome's labels are these and any other that the truth has, sorted */
export function outcomesOf(items: readonly ScoredItem[], known: readonly string[]): Outcomes {
  const labels = [...new Set([...known, ...items.map(({ truth }) => truth)])].sort();
  const placeOf = new Map(labels.map((label, index) => [label, index]));
  const places = known.map((label) => placeOf.get(label) ?? 0);
  const probabilities = Array.from({ length: items.length * labels.length }, () => 0);
  const predicted = items.map((item, row) => {
    const shares = new Float64Array(labels.length);
    places.forEach((place, index) => {
      shares[place] = (shares[place] ?? 0) + (item.probabilities[index] ?? 0);
    });
    const [first = 0] = places;
    let best = first;
    for (const place of places) {
      probabilities[row * labels.length + place] = Math.min(1, Number((shares[place] ?? 0).toFixed(6)));
      if ((shares[place] ?? 0) > (shares[best] ?? 0)) best = place;
    }
    return best;
  });
  const truth = items.map((item) => placeOf.get(item.truth) ?? 0);
  return { format: FORMAT, labels, ids: items.map(({ id }) => id), truth, predicted, probabilities };
}

export function encodeOutcomes(outcomes: Outcomes): Uint8Array {
  return Buffer.from(`${JSON.stringify(outcomes)}\n`);
}

/** @throws artifactMisshapen */
export function decodeOutcomes(bytes: Uint8Array): Outcomes {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Outcomes.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
