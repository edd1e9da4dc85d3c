import { describe, expect, it } from 'vitest';
import { exportDisagrees } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { chosenFrom, type Examples, examplesOf } from '../../pipelines/models/examples.ts';
import { checkExport, exportClassifier, feedsOf } from '../../pipelines/models/export.ts';
import { FeatureSpec, featurize } from '../../pipelines/models/features.ts';
import { softmaxRegression, SoftmaxParams } from '../../pipelines/models/softmax-regression.ts';
import { readModel } from '../../pipelines/onnx/read.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { clouds } from '../fixtures/point-clouds.ts';

const DENSE = FeatureSpec.parse({ kind: 'dense', columns: ['a', 'b', 'c', 'd', 'e'] });
const TEXT = FeatureSpec.parse({ kind: 'hashed-text', version: 1, bits: 10 });

const dense = softmaxRegression.learn({
  examples: clouds(1),
  params: SoftmaxParams.parse({}),
  seed: 1,
}).model;
const issues = texts();
const text = softmaxRegression.learn({ examples: issues, params: SoftmaxParams.parse({}), seed: 1 }).model;

function texts(): Examples {
  const random = randomOf(1);
  const pick = (words: readonly string[]) => words[random.nextBelow(words.length)]!;
  const labelled = Array.from({ length: 40 }, (_, index) => {
    const [label, words] = index % 2 === 0 ? ['bug', ['crash', 'fails']] : ['feature', ['add', 'support']];
    const body = `${pick(['we', 'I'])} ${pick(words as string[])} ${pick(['today', 'again', 'soon'])}`;
    return { row: featurize(TEXT, { title: pick(words as string[]), body }), label: label as string };
  });
  return examplesOf(labelled, 1024);
}

describe('exportClassifier', () => {
  it('says of itself what it is', () => {
    const { metadata, inputs, outputs, opset } = readModel(exportClassifier(dense, DENSE));
    expect(metadata).toEqual({
      'fettle.format': 'fettle-classifier/1',
      'fettle.labels': '["blue","green","red"]',
      'fettle.features': JSON.stringify(DENSE),
    });
    expect(inputs).toEqual([{ name: 'features', type: 'float32', dims: ['N', 5] }]);
    expect(outputs).toEqual([{ name: 'probabilities', type: 'float32', dims: ['N', 3] }]);
    expect(opset).toBe(21);
  });

  it('takes columns and values of one text', () => {
    const { inputs, outputs } = readModel(exportClassifier(text, TEXT));
    expect(inputs.map(({ name, type, dims }) => [name, type, dims])).toEqual([
      ['columns', 'int64', ['n']],
      ['values', 'float32', ['n']],
    ]);
    expect(outputs).toEqual([{ name: 'probabilities', type: 'float32', dims: [2] }]);
  });

  it('gives the same bytes for the same model, and refuses features of another width', () => {
    expect(exportClassifier(text, TEXT)).toEqual(exportClassifier(text, TEXT));
    expect(() => exportClassifier(text, DENSE)).toThrow(RangeError);
  });

  // By hand: without entries only the bias speaks; ln 3 and 0 are 3 to 1.
  it('answers a row without entries by the bias', async () => {
    const model = { ...text, bias: Float32Array.of(Math.log(3), 0) };
    const session = await openSession(exportClassifier(model, TEXT));
    const empty = { columns: new Int32Array(0), values: new Float64Array(0) };
    const [feed] = feedsOf(TEXT, [empty]);
    const { probabilities } = await session.run(feed!);
    expect(probabilities?.dims).toEqual([2]);
    expect(probabilities?.data[0]).toBeCloseTo(0.75, 6);
    await session.close();
  });
});

describe('checkExport', () => {
  it('finds a good export equal to the model, within 1e-5', async () => {
    const forDense = { model: dense, features: DENSE, bytes: exportClassifier(dense, DENSE) };
    expect(await checkExport(forDense, clouds(2))).toBeLessThan(1e-5);
    const forText = { model: text, features: TEXT, bytes: exportClassifier(text, TEXT) };
    expect(await checkExport(forText, issues)).toBeLessThan(1e-5);
  });

  // The attack: bytes of another training under the name of this one.
  it('refuses bytes that say something else, or nothing that is a number', async () => {
    for (const wrong of [0.01, Number.NaN]) {
      const bias = dense.bias.map((value, label) => value + (label === 0 ? wrong : 0));
      const bytes = exportClassifier({ ...dense, bias }, DENSE);
      const checked = checkExport(
        { model: dense, features: DENSE, bytes },
        chosenFrom(clouds(2), [0, 1, 2, 3]),
      );
      await expect(checked).rejects.toThrowFault(exportDisagrees);
    }
  });

  it('refuses an export with another number of labels', async () => {
    const two = { ...dense, labels: ['a', 'b'], weights: new Float32Array(10), bias: new Float32Array(2) };
    const exported = { model: dense, features: DENSE, bytes: exportClassifier(two, DENSE) };
    await expect(checkExport(exported, clouds(2))).rejects.toThrowFault(exportDisagrees);
  });
});
