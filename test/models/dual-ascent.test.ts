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

describe('dualScores', () => {
  it('are the sums of what the entries add, and a step moves the weights by its duals, for any count of labels', () => {
    const many = fc.integer({ min: 1, max: 7 }).chain((count) =>
      fc.tuple(
        fc.array(value, { minLength: WIDTH, maxLength: WIDTH }),
        fc.array(target, { minLength: count, maxLength: count }),
        fc.array(fc.array(value, { minLength: WIDTH * count, maxLength: WIDTH * count }), {
          minLength: 2,
          maxLength: 2,
        }),
      ),
    );
    fc.assert(
      fc.property(many, fc.constantFrom(0, -1), ([values, targets, [shared = [], mine = []]], project) => {
        const count = targets.length;
        const learned = {
          shared: Float64Array.from(shared),
          own: [Float64Array.from(mine)],
          bias: new Float64Array(count).fill(0.25),
        };
        const one = row(values, 0, targets);
        const wanted = targets.map((_, label) =>
          values.reduce((sum, each, place) => {
            const at = place * count + label;
            return sum + each * ((shared[at] ?? 0) + (project === 0 ? (mine[at] ?? 0) : 0));
          }, 0.25),
        );
        dualScores(learned, one.scaled, project).forEach((score, label) => {
          expect(score).toBeCloseTo(wanted[label] ?? Number.NaN, 12);
        });
        dualStep(learned, one, PARAMS);
        learned.shared.forEach((weight, at) => {
          const moved = (one.duals[at % count] ?? 0) * (values[Math.floor(at / count)] ?? 0);
          expect(weight).toBeCloseTo((shared[at] ?? 0) + PARAMS.sharing * moved, 12);
          expect(learned.own[0]?.[at]).toBeCloseTo((mine[at] ?? 0) + moved, 12);
        });
      }),
    );
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
