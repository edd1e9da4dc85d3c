import { describe, expect, it } from 'vitest';
import {
  accuracyOf,
  brierOf,
  calibrationErrorOf,
  confusionOf,
  macroF1Of,
  reportsOf,
} from '../../pipelines/stats/classification.ts';

// Class 3 neither occurs nor is predicted; class 4 is predicted once and never occurs.
const TRUTH = [0, 0, 1, 1, 1, 2, 2, 2, 2, 0];
const PREDICTED = [0, 1, 1, 1, 0, 2, 2, 4, 0, 0];
const confusion = confusionOf({ truth: TRUTH, predicted: PREDICTED, classCount: 5 });

// Oracle of the first three: scikit-learn 1.9.1, labels=range(5) where a table is asked, zero_division=0.

describe('confusionOf', () => {
  it('has the truth in rows, as scikit-learn', () => {
    expect([...confusion.counts]).toEqual([
      2,
      1,
      0,
      0,
      0,
      1,
      2,
      0,
      0,
      0,
      1,
      0,
      2,
      0,
      1,
      ...Array(10).fill(0),
    ]);
    expect(accuracyOf(confusion)).toBeCloseTo(0.6, 14);
  });

  it('refuses lengths and labels that do not fit', () => {
    expect(() => confusionOf({ truth: [0], predicted: [], classCount: 1 })).toThrow(RangeError);
    expect(() => confusionOf({ truth: [0], predicted: [2], classCount: 2 })).toThrow(RangeError);
  });
});

describe('reportsOf', () => {
  it('agrees with scikit-learn, absent classes too', () => {
    const reports = reportsOf(confusion);
    const close = (wanted: readonly number[]) => wanted.map((value) => expect.closeTo(value, 12));
    expect(reports.map(({ precision }) => precision)).toEqual(close([0.5, 2 / 3, 1, 0, 0]));
    expect(reports.map(({ recall }) => recall)).toEqual(close([2 / 3, 2 / 3, 0.5, 0, 0]));
    expect(reports.map(({ f1 }) => f1)).toEqual(close([0.5714285714285714, 2 / 3, 2 / 3, 0, 0]));
    expect(reports.map(({ support }) => support)).toEqual([3, 3, 4, 0, 0]);
  });
});

describe('macroF1Of', () => {
  // The docstring says: predicted-only counts as 0, never mentioned is left out; a mean over 3 or 5 would differ.
  it('takes the mean over the classes that are mentioned, as scikit-learn', () => {
    expect(macroF1Of(confusion)).toBeCloseTo(0.47619047619047616, 14);
  });
});

const FORECASTS = {
  truth: [0, 2, 2, 1],
  probabilities: [0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.3, 0.3, 0.4, 0.05, 0.9, 0.05],
  classCount: 3,
};

describe('brierOf', () => {
  // Oracle: scikit-learn 1.9.1, brier_score_loss(scale_by_half=False).
  it('sums over all labels without halving', () => {
    expect(brierOf(FORECASTS)).toBeCloseTo(0.38875, 14);
  });

  it('is 0 for certain and right, 2 for certain and wrong', () => {
    expect(brierOf({ truth: [1], probabilities: [0, 1], classCount: 2 })).toBe(0);
    expect(brierOf({ truth: [0], probabilities: [0, 1], classCount: 2 })).toBe(2);
    expect(() => brierOf({ truth: [0], probabilities: [1], classCount: 2 })).toThrow(RangeError);
  });
});

describe('calibrationErrorOf', () => {
  // By hand: four items in four of 15 bins: |1−0.7|, |0−0.6|, |1−0.4|, |1−0.9|, together 1.6, over 4.
  it('adds up the gaps of the bins', () => {
    expect(calibrationErrorOf(FORECASTS)).toBeCloseTo(0.4, 14);
  });

  // The docstring says bins are (low, high]: with two bins 0.5 is in the lower one, alone. Were it in the upper one
  // with 0.9, the gaps −0.5 and 0.1 would cancel to 0.4/2.
  it('puts a confidence on an edge into the bin below', () => {
    const forecasts = { truth: [1, 0], probabilities: [0.5, 0.5, 0.9, 0.1], classCount: 2 };
    expect(calibrationErrorOf(forecasts, 2)).toBeCloseTo((0.5 + 0.1) / 2, 14);
  });

  it('gives a tie to the lower label, and takes certainty into the last bin', () => {
    const tie = { truth: [0], probabilities: [0.5, 0.5], classCount: 2 };
    expect(calibrationErrorOf(tie)).toBeCloseTo(0.5, 14);
    expect(calibrationErrorOf({ truth: [1], probabilities: [0, 1], classCount: 2 })).toBe(0);
  });
});
