/** Stratified cross-validation: every row is judged once, by a model that has not seen it. */
import { examplesUnfit } from '../faults.ts';
import { randomOf, shuffle } from '../maths/random.ts';
import { confusionOf, macroF1Of } from '../stats/classification.ts';
import { chosenFrom, type Examples } from './examples.ts';
import type { Learned, Learner } from './learner.ts';
import { likeliest, probabilitiesOf } from './linear-model.ts';

export interface Validation<P> {
  readonly learner: Learner<P, Learned | Promise<Learned>>;
  readonly params: P;
  /** How many parts; 5 unless told. */
  readonly folds?: number;
  readonly seed: number;
  /** Called when a fold is done, with how many are. */
  readonly progress?: (done: number, folds: number) => void;
}

export interface OutOfFold {
  /** For each row the fold that it was judged in. */
  readonly fold: Int32Array;
  /** Row-major, labels of the examples. */
  readonly probabilities: Float64Array;
  readonly predicted: Int32Array;
  /** Over all rows together, not the mean of the folds. */
  readonly macroF1: number;
}

/**
 * Learns k times on k−1 parts and judges the remaining one. Labels are dealt out evenly: their counts in any two folds
 * differ by one at most.
 *
 * @param examples    every label that occurs has k rows or more
 * @param validation  see its fields; k is 2 or more
 * @returns           one prediction a row, in the rows' order
 * @throws            examplesUnfit when a label has fewer than k rows
 * @cost              k fits
 * @source            R. Kohavi, IJCAI 1995, stratified cross-validation
 */
export async function crossValidated<P>(examples: Examples, validation: Validation<P>): Promise<OutOfFold> {
  const { learner, params, folds = 5, seed, progress } = validation;
  const fold = foldsOf(examples, { folds, seed });
  const count = examples.labelNames.length;
  const probabilities = new Float64Array(examples.rows * count);
  const all = Int32Array.from(fold.keys());
  for (let part = 0; part < folds; part++) {
    const judged = all.filter((row) => fold[row] === part);
    const learned = await learner.learn({
      examples: chosenFrom(
        examples,
        all.filter((row) => fold[row] !== part),
      ),
      params,
      seed,
    });
    const found = probabilitiesOf(learned.model, chosenFrom(examples, judged));
    judged.forEach((row, index) => {
      probabilities.set(found.subarray(index * count, (index + 1) * count), row * count);
    });
    progress?.(part + 1, folds);
  }
  const predicted = likeliest(probabilities, count);
  const confusion = confusionOf({ truth: examples.labels, predicted, classCount: count });
  return { fold, probabilities, predicted, macroF1: macroF1Of(confusion) };
}

export interface Dealing {
  readonly folds: number;
  readonly seed: number;
}

/**
 * Deals the rows out, label after label, in a random order: the next row goes to the next fold.
 *
 * @param examples  every label that occurs has as many rows as there are folds, or more
 * @param dealing   2 folds or more
 * @returns         a fold for each row; sizes of folds differ by one at most, also within a label
 * @throws          examplesUnfit when a label has too few rows; RangeError below 2 folds: a programmer's error
 * @cost            one shuffle
 * @source          definition
 */
export function foldsOf(examples: Examples, { folds, seed }: Dealing): Int32Array {
  if (!Number.isInteger(folds) || folds < 2) throw new RangeError(`2 folds or more, not ${folds}`);
  const random = randomOf(seed);
  const fold = new Int32Array(examples.rows);
  const rows = Int32Array.from(fold.keys());
  let next = 0;
  examples.labelNames.forEach((name, label) => {
    const own = rows.filter((row) => examples.labels[row] === label);
    if (own.length > 0 && own.length < folds) {
      throw examplesUnfit({
        wanted: `${folds} rows or more of every label`,
        found: `${own.length} of \`${name}\``,
      });
    }
    shuffle(own, random);
    for (const row of own) {
      fold[row] = next % folds;
      next += 1;
    }
  });
  return fold;
}
