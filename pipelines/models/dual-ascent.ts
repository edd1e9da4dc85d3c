/** The joint ridge problem solved one row at a time: each row is taken in, stepped on again, or taken out exactly. */
import type { RidgeParams } from './joint-ridge.ts';
import type { ScaledRow } from './triage-model.ts';

/** A row under way: its share of the weights is `duals` times its values. */
export interface DualRow {
  readonly scaled: ScaledRow;
  readonly project: number;
  /** One a label: 1 has it, −1 has it not, 0 nobody said. */
  readonly targets: Int8Array;
  /** One a label; written by every step. Zeros for a row that was never stepped on. */
  readonly duals: Float64Array;
}

export interface DualWeights {
  /** rows·labels, as `JointWeights` has them. */
  readonly shared: Float64Array;
  /** One table of rows·labels a project. */
  readonly own: readonly Float64Array[];
  readonly bias: Float64Array;
}

export type DualParams = Pick<RidgeParams, 'penalty' | 'sharing' | 'offset'>;

/**
 * Weights of nothing: zeros.
 *
 * @param shape  rows of the tables, projects and labels
 * @returns      tables that the functions below change
 * @throws       never
 * @cost         (1 + projects)·rows·labels numbers
 * @source       definition
 */
export function emptyWeights(shape: {
  readonly rows: number;
  readonly projectCount: number;
  readonly labelCount: number;
}): DualWeights {
  const table = (): Float64Array => new Float64Array(shape.rows * shape.labelCount);
  return {
    shared: table(),
    own: Array.from({ length: shape.projectCount }, table),
    bias: new Float64Array(shape.labelCount),
  };
}

/**
 * Scores before calibration: z·(W + W_project) + b.
 *
 * @param weights  any
 * @param row      scaled by the tables that the weights are for
 * @param project  its number; −1 for one without weights of its own
 * @returns        one a label
 * @throws         never
 * @cost           two additions and a multiplication an entry and label; about 5 µs for 450 entries and 3 labels
 * @source         definition
 */
export function dualScores(weights: DualWeights, row: ScaledRow, project: number): Float64Array {
  const { shared, own, bias } = weights;
  const mine = own[project];
  return mine === undefined ? sharedScores(weights, row) : ownScores({ shared, mine, bias }, row);
}

function sharedScores({ shared, bias }: DualWeights, { places, values }: ScaledRow): Float64Array {
  const count = bias.length;
  return bias.map((offset, label) => {
    let sum = offset;
    for (let entry = 0; entry < places.length; entry++) {
      sum += values[entry]! * shared[places[entry]! * count + label]!;
    }
    return sum;
  });
}

interface ProjectWeights extends Pick<DualWeights, 'shared' | 'bias'> {
  readonly mine: Float64Array;
}

/**
 * Three labels at a time, because their weights lie together and the next entry's far away: waiting for memory is what
 * takes the time. Where there are fewer left, the last label stands in for those that are missing.
 */
function ownScores({ shared, mine, bias }: ProjectWeights, { places, values }: ScaledRow): Float64Array {
  const count = bias.length;
  const scores = new Float64Array(count);
  for (let first = 0; first < count; first += 3) {
    const [second, third] = [Math.min(first + 1, count - 1), Math.min(first + 2, count - 1)];
    let [a, b, c] = [bias[first]!, bias[second]!, bias[third]!];
    for (let entry = 0; entry < places.length; entry++) {
      const at = places[entry]! * count;
      const value = values[entry]!;
      a += value * (shared[at + first]! + mine[at + first]!);
      b += value * (shared[at + second]! + mine[at + second]!);
      c += value * (shared[at + third]! + mine[at + third]!);
    }
    [scores[first], scores[second], scores[third]] = [a, b, c];
  }
  return scores;
}

/**
 * Moves the duals of one row to where the dual objective is largest, all others held: with δ = (y − score − λ·a) /
 * ((μ + 1)·‖z‖² + ο + λ), a += δ, W += μ·δ·z, W_p += δ·z, b += ο·δ. A label of which nobody said anything stays as it
 * is. Steps over all rows, again and again, end where `jointRidge` ends.
 *
 * @param weights  changed
 * @param row      its duals are changed
 * @param params   penalty above 0
 * @returns        the largest |δ|
 * @throws         never
 * @cost           six multiply-adds an entry and label
 * @source         S. Shalev-Shwartz, T. Zhang, JMLR 14 (2013), SDCA for the squared loss; C. Saunders, A. Gammerman,
 *                 V. Vovk, ICML 1998, for the dual of ridge regression
 */
export function dualStep(weights: DualWeights, row: DualRow, params: DualParams): number {
  const { penalty, sharing, offset } = params;
  const { scaled, targets, duals } = row;
  let square = 0;
  for (let entry = 0; entry < scaled.values.length; entry++) square += scaled.values[entry]! ** 2;
  const curvature = (sharing + 1) * square + offset + penalty;
  const scores = dualScores(weights, scaled, row.project);
  let most = 0;
  for (let label = 0; label < scores.length; label++) {
    const target = targets[label]!;
    scores[label] = target === 0 ? 0 : (target - scores[label]! - penalty * duals[label]!) / curvature;
    duals[label]! += scores[label]!;
    most = Math.max(most, Math.abs(scores[label]!));
  }
  addRow(weights, row, { factors: scores, params });
  return most;
}

/**
 * Takes a row out of the weights, as if it had never been stepped on; or puts in what its duals say.
 *
 * @param weights  changed
 * @param row      its duals stay
 * @param turn     1 puts it in, −1 takes it out; and the parameters that its steps had
 * @throws         never
 * @cost           four multiply-adds an entry and label
 * @source         W is linear in the duals
 */
export function addDuals(
  weights: DualWeights,
  row: DualRow,
  { sign, params }: { readonly sign: 1 | -1; readonly params: DualParams },
): void {
  addRow(weights, row, { factors: row.duals.map((dual) => sign * dual), params });
}

interface Spread {
  /** One a label. */
  readonly factors: Float64Array;
  readonly params: DualParams;
}

/** Three labels at a time, as `ownScores`; one that is missing adds nothing to the last. */
function addRow(
  { shared, own, bias }: DualWeights,
  { scaled: { places, values }, project }: DualRow,
  { factors, params }: Spread,
): void {
  const { sharing, offset } = params;
  const mine = own[project]!;
  const count = factors.length;
  for (let label = 0; label < count; label++) bias[label]! += offset * factors[label]!;
  for (let first = 0; first < count; first += 3) {
    const [second, third] = [Math.min(first + 1, count - 1), Math.min(first + 2, count - 1)];
    const [a, b, c] = [factors[first]!, factors[first + 1] ?? 0, factors[first + 2] ?? 0];
    const [commonA, commonB, commonC] = [sharing * a, sharing * b, sharing * c];
    for (let entry = 0; entry < places.length; entry++) {
      const at = places[entry]! * count;
      const value = values[entry]!;
      shared[at + first]! += commonA * value;
      shared[at + second]! += commonB * value;
      shared[at + third]! += commonC * value;
      mine[at + first]! += a * value;
      mine[at + second]! += b * value;
      mine[at + third]! += c * value;
    }
  }
}
