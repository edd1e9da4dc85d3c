/** A multilayer perceptron: layers of scores with rectifiers between them, trained by AdamW on small batches. */
import * as z from 'zod';
import { examplesUnfit } from '../faults.ts';
import { permutation, randomOf } from '../maths/random.ts';
import { wasmRuntime } from '../onnx/runtime.ts';
import { cosineShare, follow } from '../training/course.ts';
import { OptimizerSettings } from '../training/optimizer.ts';
import { perceptron as perceptronGraph } from '../training/perceptron-graph.ts';
import type { Arrays, Batch } from '../training/places.ts';
import { type Examples, rowAt } from './examples.ts';
import type { Learned, Learner, Lesson } from './learner.ts';
import { type Layer, type LinearModel, probabilitiesOf } from './linear-model.ts';
import { compactedTo, plainScaling, type Scaling, standardScaling } from './scaling.ts';

export const PerceptronParams = z.strictObject({
  kind: z.literal('perceptron').describe('layers with rectifiers between them'),
  hidden: z.int().min(1).max(4096).default(64).describe('numbers that a layer gives to the next'),
  layers: z.int().min(1).max(8).default(1).describe('such layers'),
  epochs: z.int().min(1).max(10_000).default(30).describe('how often every row is seen'),
  batch: z.int().min(1).max(4096).default(32).describe('rows of a step'),
  rate: z.number().positive().max(10).default(2e-3).describe('how far a step goes'),
  decay: z.number().min(0).max(10).default(1e-2).describe('share of the weights, times the rate, taken off'),
  standardize: z.boolean().default(true).describe('bring every column to mean 0 and deviation 1'),
  leastRows: z.int().min(1).default(1).describe('rows that must have a column for it to be used'),
});
export type PerceptronParams = z.infer<typeof PerceptronParams>;

export const perceptron: Learner<PerceptronParams, Promise<Learned>> = {
  name: 'perceptron',
  params: PerceptronParams,
  learn,
};

/** Steps of a training that rise to the whole rate. */
const WARMUP_SHARE = 0.05;

/**
 * Minimizes the mean of −ln softmax(f(z))[y] by AdamW, where z is the row with its columns at mean 0 and deviation 1 and
 * f(z) = max(z·W + b, 0)·V + c with one hidden layer. Rows come in the order of a new permutation each epoch. Scaling is
 * folded into the first layer, so the model takes plain rows. ONNX Runtime runs in WebAssembly on one thread, whose sums
 * are the same on every machine.
 *
 * @param lesson  examples of two labels or more; columns that fewer than `leastRows` rows have get weight 0
 * @returns       weights in 32-bit floats; the loss over all rows that they have at the end
 * @throws        examplesUnfit when fewer than two labels have rows; trainingDiverged where the rate is too high
 * @cost          about 6 multiply-adds a row, epoch and weight, and 0.3 s for loading the runtime once
 * @source        I. Goodfellow, Y. Bengio, A. Courville, Deep Learning (2016), chapter 6; AdamW in `optimizer.ts`
 */
async function learn({ examples, params, seed, progress }: Lesson<PerceptronParams>): Promise<Learned> {
  const present = new Set(examples.labels).size;
  if (present < 2) throw examplesUnfit({ wanted: 'rows of two labels or more', found: `${present} label` });

  const { compact, seen } = compactedTo(examples, params.leastRows);
  const scaling = params.standardize ? standardScaling(compact) : plainScaling(compact.width);
  const batch = Math.min(params.batch, compact.rows);
  const hidden = Array.from({ length: params.layers }, () => params.hidden);
  const net = perceptronGraph({ sizes: [compact.width, ...hidden, compact.labelNames.length], batch });
  const steps = Math.ceil((params.epochs * compact.rows) / batch);
  const rowsOf = rowsInOrder(compact.rows, seed);
  const { weights } = await follow({
    training: {
      loss: net.loss,
      weights: net.initial(seed),
      optimizer: OptimizerSettings.parse({ kind: 'adamw', rate: params.rate, decay: params.decay }),
      seed,
      find: async () => ({ kind: 'wasm', runtime: await wasmRuntime() }),
    },
    steps,
    batchAt: (step) => batchOf(compact, scaling, rowsOf(step, batch)),
    rateShareAt: (step) => cosineShare(step, { steps, warmup: Math.ceil(WARMUP_SHARE * steps), least: 0 }),
    tell: ({ step, loss }) => progress?.(step, loss, steps),
  });
  const model = folded(weights, scaling, { examples, seen });
  return { model, iterations: steps, loss: lossOf(model, examples), converged: true };
}

/** Rows of a step, 1 for the first: permutations of all rows, one behind the other, cut into batches. */
function rowsInOrder(rows: number, seed: number) {
  let epoch = -1;
  let order = permutation(0, randomOf(seed));
  return (step: number, batch: number): Int32Array =>
    Int32Array.from({ length: batch }, (_, index) => {
      const place = (step - 1) * batch + index;
      const wanted = Math.floor(place / rows);
      if (wanted !== epoch) order = permutation(rows, randomOf(1_000_003 * wanted + seed));
      epoch = wanted;
      return order[place % rows]!;
    });
}

function batchOf(examples: Examples, { scales, shifts }: Scaling, chosen: Int32Array): Batch {
  const { width } = examples;
  const rows = new Float32Array(chosen.length * width);
  const absent = Float32Array.from(scales, (scale, column) => -scale * shifts[column]!);
  chosen.forEach((index, row) => {
    const { columns, values } = rowAt(examples, index);
    rows.set(absent, row * width);
    columns.forEach((column, entry) => {
      rows[row * width + column] = scales[column]! * (values[entry]! - shifts[column]!);
    });
  });
  return { rows, labels: chosen.map((index) => examples.labels[index]!) };
}

interface Origin {
  readonly examples: Examples;
  /** For each column of the compacted examples its number in the whole. */
  readonly seen: Int32Array;
}

/** The model for plain rows of the whole width: z·W + b = x·(scale·W) + (b − Σ shift·scale·W). */
function folded(trained: Arrays, { scales, shifts }: Scaling, { examples, seen }: Origin): LinearModel {
  const { labelNames: labels, width } = examples;
  const [first, ...deeper] = layersIn(trained);
  const outputs = first!.bias.length;
  const weights = new Float32Array(width * outputs);
  const bias = Float64Array.from(first!.bias);
  seen.forEach((column, index) => {
    for (let output = 0; output < outputs; output++) {
      const weight = scales[index]! * first!.weights[index * outputs + output]!;
      weights[column * outputs + output] = weight;
      bias[output]! -= shifts[index]! * weight;
    }
  });
  return { labels, width, weights, bias: Float32Array.from(bias), deeper };
}

function layersIn(trained: Arrays): readonly Layer[] {
  const count = Object.keys(trained).length / 2;
  return Array.from({ length: count }, (_, layer) => {
    return { weights: trained[`layers.${layer}.weight`]!, bias: trained[`layers.${layer}.bias`]! };
  });
}

function lossOf(model: LinearModel, examples: Examples): number {
  const probabilities = probabilitiesOf(model, examples);
  const count = model.labels.length;
  const sum = examples.labels.reduce(
    (whole, label, row) => whole - Math.log(probabilities[row * count + label]!),
    0,
  );
  return sum / examples.rows;
}
