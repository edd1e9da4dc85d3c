import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplesOf } from '../../pipelines/models/examples.ts';
import { likeliest, probabilitiesOf, softmax } from '../../pipelines/models/linear-model.ts';

const ROW = { columns: Int32Array.of(1), values: Float64Array.of(2) };
const EXAMPLES = examplesOf([{ row: ROW, label: 'a' }], 2);

describe('probabilitiesOf', () => {
  // By hand: scores 2·0 + ln 2 and 2·(½·ln 3) + 0, so 2 to 3; entry column·labels + label, as the docstring says.
  it('is softmax of weights, row-major by column, and bias', () => {
    const weights = Float32Array.of(9, 9, 0, Math.log(3) / 2);
    const bias = Float32Array.of(Math.log(2), 0);
    const model = { labels: ['a', 'b'], width: 2, weights, bias, deeper: [] };
    const [first, second] = probabilitiesOf(model, EXAMPLES);
    expect(first).toBeCloseTo(0.4, 6);
    expect(second).toBeCloseTo(0.6, 6);
    expect(() => probabilitiesOf({ ...model, width: 3 }, EXAMPLES)).toThrow(RangeError);
  });

  // By hand: the first row's hidden numbers are 2·1 + 0 = 2 and 2·(−1) + 1 = −1, which counts as 0; its scores ln 3 and 0.
  it('takes what a layer gives, negative numbers as 0, into the next', () => {
    const model = {
      labels: ['a', 'b'],
      width: 2,
      weights: Float32Array.of(9, 9, 1, -1),
      bias: Float32Array.of(0, 1),
      deeper: [{ weights: Float32Array.of(Math.log(3) / 2, 0, 7, 7), bias: new Float32Array(2) }],
    };
    const [first, second] = probabilitiesOf(model, EXAMPLES);
    expect(first).toBeCloseTo(0.75, 6);
    expect(second).toBeCloseTo(0.25, 6);
  });
});

describe('softmax', () => {
  it('sums to 1 whatever the size of the scores, and gives the logarithm of the sum', () => {
    const scores = fc.array(fc.double({ min: -1e5, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(scores, (given) => {
        const probabilities = Float64Array.from(given);
        const logSum = softmax(probabilities);
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
        expect(logSum).toBeGreaterThanOrEqual(Math.max(...given));
      }),
    );
    expect(softmax(Float64Array.of(0, 0))).toBeCloseTo(Math.LN2, 14);
  });
});

describe('likeliest', () => {
  it('takes the largest of each row, the lower label of equal ones', () => {
    expect(likeliest([0.2, 0.8, 0.5, 0.5, 0.9, 0.1], 2)).toEqual(Int32Array.of(1, 0, 0));
  });
});
