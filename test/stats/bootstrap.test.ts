import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { bootstrapDifference, bootstrapMacroF1 } from '../../pipelines/stats/bootstrap.ts';
import { confusionOf, macroF1Of } from '../../pipelines/stats/classification.ts';

const N = 200;
const items = [...Array(N).keys()];
const truth = items.map((i) => (i * 7) % 3);
const champion = truth.map((label, i) => ((i * 13) % 10 < 7 ? label : (label + 1) % 3));
const candidate = truth.map((label, i) => ((i * 17) % 20 < 16 ? label : (label + 1) % 3));
const RESAMPLING = { classCount: 3, resamples: 2000, seed: 4 };

describe('bootstrapDifference', () => {
  // Oracle: scikit-learn 1.9.1's f1_score under 4,000 resamples by NumPy 2.4.6, other random numbers.
  it('agrees with NumPy and scikit-learn', () => {
    const { estimate, low, high } = bootstrapDifference({ truth, champion, candidate }, RESAMPLING);
    expect(estimate).toBeCloseTo(0.0999214228982539, 12);
    expect(Math.abs(low - 0.00073)).toBeLessThan(0.012);
    expect(Math.abs(high - 0.1959)).toBeLessThan(0.012);
  });

  // Oracle: the definition, item by item, with the same draws and with percentiles read off at whole positions.
  it('is the percentile of differences on items drawn with replacement', () => {
    const resamples = 41;
    const random = randomOf(9);
    const differences = Array.from({ length: resamples }, () => {
      const drawn = items.map(() => random.nextBelow(N));
      const score = (answers: readonly number[]) => {
        const pick = (labels: readonly number[]) => drawn.map((item) => labels[item]!);
        return macroF1Of(confusionOf({ truth: pick(truth), predicted: pick(answers), classCount: 3 }));
      };
      return score(candidate) - score(champion);
    }).sort((a, b) => a - b);
    const found = bootstrapDifference(
      { truth, champion, candidate },
      { classCount: 3, resamples, seed: 9, confidence: 0.95 },
    );
    expect(found.low).toBeCloseTo(differences[1]!, 12);
    expect(found.high).toBeCloseTo(differences[39]!, 12);
  });

  it('is nothing at all between a model and itself', () => {
    const same = bootstrapDifference({ truth, champion, candidate: champion }, RESAMPLING);
    expect(same).toEqual({ estimate: 0, low: 0, high: 0 });
  });

  it('turns round when the two are exchanged, on the same draws', () => {
    const there = bootstrapDifference({ truth, champion, candidate }, RESAMPLING);
    const back = bootstrapDifference({ truth, champion: candidate, candidate: champion }, RESAMPLING);
    expect(there.low).toBeCloseTo(-back.high, 12);
    expect(there.high).toBeCloseTo(-back.low, 12);
  });

  it('takes classes that a resample lacks as scikit-learn would', () => {
    const rare = { truth: [0, 0, 0, 1], champion: [0, 0, 0, 1], candidate: [0, 0, 0, 1] };
    // Resamples without the second item of class 1 still score 1, not 1/2.
    expect(bootstrapDifference(rare, { classCount: 2, resamples: 200, seed: 1 }).low).toBe(0);
    const single = bootstrapMacroF1(
      { truth: rare.truth, predicted: rare.champion },
      { classCount: 2, resamples: 200, seed: 1 },
    );
    expect(single).toEqual({ estimate: 1, low: 1, high: 1 });
  });

  it('refuses lengths, labels and counts that do not fit', () => {
    expect(() => bootstrapDifference({ truth, champion, candidate: [0] }, RESAMPLING)).toThrow(RangeError);
    expect(() => bootstrapDifference({ truth: [3], champion: [0], candidate: [0] }, RESAMPLING)).toThrow(
      RangeError,
    );
    expect(() => bootstrapMacroF1({ truth: [], predicted: [] }, RESAMPLING)).toThrow(RangeError);
  });
});

describe('bootstrapMacroF1', () => {
  it('holds its own estimate and gives the same bits for the same seed', () => {
    const first = bootstrapMacroF1({ truth, predicted: champion }, RESAMPLING);
    expect(first.low < first.estimate && first.estimate < first.high).toBe(true);
    expect(bootstrapMacroF1({ truth, predicted: champion }, RESAMPLING)).toEqual(first);
    expect(bootstrapMacroF1({ truth, predicted: champion }, { ...RESAMPLING, seed: 5 })).not.toEqual(first);
  });
});
