/** How right a learner was on a stream in which every item was asked before it was told, the latest weighing most. */
import { accuracyOf, type Answers, type Confusion, macroF1Of } from './classification.ts';

export interface Prequential {
  readonly accuracy: number;
  readonly macroF1: number;
  /** Σ of the weights: so many items the values rest on, at most 1/(1 − fading). */
  readonly weight: number;
}

/**
 * Accuracy and macro-F1 of faded counts: an item that lies k items back weighs fading^k, so that the values are those
 * of now and forget what the learner was before it had learned anything.
 *
 * @param answers  in the order of the stream
 * @param fading   above 0, 1 at most; 1 forgets nothing
 * @returns        0 to 1 each; 0 of an empty stream
 * @throws         RangeError when the fading is out of range, or lengths differ: a programmer's error
 * @cost           classes² multiplications an item
 * @source         J. Gama, R. Sebastião, P. Rodrigues, "On evaluating stream learning algorithms", Machine Learning 90
 *                 (2013), §3.3, fading factors
 */
export function prequentialOf({ truth, predicted, classCount }: Answers, fading: number): Prequential {
  if (!(fading > 0 && fading <= 1)) throw new RangeError(`a fading factor is in (0, 1], not ${fading}`);
  if (truth.length !== predicted.length) {
    throw new RangeError(`answers have one length, not ${truth.length} and ${predicted.length}`);
  }
  const counts = new Float64Array(classCount * classCount);
  for (let item = 0; item < truth.length; item++) {
    for (let cell = 0; cell < counts.length; cell++) counts[cell]! *= fading;
    counts[truth[item]! * classCount + predicted[item]!]! += 1;
  }
  const confusion: Confusion = { counts, classCount };
  const weight = counts.reduce((sum, count) => sum + count, 0);
  if (weight === 0) return { accuracy: 0, macroF1: 0, weight };
  return { accuracy: accuracyOf(confusion), macroF1: macroF1Of(confusion), weight };
}
