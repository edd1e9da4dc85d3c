import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { metricUnknown } from '../../pipelines/faults.ts';
import { metricNamed } from '../../pipelines/scores/backfill.ts';
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
