/** Symmetric matrices and rectangular ones, taken apart by rotations: small, exact to the last digits, the same everywhere. */

/** A = V · diag(values) · Vᵀ. */
interface Eigen {
  /** In no order. */
  readonly values: Float64Array;
  /** n × n, row-major; column j belongs to value j. */
  readonly vectors: Float64Array;
}

const SWEEPS_MOST = 60;

/**
 * Eigenvalues and eigenvectors by cyclic Jacobi rotations: each makes one pair of off-diagonal elements zero.
 *
 * @param matrix  n × n, row-major, symmetric; not changed
 * @param n       1 or more
 * @returns       orthonormal vectors; values to about 1e-15 of the largest
 * @throws        never: a matrix with NaN gives NaN
 * @cost          about 10 sweeps of 4·n³ operations
 * @source        G. Golub, C. Van Loan, Matrix Computations, 4th ed., §8.5
 */
export function eigenOf(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS_MOST && !isDiagonal(a, n); sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate({ a, v, n }, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors: v };
}

function isDiagonal(a: Float64Array, n: number): boolean {
  let [off, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const square = a[i * n + j]! ** 2;
      all += square;
      if (i !== j) off += square;
    }
  }
  return off <= 1e-32 * all;
}

interface Turning {
  readonly a: Float64Array;
  readonly v: Float64Array;
  readonly n: number;
}

function rotate({ a, v, n }: Turning, p: number, q: number): void {
  const between = a[p * n + q]!;
  if (between === 0) return;
  const { c, s } = angleOf(a[p * n + p]!, a[q * n + q]!, between);
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    const [left, right] = [v[k * n + p]!, v[k * n + q]!];
    v[k * n + p] = c * left - s * right;
    v[k * n + q] = s * left + c * right;
  }
}

/** The smaller angle that makes what lies between zero. */
function angleOf(pp: number, qq: number, pq: number): { readonly c: number; readonly s: number } {
  const tau = (qq - pp) / (2 * pq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  return { c, s: t * c };
}

/** A = U · diag(values) · Vᵀ with r = min(rows, columns) singular values. */
export interface Singular {
  /** From the largest to the smallest, 0 or more. */
  readonly values: Float64Array;
  /** rows × r, row-major; orthonormal columns, but where the value is 0 the column may be zero. */
  readonly left: Float64Array;
  /** columns × r, row-major; likewise. */
  readonly right: Float64Array;
}

interface Rectangle {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: ArrayLike<number>;
}

/**
 * Singular values by one-sided Jacobi rotations: columns are turned in pairs until all are orthogonal; their lengths are
 * the values. A wide matrix is taken apart through its transpose.
 *
 * @param matrix  finite numbers; not changed
 * @returns       values to about 1e-15 of the largest
 * @throws        never
 * @cost          about 10 sweeps of 3·rows·columns² operations, of the smaller side squared
 * @source        G. Golub, C. Van Loan, Matrix Computations, 4th ed., §8.6.3
 */
export function singularOf({ rows, columns, values }: Rectangle): Singular {
  if (rows < columns) {
    const turned = singularOf({ rows: columns, columns: rows, values: transposed(values, rows, columns) });
    return { values: turned.values, left: turned.right, right: turned.left };
  }
  // Columns as rows, so that each lies in one stretch.
  const work = transposed(values, rows, columns);
  const turns = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) turns[i * columns + i] = 1;
  for (let sweep = 0; sweep < SWEEPS_MOST; sweep++) {
    if (!orthogonalize({ work, turns, rows, columns })) break;
  }
  const lengths = Float64Array.from({ length: columns }, (_, j) => {
    const column = work.subarray(j * rows, (j + 1) * rows);
    return Math.sqrt(dot(column, column));
  });
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]!);
  const left = new Float64Array(rows * columns);
  const right = new Float64Array(columns * columns);
  order.forEach((from, to) => {
    const size = lengths[from]!;
    for (let i = 0; i < rows; i++) left[i * columns + to] = size === 0 ? 0 : work[from * rows + i]! / size;
    for (let i = 0; i < columns; i++) right[i * columns + to] = turns[from * columns + i]!;
  });
  return { values: Float64Array.from(order, (from) => lengths[from]!), left, right };
}

function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(rows * columns);
  for (let at = 0; at < turned.length; at++) {
    turned[(at % columns) * rows + Math.floor(at / columns)] = values[at]!;
  }
  return turned;
}

interface Sweeping {
  readonly work: Float64Array;
  readonly turns: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** @returns whether anything was turned */
function orthogonalize({ work, turns, rows, columns }: Sweeping): boolean {
  let turned = false;
  for (let p = 0; p < columns - 1; p++) {
    for (let q = p + 1; q < columns; q++) {
      const [x, y] = [work.subarray(p * rows, (p + 1) * rows), work.subarray(q * rows, (q + 1) * rows)];
      const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
      if (Math.abs(xy) <= 1e-15 * Math.sqrt(xx * yy) || xy === 0) continue;
      turned = true;
      const angle = angleOf(xx, yy, xy);
      turn(x, y, angle);
      turn(
        turns.subarray(p * columns, (p + 1) * columns),
        turns.subarray(q * columns, (q + 1) * columns),
        angle,
      );
    }
  }
  return turned;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

function turn(x: Float64Array, y: Float64Array, { c, s }: { readonly c: number; readonly s: number }): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}
