import { describe, expect, it } from 'vitest';
import { examplesOf } from '../../pipelines/models/examples.ts';
import {
  compactedTo,
  countRatioScaling,
  plainScaling,
  standardScaling,
} from '../../pipelines/models/scaling.ts';

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

function examples(width = 3) {
  return examplesOf(
    ROWS.map((row, index) => {
      const columns = Int32Array.from(row.keys()).filter((column) => row[column] !== 0);
      return {
        row: { columns, values: Float64Array.from(columns, (c) => row[c]!) },
        label: String(LABELS[index]),
      };
    }),
    width,
  );
}

describe('standardScaling', () => {
  // Oracle: scikit-learn 1.9.1, StandardScaler.mean_ and .scale_; n and not n − 1.
  it('agrees with scikit-learn, zeros that are left out included', () => {
    const { scales, shifts } = standardScaling(examples());
    const wanted = [1.3425606637327303, 0.9938079899999066, 1.257078722109418];
    wanted.forEach((deviation, column) => expect(1 / scales[column]!).toBeCloseTo(deviation, 12));
    [13 / 9, 10 / 9, 14 / 9].forEach((mean, column) => expect(shifts[column]).toBeCloseTo(mean, 12));
  });

  it('silences a column that never changes', () => {
    const row = { columns: Int32Array.of(0), values: Float64Array.of(0.1) };
    const constant = examplesOf(
      [
        { row, label: 'a' },
        { row, label: 'b' },
        { row, label: 'a' },
      ],
      2,
    );
    expect([...standardScaling(constant).scales]).toEqual([0, 0]);
  });
});

describe('countRatioScaling', () => {
  // By hand: one row a label; column 0 only label a has: ln(2/3 ÷ 1/3) = ln 2 both ways, so √ln 2; column 1 both
  // have: ln 1 = 0. Rows (1, 1) and (0, 1) then have lengths √ln 2 and 0, and the mean square becomes 1.
  it('weighs what labels share by nothing and the rest by the root of the log ratio', () => {
    const both = { columns: Int32Array.of(0, 1), values: Float64Array.of(1, 1) };
    const one = { columns: Int32Array.of(1), values: Float64Array.of(1) };
    const { scales, shifts } = countRatioScaling(
      examplesOf(
        [
          { row: both, label: 'a' },
          { row: one, label: 'b' },
        ],
        2,
      ),
    );
    expect(scales[0]).toBeCloseTo(Math.sqrt(2), 12);
    expect([scales[1], ...shifts]).toEqual([0, 0, 0]);
  });

  // By hand, two rows a label: column 0 in one a: |ln(2/4 ÷ 1/4)| = ln 2; column 1 in both: ln(3/4 ÷ 1/4) = ln 3.
  it('takes the root, so that rare and frequent columns are less far apart', () => {
    const one = { columns: Int32Array.of(1), values: Float64Array.of(1) };
    const both = { columns: Int32Array.of(0, 1), values: Float64Array.of(1, 1) };
    const none = { columns: new Int32Array(0), values: new Float64Array(0) };
    const labelled = [one, both, none, none].map((row, index) => ({ row, label: index < 2 ? 'a' : 'b' }));
    const { scales } = countRatioScaling(examplesOf(labelled, 2));
    expect(scales[1]! / scales[0]!).toBeCloseTo(Math.sqrt(Math.log(3) / Math.log(2)), 12);
  });

  it('makes the mean squared length of a row 1', () => {
    const whole = examples();
    const { scales } = countRatioScaling(whole);
    const squares = ROWS.flat().reduce((sum, value, index) => sum + (value * scales[index % 3]!) ** 2, 0);
    expect(squares / ROWS.length).toBeCloseTo(1, 12);
  });
});

describe('plainScaling', () => {
  it('changes nothing', () => {
    expect(plainScaling(2)).toEqual({ scales: Float64Array.of(1, 1), shifts: Float64Array.of(0, 0) });
  });
});

describe('compactedTo', () => {
  it('leaves out columns that too few rows have, and renumbers', () => {
    const { compact, seen } = compactedTo(examples(10), 7);
    expect(seen).toEqual(Int32Array.of(2));
    expect([compact.width, [...compact.values]]).toEqual([1, [2, 1, 1, 1, 3, 2, 4]]);
    expect([...compact.offsets]).toEqual([0, 1, 2, 2, 3, 4, 5, 5, 6, 7]);
    expect(compactedTo(examples(10), 1).seen).toEqual(Int32Array.of(0, 1, 2));
  });
});
