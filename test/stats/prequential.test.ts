import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyOf, confusionOf, macroF1Of } from '../../pipelines/stats/classification.ts';
import { prequentialOf } from '../../pipelines/stats/prequential.ts';

const answers = fc
  .array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })), { minLength: 1, maxLength: 60 })
  .map((pairs) => ({
    truth: pairs.map(([truth]) => truth),
    predicted: pairs.map(([, said]) => said),
    classCount: 3,
  }));

describe('prequentialOf', () => {
  it('is accuracy and macro-F1 of all items where nothing fades', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const { accuracy, macroF1, weight } = prequentialOf(given, 1);
        const confusion = confusionOf(given);
        expect(accuracy).toBeCloseTo(accuracyOf(confusion), 12);
        expect(macroF1).toBeCloseTo(macroF1Of(confusion), 12);
        expect(weight).toBe(given.truth.length);
      }),
    );
  });

  it('is the recursion of Gama: S = hit + α·S, B = 1 + α·B', () => {
    fc.assert(
      fc.property(answers, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (given, fading) => {
        let [hits, weights] = [0, 0];
        given.truth.forEach((truth, item) => {
          hits = (truth === given.predicted[item] ? 1 : 0) + fading * hits;
          weights = 1 + fading * weights;
        });
        expect(prequentialOf(given, fading).accuracy).toBeCloseTo(hits / weights, 9);
      }),
    );
  });

  it('says nothing of an empty stream, and refuses a factor that remembers what never was', () => {
    expect(prequentialOf({ truth: [], predicted: [], classCount: 2 }, 0.9)).toEqual({
      accuracy: 0,
      macroF1: 0,
      weight: 0,
    });
    expect(() => prequentialOf({ truth: [], predicted: [], classCount: 2 }, 1.1)).toThrow(RangeError);
  });
});
