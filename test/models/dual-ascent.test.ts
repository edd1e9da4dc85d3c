import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDuals,
  type DualRow,
  dualScores,
  dualStep,
  emptyWeights,
} from '../../pipelines/models/dual-ascent.ts';

const PARAMS = { penalty: 0.5, sharing: 1.5, offset: 0.05 };
const WIDTH = 5;

function row(values: readonly number[], project: number, targets: readonly number[]): DualRow {
  const places = [...values.keys()].filter((place) => values[place] !== 0);
  return {
    scaled: {
      places: Int32Array.from(places),
      values: Float64Array.from(places, (place) => values[place] ?? 0),
    },
    project,
    targets: Int8Array.from(targets),
    duals: new Float64Array(targets.length),
  };
}

const value = fc.integer({ min: -4, max: 4 }).map((whole) => whole / 4);
const target = fc.constantFrom(-1, 1, 0);
const rows = fc.array(
  fc
    .tuple(
      fc.array(value, { minLength: WIDTH, maxLength: WIDTH }),
      fc.nat({ max: 1 }),
      fc.array(target, { minLength: 2, maxLength: 2 }),
    )
    .map(([values, project, targets]) => row(values, project, targets)),
  { minLength: 1, maxLength: 6 },
);

function weights() {
  return emptyWeights({ rows: WIDTH, projectCount: 2, labelCount: 2 });
}

describe('dualStep', () => {
  it('ends where the ridge has its least: every residual is the penalty times the dual', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const learned = weights();
        for (let pass = 0; pass < 400; pass++) for (const one of some) dualStep(learned, one, PARAMS);
        for (const one of some) {
          dualScores(learned, one.scaled, one.project).forEach((score, label) => {
            const wanted = one.targets[label] ?? 0;
            if (wanted === 0) expect(one.duals[label]).toBe(0);
            else expect(wanted - score).toBeCloseTo(PARAMS.penalty * (one.duals[label] ?? 0), 5);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is, for one row, the ridge worked out by hand', () => {
    // K = (1.5 + 1)·1 + 0.05; a = 1/(K + 0.5); the score is K·a.
    const learned = weights();
    const one = row([1, 0, 0, 0, 0], 0, [1, -1]);
    dualStep(learned, one, PARAMS);
    expect([...dualScores(learned, one.scaled, 0)]).toEqual([
      expect.closeTo(2.55 / 3.05, 12),
      expect.closeTo(-2.55 / 3.05, 12),
    ]);
    // Another project has what is shared, and the bias.
    expect(dualScores(learned, one.scaled, -1)[0]).toBeCloseTo(1.55 / 3.05, 12);
  });
});

describe('addDuals', () => {
  it('takes a row out so that nothing of it is left', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const learned = weights();
        for (const one of some) dualStep(learned, one, PARAMS);
        for (const one of some) addDuals(learned, one, { sign: -1, params: PARAMS });
        for (const table of [learned.shared, ...learned.own, learned.bias]) {
          for (const weight of table) expect(weight).toBeCloseTo(0, 12);
        }
      }),
    );
  });
});
