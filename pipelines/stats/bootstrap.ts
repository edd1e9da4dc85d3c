/** Percentile bootstrap: of macro-F1 of one model or of two on the same items, and of anything else read off items. */
import { type Random, randomOf } from '../maths/random.ts';
import type { PairedAnswers } from './compare.ts';
import type { Interval } from './interval.ts';

/** How often to draw again, and how sure to be. */
export interface Resampling {
  /** How many labels there are: every index is below it. */
  readonly classCount: number;
  readonly resamples: number;
  /** The same seed gives the same interval on every machine. */
  readonly seed: number;
  /** Strictly between 0 and 1; 0.95 unless told. */
  readonly confidence?: number;
}

/** A number read off the items themselves, with the interval from drawing them again. */
export interface Estimate extends Interval {
  readonly estimate: number;
}

/**
 * The interval of macro-F1(candidate) − macro-F1(champion): items are drawn n at a time with replacement, each draw
 * taking truth and both answers of one item together, and the ends are percentiles of the differences.
 *
 * @param answers     n ≥ 1 items; label indexes below classCount
 * @param resampling  1,000 to 2,000 resamples are enough for a 95 % interval
 * @returns           the difference on the items themselves, and the (1∓confidence)/2 percentiles, interpolated
 *                    linearly between order statistics as numpy's `quantile`; −1 to 1
 * @throws            RangeError when lengths or labels do not fit: a programmer's error
 * @cost              resamples·n draws of five additions; 2,000 resamples of 600 items take about 45 ms
 * @source            B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; classes absent from a
 *                    resample as in `macroF1Of`
 */
export function bootstrapDifference(answers: PairedAnswers, resampling: Resampling): Estimate {
  const { truth, champion, candidate } = answers;
  const before = tallyOf(truth, champion, resampling);
  const after = tallyOf(truth, candidate, resampling);
  const items = before.items;
  return estimateFrom(items, resampling, (draw) => {
    before.clear();
    after.clear();
    for (let count = 0; count < items; count++) {
      const item = draw(count);
      before.add(item);
      after.add(item);
    }
    return after.macroF1() - before.macroF1();
  });
}

/**
 * The interval of one model's macro-F1, by the same drawing.
 *
 * @param answers     truth and answers of the same n ≥ 1 items; label indexes below classCount
 * @param resampling  as for `bootstrapDifference`
 * @returns           macro-F1 of the items themselves, and its percentiles; 0 to 1
 * @throws            RangeError when lengths or labels do not fit: a programmer's error
 * @cost              half of `bootstrapDifference`
 * @source            as `bootstrapDifference`
 */
export function bootstrapMacroF1(answers: SingleAnswers, resampling: Resampling): Estimate {
  const tally = tallyOf(answers.truth, answers.predicted, resampling);
  return estimateFrom(tally.items, resampling, (draw) => {
    tally.clear();
    for (let count = 0; count < tally.items; count++) tally.add(draw(count));
    return tally.macroF1();
  });
}

/**
 * The interval of any number that is read off the items: of one model, or of a difference of two on the same draws.
 *
 * @param items       how many there are, 1 or more
 * @param resampling  as for `bootstrapDifference`
 * @param statistic   of the items at these places, with repetitions; NaN where they say nothing, such a draw is left out
 * @returns           the number on the items themselves, and its percentiles; NaN thrice where no draw says anything
 * @throws            RangeError when there is no item: a programmer's error
 * @cost              resamples times the statistic
 * @source            as `bootstrapDifference`
 */
export function bootstrapOf(
  items: number,
  resampling: Omit<Resampling, 'classCount'>,
  statistic: (drawn: Int32Array) => number,
): Estimate {
  const drawn = new Int32Array(items);
  return estimateFrom(items, resampling, (draw) => {
    for (let count = 0; count < items; count++) drawn[count] = draw(count);
    return statistic(drawn);
  });
}

export interface SingleAnswers {
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** Says which item is drawn as the count-th. */
type Draw = (count: number) => number;

function estimateFrom(
  items: number,
  resampling: Omit<Resampling, 'classCount'>,
  statistic: (draw: Draw) => number,
): Estimate {
  const { resamples, seed, confidence = 0.95 } = resampling;
  if (items < 1 || resamples < 1) throw new RangeError(`no bootstrap of ${items} items, ${resamples} times`);
  const random: Random = randomOf(seed);
  const drawAgain: Draw = () => random.nextBelow(items);
  const values = new Float64Array(resamples);
  for (let index = 0; index < resamples; index++) values[index] = statistic(drawAgain);
  const told = values.filter((value) => !Number.isNaN(value)).sort();
  return {
    estimate: statistic((count) => count),
    low: percentile(told, (1 - confidence) / 2),
    high: percentile(told, (1 + confidence) / 2),
  };
}

/** Linear between order statistics: position share·(n−1). */
function percentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** Counts that are enough for F1: how often each class was true or given, and how often both. */
interface Tally {
  readonly items: number;
  readonly clear: () => void;
  readonly add: (item: number) => void;
  readonly macroF1: () => number;
}

function tallyOf(truth: ArrayLike<number>, given: ArrayLike<number>, { classCount }: Resampling): Tally {
  if (truth.length !== given.length) {
    throw new RangeError(`answers have one length, not ${truth.length} and ${given.length}`);
  }
  const [trueLabels, givenLabels] = [labelsOf(truth, classCount), labelsOf(given, classCount)];
  const mentions = new Int32Array(classCount);
  const hits = new Int32Array(classCount);
  return {
    items: truth.length,
    clear: () => {
      mentions.fill(0);
      hits.fill(0);
    },
    add: (item) => {
      const wanted = trueLabels[item]!;
      const found = givenLabels[item]!;
      mentions[wanted]! += 1;
      mentions[found]! += 1;
      if (wanted === found) hits[wanted]! += 1;
    },
    // F1 = 2·TP / (2·TP + FP + FN), and a class is mentioned TP + FN times as truth and TP + FP times as answer.
    macroF1: () => {
      let [sum, present] = [0, 0];
      for (let label = 0; label < classCount; label++) {
        if (mentions[label] === 0) continue;
        sum += (2 * hits[label]!) / mentions[label]!;
        present += 1;
      }
      return sum / present;
    },
  };
}

function labelsOf(labels: ArrayLike<number>, classCount: number): Int32Array {
  const copy = Int32Array.from(labels);
  for (const label of copy) {
    if (!(label >= 0 && label < classCount)) throw new RangeError(`no label ${label} among ${classCount}`);
  }
  return copy;
}
