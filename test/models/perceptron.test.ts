import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { examplesOf, type Examples } from '../../pipelines/models/examples.ts';
import { checkExport, exportClassifier } from '../../pipelines/models/export.ts';
import { FeatureSpec } from '../../pipelines/models/features.ts';
import { anyLearner, LearnerParams, LEARNERS } from '../../pipelines/models/index.ts';
import { likeliest, probabilitiesOf } from '../../pipelines/models/linear-model.ts';
import { perceptron, PerceptronParams } from '../../pipelines/models/perceptron.ts';
import { softmaxRegression } from '../../pipelines/models/softmax-regression.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { describeLearner } from '../conformance/learner.ts';

const params = (words: object): PerceptronParams => PerceptronParams.parse({ kind: 'perceptron', ...words });

describeLearner(perceptron, params({ hidden: 8, rate: 0.02 }));
describeLearner(perceptron, params({ hidden: 8, layers: 2, rate: 0.02, batch: 7, standardize: false }));

/** A chessboard of four fields, which no plane divides; the second column is far from 0. */
function chess(seed: number, rows: number): Examples {
  const random = randomOf(seed);
  const labelled = Array.from({ length: rows }, () => {
    const [x, y] = [2 * random.nextFloat() - 1, 2 * random.nextFloat() - 1];
    const row = { columns: Int32Array.of(0, 1), values: Float64Array.of(x, 1000 + 50 * y) };
    return { row, label: x * y > 0 ? 'black' : 'white' };
  });
  return examplesOf(labelled, 2);
}

function rightShare(model: Parameters<typeof probabilitiesOf>[0], examples: Examples): number {
  const found = likeliest(probabilitiesOf(model, examples), model.labels.length);
  return found.filter((label, row) => label === examples.labels[row]).length / examples.rows;
}

describe('perceptron', () => {
  const examples = chess(1, 400);
  const chosen = params({ hidden: 16, epochs: 60, rate: 0.01 });

  it('is in the list of learners', () => expect(LEARNERS).toContain(perceptron));

  it('learns what no linear model can', async () => {
    const { model, loss } = await perceptron.learn({ examples, params: chosen, seed: 1 });
    const linear = softmaxRegression.learn({
      examples,
      params: softmaxRegression.params.parse({ standardize: true }),
      seed: 1,
    });
    const unseen = chess(2, 1000);
    expect(rightShare(model, unseen)).toBeGreaterThan(0.93);
    expect(rightShare(linear.model, unseen)).toBeLessThan(0.65);
    expect(loss).toBeLessThan(0.2);
  });

  it('is exported to a file that says the same', async () => {
    const features = FeatureSpec.parse({ kind: 'dense', columns: ['x', 'y'] });
    const few = params({ hidden: 5, layers: 3, epochs: 2 });
    const { model } = await perceptron.learn({ examples, params: few, seed: 1 });
    const bytes = exportClassifier(model, features);
    expect(await checkExport({ model, features, bytes }, examples)).toBeLessThan(1e-5);
  });

  it('is exported for texts too', async () => {
    const features = FeatureSpec.parse({ kind: 'hashed-text', version: 1, bits: 8 });
    const random = randomOf(4);
    const texts = examplesOf(
      Array.from({ length: 30 }, (_, index) => ({
        row: {
          columns: Int32Array.of(random.nextBelow(100), 100 + random.nextBelow(156)),
          values: Float64Array.of(0.6, 0.8),
        },
        label: index % 2 === 0 ? 'bug' : 'feature',
      })),
      256,
    );
    const { model } = await perceptron.learn({ examples: texts, params: params({ epochs: 3 }), seed: 1 });
    const bytes = exportClassifier(model, features);
    expect(await checkExport({ model, features, bytes }, texts)).toBeLessThan(1e-5);
  });

  // The shipped runtime computes in strict WebAssembly: these are the bits of every machine.
  it('gives the bits that it gave elsewhere', async () => {
    const { model } = await perceptron.learn({ examples, params: params({ hidden: 4, epochs: 2 }), seed: 1 });
    const bits = Buffer.concat(
      [model, ...model.deeper].flatMap(({ weights, bias }) => [weights, bias]).map(bytesOf),
    );
    expect(digestOf(bits)).toBe('sha256:a66d16d27c964924e9a0b93bd91ebf6dcb20390d4bb31feaef4bc3dbc641c82f');
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

describe('the words of a learner', () => {
  it('choose it by its kind, and softmax regression without one', async () => {
    expect(LearnerParams.parse({ l2: 0.5 })).toEqual(softmaxRegression.params.parse({ l2: 0.5 }));
    expect(LearnerParams.parse({ kind: 'perceptron', hidden: 3 })).toEqual(params({ hidden: 3 }));
    expect(LearnerParams.safeParse({ hidden: 3 }).success).toBe(false);
    expect(LearnerParams.safeParse({ kind: 'perceptron', l2: 3 }).success).toBe(false);
    const few = { examples: chess(3, 40), seed: 1 };
    for (const [words, deeper] of [
      [{}, 0],
      [{ kind: 'perceptron', epochs: 1 }, 1],
    ] as const) {
      const { model } = await anyLearner.learn({ ...few, params: LearnerParams.parse(words) });
      expect(model.deeper).toHaveLength(deeper);
    }
  });
});
