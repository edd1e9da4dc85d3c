/** A classifier in memory, linear or of several layers: what a learner gives, and what an exported file must agree with. */
import type { Examples } from './examples.ts';

export interface LinearModel {
  readonly labels: readonly string[];
  /** How many columns a row may have. */
  readonly width: number;
  /** Row-major: entry column·outputs + output. In the precision in which it is exported. */
  readonly weights: Float32Array;
  /** One for each output: a label, or what the first of the deeper layers takes. */
  readonly bias: Float32Array;
  /** Each takes what the one before gives, negative numbers as 0; the last gives the labels. None for a linear model. */
  readonly deeper: readonly Layer[];
}

export interface Layer {
  /** Row-major: entry input·outputs + output. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Probabilities of every label for every row: softmax(x·W + b), or softmax(max(x·W + b, 0)·V + c) and so on.
 *
 * @param model     of the same width as the examples
 * @param examples  labels are not looked at
 * @returns         rows·labels probabilities, row-major; each row sums to 1 within 1e-15 times the labels
 * @throws          RangeError when the widths differ: a programmer's error
 * @cost            one multiply-add an entry and output, and one a weight of the deeper layers
 * @source          definition; the largest score is subtracted first, which keeps exp within range
 */
export function probabilitiesOf(model: LinearModel, examples: Examples): Float64Array {
  const { weights, bias, width, deeper } = model;
  if (width !== examples.width) throw new RangeError(`a model of width ${width}, rows of ${examples.width}`);
  const count = model.labels.length;
  const probabilities = new Float64Array(examples.rows * count);
  for (let row = 0; row < examples.rows; row++) {
    const first = Float64Array.from(bias);
    for (let entry = examples.offsets[row]!; entry < examples.offsets[row + 1]!; entry++) {
      const value = examples.values[entry]!;
      const from = examples.columns[entry]! * bias.length;
      for (let output = 0; output < bias.length; output++) first[output]! += value * weights[from + output]!;
    }
    const scores = probabilities.subarray(row * count, (row + 1) * count);
    scores.set(deeper.reduce(through, first));
    softmax(scores);
  }
  return probabilities;
}

/** max(x, 0)·W + b. */
function through(x: Float64Array, { weights, bias }: Layer): Float64Array {
  const found = Float64Array.from(bias);
  x.forEach((value, input) => {
    if (value <= 0) return;
    for (let output = 0; output < bias.length; output++) {
      found[output]! += value * weights[input * bias.length + output]!;
    }
  });
  return found;
}

/**
 * exp(sᵢ) / Σⱼ exp(sⱼ), in place.
 *
 * @param scores  one or more finite numbers; replaced by probabilities
 * @returns       ln Σⱼ exp(sⱼ) of the scores as they were
 * @throws        never
 * @cost          one exponential a score
 * @source        definition
 */
export function softmax(scores: Float64Array): number {
  let most = scores[0]!;
  for (let index = 1; index < scores.length; index++) most = Math.max(most, scores[index]!);
  let sum = 0;
  for (let index = 0; index < scores.length; index++) {
    const weight = Math.exp(scores[index]! - most);
    scores[index] = weight;
    sum += weight;
  }
  for (let index = 0; index < scores.length; index++) scores[index]! /= sum;
  return most + Math.log(sum);
}

/**
 * The label of highest probability for each row; ties go to the lower index.
 *
 * @param probabilities  row-major
 * @param count          labels a row, 1 or more
 * @returns              one label index a row
 * @throws               never
 * @cost                 one comparison a probability
 * @source               definition
 */
export function likeliest(probabilities: ArrayLike<number>, count: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / count }, (_, row) => {
    let best = 0;
    for (let label = 1; label < count; label++) {
      if (probabilities[row * count + label]! > probabilities[row * count + best]!) best = label;
    }
    return best;
  });
}
