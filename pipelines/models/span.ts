/** Few rows of many columns, written in coordinates of the space that the rows span: the same problem, far smaller. */
import type { Examples } from './examples.ts';

/** What keeps a row that repeats others from dividing by 0; relative to the longest row's squared length. */
const RIDGE = 1e-10;

export interface Spanned {
  /** The same rows in rows-many coordinates: row i of the Cholesky factor L of the Gram matrix, L·Lᵀ = Z·Zᵀ. */
  readonly coordinates: Examples;
  /** Weights over the coordinates (rows·labels) to weights over the columns (width·labels). */
  readonly unspan: (weights: Float64Array) => Float64Array;
}

/**
 * Weights that minimize a loss of the scores Z·W plus a penalty on ‖W‖² are W = Zᵀ·A for some A, since any part of W
 * beside the rows only costs. With Z·Zᵀ = L·Lᵀ and V = Lᵀ·A, scores are L·V and ‖W‖ = ‖V‖: the problem over V has
 * rows·labels unknowns instead of width·labels, and the same minimum. Back: A = L⁻ᵀ·V.
 *
 * @param examples  n rows, at most a thousand or so; values already scaled
 * @returns         the rows of L, and the way back; lengths and angles of rows agree to 1e-10 relative
 * @throws          never
 * @cost            Σ over columns of (rows that have it)²/2, and n³/6 multiply-adds
 * @source          representer theorem: G. Kimeldorf, G. Wahba (1971); G. Golub, C. Van Loan, Matrix Computations,
 *                  4th ed., §4.2 for the factor
 */
export function spanned(examples: Examples): Spanned {
  const { rows, width, labelNames } = examples;
  const factor = choleskyInPlace(gramOf(examples), rows);
  const count = labelNames.length;
  return {
    coordinates: triangularRows(examples, factor),
    unspan: (weights) => {
      const solved = solvedUpper(factor, weights.slice(0, rows * count), count);
      return combined(examples, solved, new Float64Array(width * count));
    },
  };
}

/** Z·Zᵀ, lower half, row-major n×n: column after column, the products of those rows that have it. */
function gramOf({ rows, width, offsets, columns, values }: Examples): Float64Array {
  const starts = new Int32Array(width + 1);
  for (const column of columns) starts[column + 1]! += 1;
  for (let column = 0; column < width; column++) starts[column + 1]! += starts[column]!;
  const filled = starts.slice();
  const rowOf = new Int32Array(columns.length);
  const valueOf = new Float64Array(columns.length);
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const place = filled[columns[entry]!]!++;
      rowOf[place] = row;
      valueOf[place] = values[entry]!;
    }
  }
  const gram = new Float64Array(rows * rows);
  for (let column = 0; column < width; column++) {
    for (let i = starts[column]!; i < starts[column + 1]!; i++) {
      const at = rowOf[i]! * rows;
      // Rows were met in order, so the second never comes after the first.
      for (let j = starts[column]!; j <= i; j++) gram[at + rowOf[j]!]! += valueOf[i]! * valueOf[j]!;
    }
  }
  return gram;
}

/** The lower factor of gram + ridge·I, in its place. */
function choleskyInPlace(gram: Float64Array, n: number): Float64Array {
  let longest = 0;
  for (let i = 0; i < n; i++) longest = Math.max(longest, gram[i * n + i]!);
  const ridge = longest > 0 ? RIDGE * longest : 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = gram[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= gram[i * n + k]! * gram[j * n + k]!;
      if (j < i) gram[i * n + j] = sum / gram[j * n + j]!;
      else gram[i * n + i] = Math.sqrt(Math.max(sum + ridge, ridge));
    }
  }
  return gram;
}

/** Row i has the i + 1 entries of the factor's row i. */
function triangularRows(examples: Examples, factor: Float64Array): Examples {
  const n = examples.rows;
  const offsets = Int32Array.from({ length: n + 1 }, (_, row) => (row * (row + 1)) / 2);
  const columns = new Int32Array(offsets[n]!);
  const values = new Float64Array(offsets[n]!);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      columns[offsets[row]! + column] = column;
      values[offsets[row]! + column] = factor[row * n + column]!;
    }
  }
  return { ...examples, width: n, offsets, columns, values };
}

/** Solves Lᵀ·A = V for each label, from the last row up, in the place of V. */
function solvedUpper(factor: Float64Array, solution: Float64Array, count: number): Float64Array {
  const n = solution.length / count;
  for (let row = n - 1; row >= 0; row--) {
    for (let label = 0; label < count; label++) solution[row * count + label]! /= factor[row * n + row]!;
    for (let above = 0; above < row; above++) {
      const value = factor[row * n + above]!;
      for (let label = 0; label < count; label++) {
        solution[above * count + label]! -= value * solution[row * count + label]!;
      }
    }
  }
  return solution;
}

/** Zᵀ·A into `weights`. */
function combined(examples: Examples, parts: Float64Array, weights: Float64Array): Float64Array {
  const { rows, offsets, columns, values, labelNames } = examples;
  const count = labelNames.length;
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const to = columns[entry]! * count;
      for (let label = 0; label < count; label++) {
        weights[to + label]! += values[entry]! * parts[row * count + label]!;
      }
    }
  }
  return weights;
}
