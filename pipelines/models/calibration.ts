/** Scores -> probabilities that can be believed, and the thresholds that a wanted precision asks for. */
import { minimize } from '../maths/minimize.ts';
import { type Calibration, type Choice, probabilitiesFrom } from './triage-model.ts';

/** Scores of items that the model had not seen, beside what is true of them. */
export interface Unseen {
  /** Row-major, labels an item. */
  readonly scores: ArrayLike<number>;
  /** Row-major: 1 for a label that the item has, else 0. */
  readonly truth: ArrayLike<number>;
  readonly labelCount: number;
  readonly choice: Choice;
}

/** What a slope is drawn towards where nothing speaks against it, and how strongly. */
const PRIOR = 2.5;
const PRIOR_WEIGHT = 1e-3;

/**
 * Finds slope and shifts of the smallest mean cross-entropy. Labels that exclude each other get one slope and no
 * shifts, so that the likeliest label stays the likeliest; independent ones get a shift each.
 *
 * @param unseen  one item or more
 * @returns       a positive slope
 * @throws        never
 * @cost          some twenty passes over the scores
 * @source        C. Guo, G. Pleiss, Y. Sun, K. Weinberger, ICML 2017, §4.2; J. Platt (1999) for independent labels
 */
export function calibrated(unseen: Unseen): Calibration {
  const { labelCount, choice } = unseen;
  const start = new Float64Array(choice === 'one' ? 1 : 1 + labelCount);
  start[0] = Math.log(PRIOR);
  const { point } = minimize({
    start,
    evaluate: (at, gradient) => crossEntropy(unseen, at, gradient),
    gradientTolerance: 1e-8,
    iterationsMost: 100,
  });
  const shifts = new Float32Array(labelCount);
  if (choice === 'any') shifts.set(point.subarray(1));
  return { slope: Math.fround(Math.exp(point[0]!)), shifts };
}

function crossEntropy(unseen: Unseen, point: Float64Array, gradient: Float64Array): number {
  const { scores, truth, labelCount, choice } = unseen;
  const slope = Math.exp(point[0]!);
  const shifts = Float32Array.from({ length: labelCount }, (_, label) => point[1 + label] ?? 0);
  const items = scores.length / labelCount;
  gradient.fill(0);
  let loss = 0;
  for (let item = 0; item < items; item++) {
    const row = Array.from({ length: labelCount }, (_, label) => scores[item * labelCount + label]!);
    const probabilities = probabilitiesFrom(row, { slope, shifts }, choice);
    probabilities.forEach((probability, label) => {
      const wanted = truth[item * labelCount + label]!;
      loss -= wanted * Math.log(Math.max(probability, 1e-12));
      if (choice === 'any') loss -= (1 - wanted) * Math.log(Math.max(1 - probability, 1e-12));
      gradient[0]! += (probability - wanted) * row[label]! * slope;
      if (choice === 'any') gradient[1 + label]! += probability - wanted;
    });
  }
  const away = point[0]! - Math.log(PRIOR);
  for (let index = 0; index < gradient.length; index++) gradient[index]! /= items;
  gradient[0]! += PRIOR_WEIGHT * away;
  return loss / items + (PRIOR_WEIGHT / 2) * away * away;
}

export interface Target {
  /** Share of right answers wanted among those given. */
  readonly precision: number;
  /** Answers that a threshold must rest on; a label with fewer is never given unasked. */
  readonly least: number;
}

/** Above every probability. */
export const NEVER = 2;

/**
 * For each label the lowest threshold from which on, also for every higher one that `least` answers support, the share
 * of right answers is as wanted. Where labels exclude each other only the likeliest of an item counts as given.
 *
 * @param unseen         probabilities in place of scores
 * @param target         precision 0 to 1, least 1 or more
 * @returns              one a label; `NEVER` where no threshold does it
 * @throws               never
 * @cost                 one sort a label
 * @source               own definition; precision among the answers at or above the threshold
 */
export function thresholdsFor(unseen: Unseen, { precision, least }: Target): Float32Array {
  const { scores, truth, labelCount, choice } = unseen;
  return Float32Array.from({ length: labelCount }, (_, label) => {
    const given: { readonly probability: number; readonly right: number }[] = [];
    for (let item = 0; item < scores.length / labelCount; item++) {
      const at = item * labelCount;
      const probability = scores[at + label]!;
      const beaten = (other: number) => other !== label && scores[at + other]! > probability;
      if (choice === 'one' && Array.from({ length: labelCount }, (__, other) => other).some(beaten)) continue;
      given.push({ probability, right: truth[at + label]! });
    }
    return lowest(
      given.sort((a, b) => b.probability - a.probability),
      { precision, least },
    );
  });
}

function lowest(
  given: readonly { readonly probability: number; readonly right: number }[],
  { precision, least }: Target,
): number {
  let [right, threshold] = [0, NEVER];
  for (let index = 0; index < given.length; index++) {
    right += given[index]!.right;
    const tied = given[index + 1]?.probability === given[index]!.probability;
    if (index + 1 < least || tied) continue;
    if (right < precision * (index + 1)) break;
    threshold = given[index]!.probability;
  }
  return threshold;
}
