/** Scaling of columns that is learned from the training rows and can be folded into a linear model's weights. */
import type { Examples } from './examples.ts';

/** A column x becomes scale·(x − shift); both have one entry a column. */
export interface Scaling {
  readonly scales: Float64Array;
  readonly shifts: Float64Array;
}

/**
 * The scaling that changes nothing.
 *
 * @param width  columns
 * @returns      scales 1, shifts 0
 * @throws       never
 * @cost         two arrays
 * @source       definition
 */
export function plainScaling(width: number): Scaling {
  return { scales: new Float64Array(width).fill(1), shifts: new Float64Array(width) };
}

/**
 * Mean 0 and deviation 1 over the training rows: shift = mean, scale = 1/√(Σ(x − mean)²/n). A column that never
 * changes is scaled to 0, so it has no say.
 *
 * @param examples  one row or more; entries left out count as 0
 * @returns         one scale and shift a column
 * @throws          never
 * @cost            two passes over the entries
 * @source          definition, with n and not n − 1, as scikit-learn's `StandardScaler`
 */
export function standardScaling({ rows, width, columns, values }: Examples): Scaling {
  const shifts = new Float64Array(width);
  const filled = new Int32Array(width);
  for (let entry = 0; entry < columns.length; entry++) {
    shifts[columns[entry]!]! += values[entry]! / rows;
    filled[columns[entry]!]! += 1;
  }
  // Around the mean rather than from Σx², which would lose digits where the mean is large.
  const squares = shifts.map((mean, column) => (rows - filled[column]!) * mean * mean);
  for (let entry = 0; entry < columns.length; entry++) {
    squares[columns[entry]!]! += (values[entry]! - shifts[columns[entry]!]!) ** 2;
  }
  const scales = squares.map((sum, column) => {
    const deviation = Math.sqrt(sum / rows);
    // What is left of a constant column is rounding.
    return deviation > 1e-12 * Math.abs(shifts[column]!) && deviation > 0 ? 1 / deviation : 0;
  });
  return { scales, shifts };
}

/**
 * Weighs columns by how unevenly the labels have them: s = √(meanₗ |ln(pₗ/qₗ)|), where pₗ = (rows of label l with the
 * column + 1)/(rows of l + 2) and qₗ the same for all other labels' rows. All are then multiplied by one factor so
 * that the mean squared length of a scaled row is 1, and an l2 means the same with or without.
 *
 * @param examples  one row or more; a column is had where it has an entry
 * @returns         scales; shifts are 0
 * @throws          never
 * @cost            one pass over the entries, and one logarithm a column and label
 * @source          S. Wang, C. Manning, ACL 2012 (NB-SVM), made independent of the label by the mean, with a root
 */
export function countRatioScaling(examples: Examples): Scaling {
  const { rows, width, columns, labels, labelNames } = examples;
  const count = labelNames.length;
  const having = havingOf(examples);
  const perLabel = new Int32Array(count);
  for (const label of labels) perLabel[label]! += 1;

  const scales = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    let all = 0;
    for (let label = 0; label < count; label++) all += having[column * count + label]!;
    let sum = 0;
    for (let label = 0; label < count; label++) {
      const had = having[column * count + label]!;
      const inside = (had + 1) / (perLabel[label]! + 2);
      const outside = (all - had + 1) / (rows - perLabel[label]! + 2);
      sum += Math.abs(Math.log(inside / outside));
    }
    scales[column] = Math.sqrt(sum / count);
  }
  let squares = 0;
  for (let entry = 0; entry < columns.length; entry++) {
    squares += (scales[columns[entry]!]! * examples.values[entry]!) ** 2;
  }
  const factor = squares > 0 ? Math.sqrt(rows / squares) : 1;
  return { scales: scales.map((scale) => scale * factor), shifts: new Float64Array(width) };
}

/** Rows of each label that have each column: entry column·labels + label. */
function havingOf({ rows, width, offsets, columns, labels, labelNames }: Examples): Int32Array {
  const having = new Int32Array(width * labelNames.length);
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      having[columns[entry]! * labelNames.length + labels[row]!]! += 1;
    }
  }
  return having;
}

/** Examples over the columns that matter, renumbered, with the old number of each. */
export interface Compacted {
  readonly compact: Examples;
  readonly seen: Int32Array;
}

/**
 * Leaves out the columns that too few rows have: of 65,536 hashed ones a few thousand are left.
 *
 * @param examples   any
 * @param leastRows  1 or more; a column must have an entry in so many rows
 * @returns          the same rows over fewer columns, whose order stays
 * @throws           never
 * @cost             two passes over the entries
 * @source           definition
 */
export function compactedTo(examples: Examples, leastRows: number): Compacted {
  const { rows, width, offsets, columns, values } = examples;
  const counts = new Int32Array(width);
  for (const column of columns) counts[column]! += 1;
  const seen = Int32Array.from(counts.keys()).filter((column) => counts[column]! >= leastRows);
  const renumbered = new Int32Array(width).fill(-1);
  seen.forEach((column, index) => {
    renumbered[column] = index;
  });

  const keptOffsets = new Int32Array(rows + 1);
  const keptColumns = new Int32Array(columns.length);
  const keptValues = new Float64Array(columns.length);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const column = renumbered[columns[entry]!]!;
      if (column < 0) continue;
      keptColumns[kept] = column;
      keptValues[kept] = values[entry]!;
      kept += 1;
    }
    keptOffsets[row + 1] = kept;
  }
  const compact: Examples = {
    ...examples,
    width: seen.length,
    offsets: keptOffsets,
    columns: keptColumns.slice(0, kept),
    values: keptValues.slice(0, kept),
  };
  return { compact, seen };
}
