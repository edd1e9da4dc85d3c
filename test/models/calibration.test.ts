import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { calibrated, NEVER, thresholdsFor } from '../../pipelines/models/calibration.ts';
import { probabilitiesFrom } from '../../pipelines/models/triage-model.ts';

describe('calibrated', () => {
  it('finds the slope that the truth was drawn with, for labels that exclude each other', () => {
    const random = randomOf(3);
    const [scores, truth]: [number[], number[]] = [[], []];
    for (let item = 0; item < 6000; item++) {
      const row = [random.nextFloat() * 2 - 1, random.nextFloat() * 2 - 1, random.nextFloat() * 2 - 1];
      const chances = probabilitiesFrom(row, { slope: 4, shifts: new Float32Array(3) }, 'one');
      const draw = random.nextFloat();
      const label = draw < chances[0]! ? 0 : draw < chances[0]! + chances[1]! ? 1 : 2;
      scores.push(...row);
      truth.push(...[0, 1, 2].map((one) => (one === label ? 1 : 0)));
    }
    const { slope, shifts } = calibrated({ scores, truth, labelCount: 3, choice: 'one' });
    expect(Math.abs(slope - 4)).toBeLessThan(0.2);
    expect([...shifts]).toEqual([0, 0, 0]);
  });

  it('finds slope and shift for independent labels by hand: odds 1 at score 0, 3 at score 1', () => {
    // Of four items with score 1 three have the label, of four with score 0 two: logit(3/4) = ln 3, logit(1/2) = 0.
    const scores = Array.from({ length: 800 }, (_, item) => (item % 2 === 0 ? 1 : 0));
    const truth = scores.map((score, item) =>
      score === 1 ? (item % 8 === 0 ? 0 : 1) : item % 4 === 1 ? 1 : 0,
    );
    const { slope, shifts } = calibrated({ scores, truth, labelCount: 1, choice: 'any' });
    expect(Math.abs(slope - Math.log(3))).toBeLessThan(0.02);
    expect(Math.abs(shifts[0]!)).toBeLessThan(0.02);
  });

  it('stays finite where every answer is right', () => {
    const given = { scores: [1, -1, -1, 1], truth: [1, 0, 0, 1], labelCount: 2, choice: 'one' } as const;
    expect(Number.isFinite(calibrated(given).slope)).toBe(true);
  });
});

describe('thresholdsFor', () => {
  /** One label, its probabilities falling; 1 for right. */
  const one = (right: readonly number[]) => ({
    scores: right.map((_, index) => 1 - index / 100),
    truth: right,
    labelCount: 1,
    choice: 'any' as const,
  });

  it('goes as low as the precision holds, by hand', () => {
    // After 1, 2, 3, 4, 5 answers: 1, 1, 2/3 (too low): the threshold is that of the second.
    expect(thresholdsFor(one([1, 1, 0, 1, 1]), { precision: 0.9, least: 1 })[0]).toBeCloseTo(0.99, 6);
    // With 0.6 wanted: 1, 1, 2/3, 3/4, 4/5, 4/6: all six.
    expect(thresholdsFor(one([1, 1, 0, 1, 1, 0]), { precision: 0.6, least: 1 })[0]).toBeCloseTo(0.95, 6);
  });

  it('never gives a label that too few answers speak for, or that is wrong at its surest', () => {
    expect(thresholdsFor(one([1, 1, 1]), { precision: 0.9, least: 4 })[0]).toBe(NEVER);
    expect(thresholdsFor(one([0, 1, 1, 1]), { precision: 0.9, least: 1 })[0]).toBe(NEVER);
  });

  it('looks only at the likeliest label of an item where labels exclude each other', () => {
    const scores = [0.6, 0.4, 0.3, 0.7];
    const truth = [1, 0, 1, 0];
    const [first, second] = thresholdsFor(
      { scores, truth, labelCount: 2, choice: 'one' },
      { precision: 1, least: 1 },
    );
    expect(first).toBeCloseTo(0.6, 6);
    expect(second).toBe(NEVER);
  });
});
