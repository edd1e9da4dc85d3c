/** Multinomial logistic regression: linear scores, softmax, cross-entropy with an L2 penalty, by L-BFGS. */
import * as z from 'zod';
import { examplesUnfit } from '../faults.ts';
import { minimize, type Minimum } from '../maths/minimize.ts';
import type { Examples } from './examples.ts';
import type { Learned, Learner, Lesson } from './learner.ts';
import { type LinearModel, softmax } from './linear-model.ts';
import { compactedTo, countRatioScaling, plainScaling, type Scaling, standardScaling } from './scaling.ts';
import { spanned } from './span.ts';

export const SoftmaxParams = z
  .strictObject({
    kind: z.literal('softmax-regression').optional().describe('this learner, as where none is named'),
    l2: z
      .number()
      .min(0)
      .max(1e6)
      .default(1e-4)
      .describe('penalty on the squared weights, beside the mean loss'),
    standardize: z
      .boolean()
      .default(false)
      .describe('bring every column to mean 0 and deviation 1 (numbers)'),
    countRatios: z.boolean().default(false).describe('weigh columns by how unevenly labels have them (text)'),
    leastRows: z.int().min(1).default(1).describe('rows that must have a column for it to be used'),
    iterations: z.int().min(1).max(10_000).default(200).describe('steps at most'),
    keep: z
      .literal('shortest')
      .exactOptional()
      .describe('`shortest`: use only columns whose bits about the label pay for their parameters (numbers)'),
  })
  .refine(({ standardize, countRatios }) => !(standardize && countRatios), 'one scaling at a time');
export type SoftmaxParams = z.infer<typeof SoftmaxParams>;

const GRADIENT_TOLERANCE = 1e-5;

export const softmaxRegression: Learner<SoftmaxParams> = {
  name: 'softmax-regression',
  params: SoftmaxParams,
  learn,
};

/**
 * Minimizes (1/n)·Σᵢ −ln softmax(zᵢ·W + b)[yᵢ] + (l2/2)·‖W‖², where zᵢ is the row scaled as the parameters say. The
 * bias is not penalized. Scaling is folded into the weights that are given back, so the model takes plain rows.
 * scikit-learn's C is 1/(n·l2). Nothing is drawn at random: the seed does not matter.
 *
 * @param lesson  examples of two labels or more; columns that fewer than `leastRows` rows have get weight 0
 * @returns       weights rounded to 32-bit floats; the loss before rounding
 * @throws        examplesUnfit when fewer than two labels have rows
 * @cost          about 2·labels multiply-adds an entry and evaluation, 30 to 100 evaluations
 * @source        C. Bishop, Pattern Recognition and Machine Learning (2006), §4.3.4
 */
function learn({ examples, params, progress }: Lesson<SoftmaxParams>): Learned {
  const present = new Set(examples.labels).size;
  if (present < 2) throw examplesUnfit({ wanted: 'rows of two labels or more', found: `${present} label` });

  const { compact, seen } = compactedTo(examples, params.leastRows);
  const scaling = scalingFor(compact, params);
  const solve = spanPays(compact, scaling) ? solveInSpan : solvePlainly;
  const { point, ...minimum } = solve({ examples: compact, scaling, params, progress });
  const model = folded(point, scaling, { examples, seen });
  return { model, iterations: minimum.iterations, loss: minimum.value, converged: minimum.converged };
}

interface Task {
  readonly examples: Examples;
  readonly scaling: Scaling;
  readonly params: SoftmaxParams;
  readonly progress: Lesson<SoftmaxParams>['progress'];
}

/** Texts have far more columns than rows; beyond a thousand rows the span's own cost, rows³/6, eats what it saves. */
function spanPays({ rows, width }: Examples, { shifts }: Scaling): boolean {
  return rows <= 1024 && 2 * rows <= width && shifts.every((shift) => shift === 0);
}

/** The minimum over the weights of scaled columns, then the labels' bias. */
function solvePlainly({ examples, scaling, params, progress }: Task): Minimum {
  return minimize({
    start: new Float64Array((examples.width + 1) * examples.labelNames.length),
    evaluate: objective(examples, scaling, params.l2),
    gradientTolerance: GRADIENT_TOLERANCE,
    iterationsMost: params.iterations,
    progress: (iteration, value) => progress?.(iteration, value, params.iterations),
  });
}

/** The same minimum by way of the rows' span; the bias takes no part in the change of coordinates. */
function solveInSpan(task: Task): Minimum {
  const { examples, scaling } = task;
  const { coordinates, unspan } = spanned(scaledBy(examples, scaling));
  const minimum = solvePlainly({ ...task, examples: coordinates, scaling: plainScaling(examples.rows) });
  const count = examples.labelNames.length;
  const point = new Float64Array((examples.width + 1) * count);
  point.set(unspan(minimum.point));
  point.set(minimum.point.subarray(examples.rows * count), examples.width * count);
  return { ...minimum, point };
}

/** Only for scalings without shifts. */
function scaledBy(examples: Examples, { scales }: Scaling): Examples {
  return {
    ...examples,
    values: examples.values.map((value, entry) => value * scales[examples.columns[entry]!]!),
  };
}

function scalingFor(examples: Examples, { standardize, countRatios }: SoftmaxParams): Scaling {
  if (countRatios) return countRatioScaling(examples);
  return standardize ? standardScaling(examples) : plainScaling(examples.width);
}

/**
 * The loss and its gradient at a point: width·labels weights, row-major by column, then the labels' bias.
 * ∂/∂W = (1/n)·Zᵀ(P − Y) + l2·W, ∂/∂b = (1/n)·Σᵢ(pᵢ − yᵢ). With z = scale·(x − shift), x stays sparse: the shifts
 * enter as one number a label, both in the scores and in the gradient.
 *
 * @param examples  what is learned from
 * @param scaling   one factor and one shift a column
 * @param l2        0 or more
 * @returns         a function that writes the gradient and returns the loss
 * @throws          never
 * @cost            2·labels multiply-adds an entry, and two passes over the weights
 * @source          C. Bishop (2006), eq. 4.108 and 4.109
 */
export function objective(examples: Examples, scaling: Scaling, l2: number) {
  const { rows, width, labels, labelNames } = examples;
  const count = labelNames.length;
  const weights = new Float64Array(width * count);
  const probabilities = new Float64Array(rows * count);
  const errorSums = new Float64Array(count);

  return (point: Float64Array, gradient: Float64Array): number => {
    const bias = scaledWeights({ point, scaling, weights, count });
    scoresInto(probabilities, examples, { weights, bias });
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const scores = probabilities.subarray(row * count, (row + 1) * count);
      const score = scores[labels[row]!]!;
      loss += softmax(scores) - score;
      scores[labels[row]!]! -= 1;
    }
    errorSums.fill(0);
    for (let index = 0; index < probabilities.length; index++) {
      probabilities[index]! /= rows;
      errorSums[index % count]! += probabilities[index]!;
    }
    gradient.fill(0);
    transposedInto(gradient, examples, probabilities);
    return loss / rows + finishGradient({ gradient, point, scaling, errorSums, l2 });
  };
}

interface Unscaling {
  readonly point: Float64Array;
  readonly scaling: Scaling;
  /** Written: the weights for plain rows. */
  readonly weights: Float64Array;
  readonly count: number;
}

/** Weights for plain rows, w·scale, and with them the bias, b − Σ w·scale·shift. */
function scaledWeights({ point, scaling, weights, count }: Unscaling): Float64Array {
  const { scales, shifts } = scaling;
  const bias = point.slice(weights.length);
  for (let column = 0; column < scales.length; column++) {
    const scale = scales[column]!;
    const shift = shifts[column]!;
    for (let label = 0; label < count; label++) {
      const weight = point[column * count + label]! * scale;
      weights[column * count + label] = weight;
      bias[label]! -= weight * shift;
    }
  }
  return bias;
}

interface Affine {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

function scoresInto(scores: Float64Array, examples: Examples, { weights, bias }: Affine): void {
  const { rows, offsets, columns, values } = examples;
  const count = bias.length;
  for (let row = 0; row < rows; row++) {
    const at = row * count;
    for (let label = 0; label < count; label++) scores[at + label] = bias[label]!;
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const value = values[entry]!;
      const from = columns[entry]! * count;
      for (let label = 0; label < count; label++) scores[at + label]! += value * weights[from + label]!;
    }
  }
}

/** Adds Xᵀ·errors to the part of the gradient that belongs to the weights. */
function transposedInto(gradient: Float64Array, examples: Examples, errors: Float64Array): void {
  const { rows, offsets, columns, values, labelNames } = examples;
  const count = labelNames.length;
  for (let row = 0; row < rows; row++) {
    const at = row * count;
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const value = values[entry]!;
      const to = columns[entry]! * count;
      for (let label = 0; label < count; label++) gradient[to + label]! += value * errors[at + label]!;
    }
  }
}

interface Finish {
  readonly gradient: Float64Array;
  readonly point: Float64Array;
  readonly scaling: Scaling;
  readonly errorSums: Float64Array;
  readonly l2: number;
}

/** Scales the gradient, adds the penalty's part and the bias', and returns the penalty. */
function finishGradient({ gradient, point, scaling, errorSums, l2 }: Finish): number {
  const { scales, shifts } = scaling;
  const count = errorSums.length;
  let squares = 0;
  for (let column = 0; column < scales.length; column++) {
    const scale = scales[column]!;
    const shift = shifts[column]!;
    for (let label = 0; label < count; label++) {
      const index = column * count + label;
      const weight = point[index]!;
      gradient[index] = scale * (gradient[index]! - shift * errorSums[label]!) + l2 * weight;
      squares += weight * weight;
    }
  }
  gradient.set(errorSums, scales.length * count);
  return (l2 / 2) * squares;
}

interface Origin {
  readonly examples: Examples;
  /** For each column of the compacted examples its number in the whole. */
  readonly seen: Int32Array;
}

/** The model for plain rows of the whole width, in 32-bit floats. */
function folded(point: Float64Array, scaling: Scaling, { examples, seen }: Origin): LinearModel {
  const count = examples.labelNames.length;
  const compact = new Float64Array(seen.length * count);
  const bias = scaledWeights({ point, scaling, weights: compact, count });
  const weights = new Float32Array(examples.width * count);
  seen.forEach((column, index) => {
    weights.set(compact.subarray(index * count, (index + 1) * count), column * count);
  });
  const { labelNames: labels, width } = examples;
  return { labels, width, weights, bias: Float32Array.from(bias), deeper: [] };
}
