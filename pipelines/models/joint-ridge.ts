/** Ridge regression with weights that all projects share and weights of each project's own, in one linear system. */

/** Rows in compressed form, each of one project. */
export interface JointRows {
  /** rows + 1 positions, rising from 0. */
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** How many columns there are. */
  readonly width: number;
  /** For each row its project, below `projectCount`; rows of one project lie together. */
  readonly projects: Int32Array;
  readonly projectCount: number;
}

export interface RidgeParams {
  /** Penalty on the squared weights. */
  readonly penalty: number;
  /** How much of the kernel is shared: 0 keeps the projects apart, large values make them one. */
  readonly sharing: number;
  /** Kernel of the constant column. */
  readonly offset: number;
  /** Steps at most, and the relative residual that ends them sooner. */
  readonly iterations: number;
  readonly tolerance: number;
}

export interface JointWeights {
  /** Row-major: entry column·labels + label. What every project has. */
  readonly shared: Float64Array;
  /** What a project adds to it: entry (project·width + column)·labels + label. */
  readonly own: Float64Array;
  /** One for each label. */
  readonly bias: Float64Array;
  readonly iterations: number;
  /** The largest of the labels' residuals, relative to their targets. */
  readonly residual: number;
}

/**
 * Minimizes Σᵢ (yᵢ − zᵢ·(W + W_p(i)) − b)² + λ·(‖W‖²/μ + Σ_p‖W_p‖² + ‖b‖²/ο), every label on its own but all in one
 * pass. In the dual, (K + λI)·A = Y with K_ij = (μ + [same project])·zᵢ·zⱼ + ο, solved by conjugate gradients without
 * ever building K; then W = μ·Σᵢ aᵢzᵢ, W_p the same sum over the project's rows without μ. A row of which nobody said
 * whether it has a label is no row of that label's system.
 *
 * @param rows     one or more
 * @param targets  row-major, labels a row; usually 1 for a label that a row has, −1 for one that it has not; 0 where
 *                 nobody said
 * @param params   penalty above 0; sharing and offset 0 or more
 * @returns        weights for scaled rows
 * @throws         RangeError when the targets do not fit the rows: a programmer's error
 * @cost           about three multiply-adds an entry, label and step; some twenty steps
 * @source         T. Evgeniou, M. Pontil, "Regularized multi-task learning", KDD 2004, eq. 9; M. Hestenes, E. Stiefel,
 *                 J. Res. NBS 49 (1952), for the steps
 */
export function jointRidge(rows: JointRows, targets: Float64Array, params: RidgeParams): JointWeights {
  const count = targets.length / (rows.offsets.length - 1);
  if (!Number.isInteger(count)) {
    throw new RangeError(`targets of ${targets.length} for ${rows.projects.length} rows`);
  }
  const { solution, iterations, residual } = conjugate(rows, targets, { ...params, count });
  const shared = new Float64Array(rows.width * count);
  const own = new Float64Array(rows.projectCount * rows.width * count);
  const bias = new Float64Array(count);
  for (let row = 0; row < rows.projects.length; row++) {
    const base = rows.projects[row]! * rows.width * count;
    addRow(own.subarray(base, base + rows.width * count), rows, { row, factors: solution, count });
    for (let label = 0; label < count; label++) {
      bias[label]! += params.offset * solution[row * count + label]!;
    }
  }
  for (let index = 0; index < own.length; index++) {
    shared[index % shared.length]! += params.sharing * own[index]!;
  }
  return { shared, own, bias, iterations, residual };
}

interface System extends RidgeParams {
  readonly count: number;
}

/** Every label has its own step lengths; one that is done stays where it is. */
function conjugate(rows: JointRows, targets: Float64Array, system: System) {
  const { count, iterations: most, tolerance } = system;
  const solution = new Float64Array(targets.length);
  const residual = targets.slice();
  const direction = targets.slice();
  const image = new Float64Array(targets.length);
  const start = dots(residual, residual, count);
  let squares: Float64Array = start.slice();
  let iterations = 0;
  const open = (label: number) => squares[label]! > tolerance * tolerance * start[label]!;
  while (iterations < most && squares.some((_, label) => open(label))) {
    applyKernel(rows, { vector: direction, image, system });
    for (let index = 0; index < targets.length; index++) if (targets[index] === 0) image[index] = 0;
    const curvature = dots(direction, image, count);
    const step = squares.map((square, label) => (open(label) ? square / curvature[label]! : 0));
    for (let index = 0; index < targets.length; index++) {
      const length = step[index % count]!;
      solution[index]! += length * direction[index]!;
      residual[index]! -= length * image[index]!;
    }
    const next = dots(residual, residual, count);
    const turn = next.map((square, label) => (squares[label]! > 0 ? square / squares[label]! : 0));
    for (let index = 0; index < targets.length; index++) {
      direction[index] = residual[index]! + turn[index % count]! * direction[index]!;
    }
    squares = next;
    iterations += 1;
  }
  const relative = squares.map((square, label) =>
    start[label]! > 0 ? Math.sqrt(square / start[label]!) : 0,
  );
  return { solution, iterations, residual: Math.max(...relative) };
}

/** Sums of products, label by label. */
function dots(left: Float64Array, right: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let index = 0; index < left.length; index++) sums[index % count]! += left[index]! * right[index]!;
  return sums;
}

interface Application {
  readonly vector: Float64Array;
  /** Written. */
  readonly image: Float64Array;
  readonly system: System;
}

/** (K + λI)·v. Projects are taken one after the other, so that one table of own weights is enough for all. */
function applyKernel(rows: JointRows, { vector, image, system }: Application): void {
  const { count, sharing, offset, penalty } = system;
  const shared = new Float64Array(rows.width * count);
  const own = new Float64Array(rows.width * count);
  const sums = dots(vector, new Float64Array(vector.length).fill(1), count);
  for (let index = 0; index < image.length; index++) {
    image[index] = offset * sums[index % count]! + penalty * vector[index]!;
  }
  for (let from = 0, to = 0; from < rows.projects.length; from = to) {
    own.fill(0);
    while (to < rows.projects.length && rows.projects[to] === rows.projects[from]) {
      addRow(own, rows, { row: to, factors: vector, count });
      to += 1;
    }
    for (let row = from; row < to; row++) addScores(image, rows, { row, weights: own, count, factor: 1 });
    for (let index = 0; index < shared.length; index++) shared[index]! += own[index]!;
  }
  for (let row = 0; row < rows.projects.length; row++) {
    addScores(image, rows, { row, weights: shared, count, factor: sharing });
  }
}

interface Spread {
  readonly row: number;
  /** Row-major, one for each label. */
  readonly factors: Float64Array;
  readonly count: number;
}

/** weights += zᵢ·factorsᵢ */
function addRow(weights: Float64Array, { offsets, columns, values }: JointRows, spread: Spread): void {
  const { row, factors, count } = spread;
  const at = row * count;
  const end = offsets[row + 1]!;
  for (let entry = offsets[row]!; entry < end; entry++) {
    const value = values[entry]!;
    const to = columns[entry]! * count;
    for (let label = 0; label < count; label++) weights[to + label]! += value * factors[at + label]!;
  }
}

interface Scoring {
  readonly row: number;
  readonly weights: Float64Array;
  readonly count: number;
  readonly factor: number;
}

/** scoresᵢ += factor·zᵢ·weights */
function addScores(scores: Float64Array, { offsets, columns, values }: JointRows, scoring: Scoring): void {
  const { row, weights, count, factor } = scoring;
  const [from, end] = [offsets[row]!, offsets[row + 1]!];
  // One label after the other: its sum stays in a register, which counts for more than reading the row again.
  for (let label = 0; label < count; label++) {
    let sum = scores[row * count + label]!;
    for (let entry = from; entry < end; entry++) {
      sum += factor * values[entry]! * weights[columns[entry]! * count + label]!;
    }
    scores[row * count + label] = sum;
  }
}
