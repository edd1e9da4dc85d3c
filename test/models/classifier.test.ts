import { describe, expect, it } from 'vitest';
import { inputMisfit, notAClassifier } from '../../pipelines/faults.ts';
import { onnxMalformed } from '../../pipelines/onnx/faults.ts';
import { cardOf, openClassifier } from '../../pipelines/models/classifier.ts';
import { exportClassifier } from '../../pipelines/models/export.ts';
import { FeatureSpec } from '../../pipelines/models/features.ts';
import { hashOf } from '../../pipelines/models/hash.ts';
import { encodeModel, type OnnxModel } from '../../pipelines/onnx/graph.ts';

const DENSE = FeatureSpec.parse({ kind: 'dense', columns: ['x', 'y'] });
const TEXT = FeatureSpec.parse({ kind: 'hashed-text', version: 1, bits: 16 });

/** x speaks for `right`, y for `left`; by hand (1, 0) is softmax(0, ln 3) = 1/4, 3/4. */
const dense = exportClassifier(
  {
    labels: ['left', 'right'],
    width: 2,
    weights: Float32Array.of(0, Math.log(3), 5, 0),
    bias: new Float32Array(2),
    deeper: [],
  },
  DENSE,
);

/** One column speaks for `bug`: that of the word `crash` in block 1, whose seed the docstrings do not promise. */
function crashModel(): Uint8Array {
  const weights = new Float32Array(2 * 65_536);
  weights[(hashOf('crash', Math.imul(1, 0x9e3779b1)) >>> 16) * 2] = 100;
  return exportClassifier(
    { labels: ['bug', 'other'], width: 65_536, weights, bias: Float32Array.of(0, 1), deeper: [] },
    TEXT,
  );
}

const EMPTY: OnnxModel = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [], metadata: {} };

describe('openClassifier', () => {
  it('answers with a label and probabilities in the order of its labels', async () => {
    const classifier = await openClassifier(dense);
    expect([classifier.labels, classifier.features]).toEqual([['left', 'right'], DENSE]);
    const { label, probabilities } = await classifier.predict([1, 0]);
    expect(label).toBe('right');
    expect(probabilities[0]).toBeCloseTo(0.25, 6);
    expect(probabilities[1]).toBeCloseTo(0.75, 6);
    await classifier.close();
  });

  it('answers many as it answers each', async () => {
    const classifier = await openClassifier(dense);
    const inputs = [
      [1, 0],
      [0, 1],
      [0, 0],
      [3, -2],
    ];
    const singly = await Promise.all(inputs.map((input) => classifier.predict(input)));
    expect(await classifier.predictAll(inputs)).toEqual(singly);
    expect(singly.map(({ label }) => label)).toEqual(['right', 'left', 'left', 'right']);
    expect(await classifier.predictAll([])).toEqual([]);
    await classifier.close();
  });

  it('reads texts by itself', async () => {
    const classifier = await openClassifier(crashModel());
    const inputs = [
      { title: 'A crash', body: 'again' },
      { title: 'A thought', body: '' },
    ];
    expect((await classifier.predictAll(inputs)).map(({ label }) => label)).toEqual(['bug', 'other']);
    await expect(classifier.predict([1])).rejects.toThrowFault(inputMisfit);
    await classifier.close();
  });
});

describe('cardOf', () => {
  it('reads labels and features without opening the model', () => {
    expect(cardOf(dense)).toEqual({ labels: ['left', 'right'], features: DENSE });
  });

  it('refuses a model that is not of ours, and metadata that is broken', () => {
    const card = {
      'fettle.format': 'fettle-classifier/1',
      'fettle.labels': '["a","b"]',
      'fettle.features': JSON.stringify(DENSE),
    };
    expect(cardOf(encodeModel({ ...EMPTY, metadata: card })).labels).toEqual(['a', 'b']);
    const broken = [
      { 'fettle.format': 'fettle-classifier/9' },
      { 'fettle.labels': '["a"' },
      { 'fettle.labels': '["alone"]' },
      { 'fettle.features': '{}' },
    ];
    for (const metadata of [{}, ...broken.map((part) => ({ ...card, ...part }))]) {
      expect(() => cardOf(encodeModel({ ...EMPTY, metadata }))).toThrowFault(notAClassifier);
    }
  });

  it('refuses bytes that are no model', () => {
    expect(() => cardOf(Buffer.from('version https://git-lfs'))).toThrowFault(onnxMalformed);
  });
});
