import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { chosenFrom, type Examples, examplesOf } from '../../pipelines/models/examples.ts';
import { LEARNERS } from '../../pipelines/models/index.ts';
import { probabilitiesOf } from '../../pipelines/models/linear-model.ts';
import { countRatioScaling, plainScaling, standardScaling } from '../../pipelines/models/scaling.ts';
import { objective, softmaxRegression, SoftmaxParams } from '../../pipelines/models/softmax-regression.ts';
import { spanned } from '../../pipelines/models/span.ts';
import { describeLearner } from '../conformance/learner.ts';

describeLearner(softmaxRegression, SoftmaxParams.parse({}));
describeLearner(softmaxRegression, SoftmaxParams.parse({ standardize: true, l2: 0.01 }));
describeLearner(softmaxRegression, SoftmaxParams.parse({ leastRows: 5 }));

const ROWS = [
  [1, 0, 2],
  [0, 3, 1],
  [2, 1, 0],
  [4, 0, 1],
  [1, 1, 1],
  [0, 2, 3],
  [3, 0, 0],
  [2, 2, 2],
  [0, 1, 4],
];
const LABELS = [0, 1, 0, 0, 1, 2, 0, 1, 2];
const EXAMPLES = examplesOf(
  ROWS.map((row, index) => {
    const columns = Int32Array.from(row.keys()).filter((column) => row[column] !== 0);
    return {
      row: { columns, values: Float64Array.from(columns, (c) => row[c]!) },
      label: String(LABELS[index]),
    };
  }),
  3,
);

/** Twelve rows of 200 columns, three labels, about ten entries each; some rows twice. */
function wide(): Examples {
  const random = randomOf(3);
  const labelled = Array.from({ length: 12 }, (_, index) => {
    const columns = Int32Array.from({ length: 200 }, (__, column) => column).filter(
      () => random.nextFloat() < 0.05,
    );
    return {
      row: { columns, values: Float64Array.from(columns, () => random.nextFloat()) },
      label: 'abc'[index % 3]!,
    };
  });
  return examplesOf([...labelled, ...labelled.slice(0, 3)], 200);
}

describe('softmaxRegression', () => {
  it('is in the list of learners', () => expect(LEARNERS).toContain(softmaxRegression));

  // Oracle: scikit-learn 1.9.1, LogisticRegression(C=1, tol=1e-14). Its C is 1/(n·l2), as the docstring says; its
  // coefficients are told by label, ours by column.
  it('agrees with scikit-learn', () => {
    const params = SoftmaxParams.parse({ l2: 1 / 9 });
    const { model, converged } = softmaxRegression.learn({ examples: EXAMPLES, params, seed: 1 });
    const wanted = [0.5171680661, 0.0159367777, -0.5331048438, -0.7924499493, 0.6158478678, 0.1766020815];
    wanted.push(-0.4869969833, -0.3375154605, 0.8245124438);
    wanted.forEach((weight, index) => expect(model.weights[index]).toBeCloseTo(weight, 3.9));
    [1.3703696744, 0.280098249, -1.6504679234].forEach((b, label) =>
      expect(model.bias[label]).toBeCloseTo(b, 3.5),
    );
    expect(converged).toBe(true);
    const found = probabilitiesOf(model, chosenFrom(EXAMPLES, [0]));
    [0.66243111, 0.18188542, 0.15568347].forEach((p, label) => expect(found[label]).toBeCloseTo(p, 4));
  });

  // Oracle: the same behind StandardScaler.
  it('agrees with scikit-learn when it standardizes, on rows as they were', () => {
    const params = SoftmaxParams.parse({ l2: 1 / 9, standardize: true });
    const { model } = softmaxRegression.learn({ examples: EXAMPLES, params, seed: 1 });
    const found = probabilitiesOf(model, chosenFrom(EXAMPLES, [0, 1, 2]));
    const wanted = [0.67883618, 0.15639249, 0.16477134, 0.03559485, 0.84041574, 0.12398941];
    wanted.push(0.63653298, 0.34144537, 0.02202165);
    wanted.forEach((p, index) => expect(found[index]).toBeCloseTo(p, 4));
  });

  // Oracle: differences of the loss itself.
  it.each([
    ['plain', plainScaling(3)],
    ['standardized', standardScaling(EXAMPLES)],
    ['weighed by counts', countRatioScaling(EXAMPLES)],
  ])('has the gradient of its loss, %s', (_, scaling) => {
    const evaluate = objective(EXAMPLES, scaling, 0.3);
    const random = randomOf(6);
    const point = Float64Array.from({ length: 12 }, () => random.nextFloat() - 0.5);
    const gradient = new Float64Array(12);
    evaluate(point, gradient);
    const step = 1e-5;
    const at = (index: number, by: number) => {
      const moved = point.slice();
      moved[index]! += by;
      return evaluate(moved, new Float64Array(12));
    };
    for (let index = 0; index < 12; index++) {
      expect(gradient[index]).toBeCloseTo((at(index, step) - at(index, -step)) / (2 * step), 8);
    }
  });

  // By hand: all zero gives every label 1/3, so the loss is ln 3 and there is nothing to penalize.
  it('starts at the logarithm of the number of labels', () => {
    const zero = new Float64Array(12);
    expect(objective(EXAMPLES, plainScaling(3), 5)(zero, zero.slice())).toBeCloseTo(Math.log(3), 14);
  });

  // Oracle: rows of another order and a rowless column leave the minimum where it is; the way there differs.
  it('does not care for the order of rows', () => {
    const params = SoftmaxParams.parse({ l2: 0.01 });
    const reversed = chosenFrom(EXAMPLES, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const [there, back] = [EXAMPLES, reversed].map((examples) =>
      softmaxRegression.learn({ examples, params, seed: 1 }),
    );
    back!.model.weights.forEach((weight, index) =>
      expect(weight).toBeCloseTo(there!.model.weights[index]!, 2),
    );
    expect(back!.loss).toBeCloseTo(there!.loss, 6);
  });

  // Few rows of many columns are solved in their span. Oracle: the gradient over all columns, which is 0 at the end.
  it.each([{ l2: 0.01 }, { l2: 0.01, countRatios: true }])(
    'finds the minimum over all columns with %j',
    (asked) => {
      const examples = wide();
      const params = SoftmaxParams.parse(asked);
      const { model, loss } = softmaxRegression.learn({ examples, params, seed: 1 });
      const scaling = params.countRatios ? countRatioScaling(examples) : plainScaling(200);
      const point = Float64Array.from([...model.weights, ...model.bias]);
      for (let index = 0; index < 600; index++) {
        const scale = scaling.scales[Math.floor(index / 3)]!;
        point[index] = scale === 0 ? 0 : point[index]! / scale;
      }
      const gradient = new Float64Array(point.length);
      expect(objective(examples, scaling, 0.01)(point, gradient)).toBeCloseTo(loss, 5);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-4);
    },
  );

  it('stops when its iterations are spent, and says so', () => {
    const params = SoftmaxParams.parse({ l2: 0, iterations: 2 });
    const learned = softmaxRegression.learn({ examples: EXAMPLES, params, seed: 1 });
    expect([learned.iterations, learned.converged]).toEqual([2, false]);
  });
});

describe('SoftmaxParams', () => {
  it('takes one scaling at a time', () => {
    expect(SoftmaxParams.safeParse({ standardize: true, countRatios: true }).success).toBe(false);
    expect(SoftmaxParams.safeParse({ l2: -1 }).success).toBe(false);
  });
});

describe('spanned', () => {
  const rowOf = ({ offsets, columns, values, width }: Examples, row: number) => {
    const dense = new Float64Array(width);
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) dense[columns[e]!] = values[e]!;
    return dense;
  };
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

  it('keeps lengths and angles, also where a row repeats another', () => {
    const examples = wide();
    const { coordinates } = spanned(examples);
    for (let i = 0; i < examples.rows; i++) {
      for (let j = 0; j <= i; j++) {
        const wanted = product(rowOf(examples, i), rowOf(examples, j));
        expect(product(rowOf(coordinates, i), rowOf(coordinates, j))).toBeCloseTo(wanted, 7);
      }
    }
  });

  it('finds the way back: the same scores from weights over the columns', () => {
    const examples = chosenFrom(wide(), [0, 1, 2, 3, 4, 5]);
    const { coordinates, unspan } = spanned(examples);
    const random = randomOf(2);
    const weights = Float64Array.from({ length: 18 }, () => random.nextFloat());
    const back = unspan(weights);
    for (let row = 0; row < 6; row++) {
      for (let label = 0; label < 3; label++) {
        const of = (all: Float64Array) => all.filter((_, index) => index % 3 === label);
        expect(product(rowOf(examples, row), of(back))).toBeCloseTo(
          product(rowOf(coordinates, row), of(weights)),
          7,
        );
      }
    }
  });
});
