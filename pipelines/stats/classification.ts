/** How good the answers of a classifier are: counts, rates by class, and whether its confidence can be believed. */

/** True and given label indexes of the same items. */
export interface Answers {
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** How many labels there are: every index is below it. */
  readonly classCount: number;
}

/** Row-major counts: entry truth·classCount + predicted; fractions where items have weights. */
export interface Confusion {
  readonly counts: Int32Array | Float64Array;
  readonly classCount: number;
}

export interface ClassReport {
  /** TP / (TP + FP); 0 when the class was never predicted. */
  readonly precision: number;
  /** TP / (TP + FN); 0 when the class never occurs. */
  readonly recall: number;
  /** 2·TP / (2·TP + FP + FN); 0 when the class neither occurs nor was predicted. */
  readonly f1: number;
  /** Items that truly have this class. */
  readonly support: number;
}

/**
 * Counts each pair of true and given label.
 *
 * @param answers  two arrays of one length, indexes 0 … classCount−1
 * @returns        rows are the truth, columns what was predicted
 * @throws         RangeError when lengths differ or an index is out of range: a programmer's error
 * @cost           n additions
 * @source         definition; the orientation is that of scikit-learn's `confusion_matrix`
 */
export function confusionOf({ truth, predicted, classCount }: Answers): Confusion {
  if (truth.length !== predicted.length) {
    throw new RangeError(`answers have one length, not ${truth.length} and ${predicted.length}`);
  }
  const counts = new Int32Array(classCount * classCount);
  for (let item = 0; item < truth.length; item++) {
    const [row, column] = [truth[item]!, predicted[item]!];
    if (!(row >= 0 && row < classCount && column >= 0 && column < classCount)) {
      throw new RangeError(`item ${item} has labels ${row} and ${column}, of ${classCount}`);
    }
    counts[row * classCount + column]! += 1;
  }
  return { counts, classCount };
}

/**
 * The share of right answers, Σ diagonal / Σ all.
 *
 * @param confusion  of at least one item
 * @returns          0 to 1; NaN for no items
 * @throws           never
 * @cost             classCount² additions
 * @source           definition
 */
export function accuracyOf({ counts, classCount }: Confusion): number {
  let [right, all] = [0, 0];
  for (let cell = 0; cell < counts.length; cell++) {
    all += counts[cell]!;
    if (cell % (classCount + 1) === 0) right += counts[cell]!;
  }
  return right / all;
}

/**
 * Precision, recall and F1 of each class; a quotient 0/0 counts as 0, as scikit-learn's `zero_division=0`.
 *
 * @param confusion  of any number of items
 * @returns          one report a class, in the order of label indexes
 * @throws           never
 * @cost             classCount² additions
 * @source           definitions on `ClassReport`
 */
export function reportsOf({ counts, classCount }: Confusion): readonly ClassReport[] {
  return Array.from({ length: classCount }, (_, label) => {
    let [support, given] = [0, 0];
    for (let other = 0; other < classCount; other++) {
      support += counts[label * classCount + other]!;
      given += counts[other * classCount + label]!;
    }
    const hits = counts[label * classCount + label]!;
    return {
      precision: given === 0 ? 0 : hits / given,
      recall: support === 0 ? 0 : hits / support,
      f1: support + given === 0 ? 0 : (2 * hits) / (support + given),
      support,
    };
  });
}

/**
 * The mean of the classes' F1 over those classes that occur in the truth or in the predictions. A class that occurs
 * but was never predicted counts with F1 = 0; one that neither occurs nor was predicted is left out of the mean. This
 * is scikit-learn's `f1_score(average='macro', labels=None, zero_division=0)`.
 *
 * @param confusion  of any number of items
 * @returns          0 to 1; NaN for no items
 * @throws           never
 * @cost             classCount² additions
 * @source           scikit-learn 1.9, `sklearn.metrics.f1_score`
 */
export function macroF1Of(confusion: Confusion): number {
  const { counts, classCount } = confusion;
  let [sum, present] = [0, 0];
  reportsOf(confusion).forEach(({ f1, support }, label) => {
    let given = 0;
    for (let row = 0; row < classCount; row++) given += counts[row * classCount + label]!;
    if (support + given === 0) return;
    sum += f1;
    present += 1;
  });
  return sum / present;
}

/** Probabilities beside the truth: row-major, classCount of them an item. */
export interface Forecasts {
  readonly truth: ArrayLike<number>;
  readonly probabilities: ArrayLike<number>;
  readonly classCount: number;
}

/**
 * Expected calibration error: Σ_b (n_b/n)·|accuracy_b − confidence_b| over equal-width bins of the largest
 * probability. Bin b of B takes confidences in (b/B, (b+1)/B], so that 1 falls into the last; ties of the largest
 * probability go to the lowest label index.
 *
 * @param forecasts  n·classCount probabilities whose rows sum to 1
 * @param binCount   1 or more; 15 unless told
 * @returns          0 (calibrated) to 1; NaN for no items
 * @throws           RangeError when the lengths do not fit: a programmer's error
 * @cost             n·classCount comparisons
 * @source           C. Guo, G. Pleiss, Y. Sun, K. Weinberger, ICML 2017, eq. 3
 */
export function calibrationErrorOf(forecasts: Forecasts, binCount = 15): number {
  const { truth, probabilities, classCount } = checked(forecasts);
  const excess = new Float64Array(binCount);
  for (let item = 0; item < truth.length; item++) {
    let best = 0;
    for (let label = 1; label < classCount; label++) {
      const offset = item * classCount;
      if (probabilities[offset + label]! > probabilities[offset + best]!) best = label;
    }
    const confidence = probabilities[item * classCount + best]!;
    const bin = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1));
    excess[bin]! += (best === truth[item] ? 1 : 0) - confidence;
  }
  return excess.reduce((sum, gap) => sum + Math.abs(gap), 0) / truth.length;
}

/**
 * The Brier score: mean over items of Σ_labels (p − [label is true])². All labels are summed, not halved, so two
 * labels give twice the score that is usual for one probability.
 *
 * @param forecasts  n·classCount probabilities whose rows sum to 1
 * @returns          0 (certain and right) to 2 (certain and wrong); NaN for no items
 * @throws           RangeError when the lengths do not fit: a programmer's error
 * @cost             n·classCount multiply-adds
 * @source           G. W. Brier, Monthly Weather Review 78 (1950), eq. 2
 */
export function brierOf(forecasts: Forecasts): number {
  const { truth, probabilities, classCount } = checked(forecasts);
  let sum = 0;
  for (let item = 0; item < truth.length; item++) {
    for (let label = 0; label < classCount; label++) {
      sum += (probabilities[item * classCount + label]! - (truth[item] === label ? 1 : 0)) ** 2;
    }
  }
  return sum / truth.length;
}

function checked(forecasts: Forecasts): Forecasts {
  const wanted = forecasts.truth.length * forecasts.classCount;
  if (forecasts.probabilities.length === wanted) return forecasts;
  throw new RangeError(`wanted ${wanted} probabilities, found ${forecasts.probabilities.length}`);
}
