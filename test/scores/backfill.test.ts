import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { metricUnknown } from '../../pipelines/faults.ts';
import { metricNamed, scoreNamed } from '../../pipelines/scores/backfill.ts';
import { fettle } from '../action/fettle.ts';
import { temporaryRepository } from '../temporary.ts';

/** Three of `a`, of which two are said to be `a`; one of `b`, said to be `a`. */
const OUTCOMES = outcomesOf(
  [
    { id: '1', truth: 'a', probabilities: [0.8, 0.2, 0] },
    { id: '2', truth: 'a', probabilities: [0.8, 0.2, 0] },
    { id: '3', truth: 'a', probabilities: [0.2, 0.8, 0] },
    { id: '4', truth: 'b', probabilities: [0.8, 0.2, 0] },
  ],
  ['a', 'b', 'c'],
);

describe('scoreNamed', () => {
  /** Of 200 items of two labels in turn, the first so many are answered wrongly. */
  const wrong = (count: number) =>
    outcomesOf(
      Array.from({ length: 200 }, (_, item) => {
        const isLeft = (item % 2 === 0) !== item < count;
        return {
          id: String(item),
          truth: item % 2 === 0 ? 'a' : 'b',
          probabilities: isLeft ? [0.9, 0.1] : [0.1, 0.9],
        };
      }),
      ['a', 'b'],
    );

  // By hand: 170 of 200 right is 0.85, and its standard error √(0.85·0.15/200) is 0.0252.
  it('has an interval as wide as the normal one, and the difference on the same items', () => {
    const score = scoreNamed(wrong(30), 'accuracy', wrong(20));
    expect(score?.estimate).toBe(0.85);
    expect(Math.abs((score?.high ?? 0) - (score?.low ?? 0) - 2 * 1.96 * 0.0252)).toBeLessThan(0.012);
    // Ten items of 200 tell them apart: −0.05, standard error √(0.05·0.95/200) = 0.0154, not that of two samples apart.
    const { estimate = 0, low = 0, high = 0 } = score?.difference ?? {};
    expect(estimate).toBeCloseTo(-0.05, 12);
    expect(Math.abs(high - low - 2 * 1.96 * 0.0154)).toBeLessThan(0.01);
  });

  it('is nothing at all beside itself, by every metric', () => {
    for (const name of ['macro_f1', 'ece', 'brier', 'recall:a']) {
      const score = scoreNamed(wrong(30), name, wrong(30));
      expect(score?.difference).toEqual({ estimate: 0, low: 0, high: 0 });
      expect(score?.estimate).toBeCloseTo(metricNamed(wrong(30), name) ?? -1, 12);
    }
    expect(scoreNamed(wrong(1), 'f1:c', null)).toBeNull();
    expect(scoreNamed(wrong(1), 'f1:a', null)?.difference).toBeNull();
  });
});

describe('metricNamed', () => {
  it('gives whole metrics and those of a label, by hand', () => {
    expect(metricNamed(OUTCOMES, 'accuracy')).toBe(0.5);
    expect(metricNamed(OUTCOMES, 'precision:a')).toBeCloseTo(2 / 3, 12);
    expect(metricNamed(OUTCOMES, 'recall:a')).toBeCloseTo(2 / 3, 12);
    expect(metricNamed(OUTCOMES, 'f1:b')).toBe(0);
    expect(metricNamed(OUTCOMES, 'macro_f1')).toBeCloseTo(1 / 3, 12);
    expect(metricNamed(OUTCOMES, 'brier')).toBeCloseTo((2 * 0.08 + 2 * 1.28) / 4, 12);
    expect(metricNamed(OUTCOMES, 'ece')).toBeCloseTo(0.3, 12);
  });

  it('has nothing to say of a label that neither occurs nor was given', () => {
    expect(metricNamed(OUTCOMES, 'f1:c')).toBeNull();
    expect(metricNamed(OUTCOMES, 'f1:unheard')).toBeNull();
  });

  it('refuses a metric that it does not know', () => {
    expect(() => metricNamed(OUTCOMES, 'f2')).toThrowFault(metricUnknown);
    expect(() => metricNamed(OUTCOMES, 'f2:a')).toThrowFault(metricUnknown);
    // What every object has is no metric, and neither is one of a label without its label, or the other way round.
    for (const name of ['constructor', 'f1', 'accuracy:a', ':a', '']) {
      expect(() => metricNamed(OUTCOMES, name)).toThrowFault(metricUnknown);
    }
  });

  it('is asked for by a name that is refused before anything is scored, whatever the model', () => {
    const { code, stdout } = fettle(temporaryRepository(), ['score', 'clouds', '--metric', 'nope', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: metricUnknown.code } }]);
  });
});
