import { describe, expect, it } from 'vitest';
import { examplesUnfit } from '../../pipelines/faults.ts';
import { chosenFrom, examplesOf, rowAt } from '../../pipelines/models/examples.ts';

const row = (...entries: readonly (readonly [number, number])[]) => ({
  columns: Int32Array.from(entries, ([column]) => column),
  values: Float64Array.from(entries, ([, value]) => value),
});

const EXAMPLES = examplesOf(
  [
    { row: row([0, 1], [3, 2]), label: 'b' },
    { row: row(), label: 'a' },
    { row: row([1, 5]), label: 'b' },
  ],
  4,
);

describe('examplesOf', () => {
  it('lays rows out one behind the other and numbers labels by their names', () => {
    expect(EXAMPLES).toEqual({
      rows: 3,
      width: 4,
      offsets: Int32Array.of(0, 2, 2, 3),
      columns: Int32Array.of(0, 3, 1),
      values: Float64Array.of(1, 2, 5),
      labels: Int32Array.of(1, 0, 1),
      labelNames: ['a', 'b'],
    });
  });

  it('refuses no rows, and columns beyond the width', () => {
    expect(() => examplesOf([], 4)).toThrowFault(examplesUnfit);
    expect(() => examplesOf([{ row: row([4, 1]), label: 'a' }], 4)).toThrow(RangeError);
  });
});

describe('chosenFrom', () => {
  it('keeps the order asked for, repeats, and the numbers of the labels', () => {
    const chosen = chosenFrom(EXAMPLES, [2, 2, 0]);
    expect(chosen.offsets).toEqual(Int32Array.of(0, 1, 2, 4));
    expect(chosen.columns).toEqual(Int32Array.of(1, 1, 0, 3));
    expect([chosen.rows, chosen.labels, chosen.labelNames]).toEqual([3, Int32Array.of(1, 1, 1), ['a', 'b']]);
  });
});

describe('rowAt', () => {
  it('shows one row', () => {
    expect(rowAt(EXAMPLES, 0)).toEqual(row([0, 1], [3, 2]));
    expect(() => rowAt(EXAMPLES, 3)).toThrow(RangeError);
  });
});
