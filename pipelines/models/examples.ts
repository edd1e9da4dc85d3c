/** Labelled examples as a sparse matrix: what every learner learns from. */
import { examplesUnfit } from '../faults.ts';

/** One row: columns rise strictly, and no value is 0. */
export interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Rows in compressed form: row i has the entries offsets[i] to offsets[i+1]−1 of `columns` and `values`. */
export interface Examples {
  readonly rows: number;
  /** How many columns there are: every entry of `columns` is below it. */
  readonly width: number;
  /** rows + 1 positions, rising from 0. */
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** For each row the index of its label in `labelNames`. */
  readonly labels: Int32Array;
  /** Sorted by UTF-16 code units, so that the order of rows does not decide the order of labels. */
  readonly labelNames: readonly string[];
}

export interface Labelled {
  readonly row: SparseRow;
  readonly label: string;
}

/**
 * Puts rows and labels together.
 *
 * @param labelled  one or more rows, columns below width
 * @param width     columns in all, 1 or more
 * @returns         copies; labels are numbered in the order of their sorted names
 * @throws          examplesUnfit when there is no row; RangeError when a column is out of range: a programmer's error
 * @cost            one copy of the entries
 * @source          definition of compressed sparse rows
 */
export function examplesOf(labelled: readonly Labelled[], width: number): Examples {
  if (labelled.length === 0) throw examplesUnfit({ wanted: 'labelled rows to learn from', found: 'none' });
  const labelNames = [...new Set(labelled.map(({ label }) => label))].sort();
  const labelIndex = new Map(labelNames.map((name, index) => [name, index]));
  const packed = packRows(labelled.map(({ row }) => row));
  for (const column of packed.columns) {
    if (!(column >= 0 && column < width)) throw new RangeError(`no column ${column} of ${width}`);
  }
  const labels = Int32Array.from(labelled, ({ label }) => labelIndex.get(label)!);
  return { rows: labelled.length, width, ...packed, labels, labelNames };
}

/**
 * Some of the rows, in the order given; all labels stay known, so that two parts of one whole agree on their numbers.
 *
 * @param examples  the whole
 * @param chosen    indexes of rows; the same one may come twice
 * @returns         copies
 * @throws          RangeError when there is no such row: a programmer's error
 * @cost            one copy of the chosen entries
 * @source          definition
 */
export function chosenFrom(examples: Examples, chosen: ArrayLike<number>): Examples {
  const indexes = Array.from(chosen);
  const packed = packRows(indexes.map((index) => rowAt(examples, index)));
  const labels = Int32Array.from(indexes, (index) => examples.labels[index]!);
  return { ...examples, rows: indexes.length, ...packed, labels };
}

/**
 * One row.
 *
 * @param examples  the whole
 * @param index     0 … rows−1
 * @returns         views, not copies
 * @throws          RangeError when there is no such row: a programmer's error
 * @cost            constant
 * @source          definition of compressed sparse rows
 */
export function rowAt({ rows, offsets, columns, values }: Examples, index: number): SparseRow {
  if (!(index >= 0 && index < rows)) throw new RangeError(`no row ${index} of ${rows}`);
  const [from, to] = [offsets[index]!, offsets[index + 1]!];
  return { columns: columns.subarray(from, to), values: values.subarray(from, to) };
}

function packRows(rows: readonly SparseRow[]) {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ columns }, index) => {
    offsets[index + 1] = offsets[index]! + columns.length;
  });
  const columns = new Int32Array(offsets.at(-1)!);
  const values = new Float64Array(offsets.at(-1)!);
  rows.forEach((row, index) => {
    columns.set(row.columns, offsets[index]!);
    values.set(row.values, offsets[index]!);
  });
  return { offsets, columns, values };
}
