/** The triage model in memory: what a learner gives, and what an exported file must agree with. */
import { type IssueRow, SHARES } from './issue-blocks.ts';

/** What the labels are to each other: one of them is right, or any number are. */
export type Choice = 'one' | 'any';

export interface Calibration {
  /** Scores are multiplied by it before they become probabilities. */
  readonly slope: number;
  /** Added to the scaled scores, one for each label; zeros where labels exclude each other. */
  readonly shifts: Float32Array;
}

/** Weights in 8 bits with one step for each label: a weight is step·entry. */
export interface Quantized {
  readonly entries: Int8Array;
  readonly steps: Float32Array;
}

export interface TriageModel {
  readonly labels: readonly string[];
  readonly projects: readonly string[];
  readonly choice: Choice;
  /** Column of the featuriser -> row of the tables below; row 0 is for all that was not learned from. */
  readonly places: Uint16Array;
  /** One a row; 0 in row 0. */
  readonly scales: Float32Array;
  /** rows·labels. */
  readonly shared: Quantized;
  /** projects·rows·labels. */
  readonly own: Quantized;
  readonly bias: Float32Array;
  readonly calibration: Calibration;
  /** From this probability on a label is given; above 1 for a label that is never given unasked. */
  readonly thresholds: Float32Array;
}

/** A row as the weights see it: rows of the tables, and values of blockwise length. */
export interface ScaledRow {
  readonly places: Int32Array;
  readonly values: Float64Array;
}

/** The roots of the blocks' shares, of sum 1. */
export const ROOT_SHARES = SHARES.map((share) =>
  Math.sqrt(share / SHARES.reduce((sum, one) => sum + one, 0)),
);

/**
 * Scales the entries of a row and brings every block to its share of the length: value = √share·s/‖s over the block‖.
 *
 * @param row     by the model's featuriser
 * @param tables  places and scales of a model
 * @returns       entries that the model knows, in the row's order
 * @throws        never
 * @cost          two passes over the entries
 * @source        definition
 */
export function scaledRow(row: IssueRow, tables: Pick<TriageModel, 'places' | 'scales'>): ScaledRow {
  const squares = new Float64Array(ROOT_SHARES.length);
  const known: number[] = [];
  row.columns.forEach((column, entry) => {
    const scale = tables.scales[tables.places[column]!]!;
    if (scale === 0) return;
    squares[row.blocks[entry]!]! += scale * scale;
    known.push(entry);
  });
  const places = Int32Array.from(known, (entry) => tables.places[row.columns[entry]!]!);
  const values = Float64Array.from(known, (entry, index) => {
    const block = row.blocks[entry]!;
    return (tables.scales[places[index]!]! * ROOT_SHARES[block]!) / Math.sqrt(squares[block]!);
  });
  return { places, values };
}

/**
 * Scores before calibration: z·(W + W_project) + b. A project that the model does not know has the shared weights alone.
 *
 * @param model    any
 * @param row      by the model's featuriser
 * @param project  its number in the model; −1 for another
 * @returns        one a label
 * @throws         never
 * @cost           two multiply-adds an entry and label
 * @source         definition
 */
export function scoresOf(model: TriageModel, row: IssueRow, project: number): Float64Array {
  const { shared, own, bias, scales } = model;
  const count = bias.length;
  const scores = Float64Array.from(bias);
  const { places, values } = scaledRow(row, model);
  const base = project * scales.length;
  places.forEach((place, entry) => {
    for (let label = 0; label < count; label++) {
      const common = shared.entries[place * count + label]! * shared.steps[label]!;
      const mine = project < 0 ? 0 : own.entries[(base + place) * count + label]! * own.steps[label]!;
      scores[label]! += values[entry]! * (common + mine);
    }
  });
  return scores;
}

/**
 * Scores to probabilities: softmax where one label is right, the logistic function where any number are.
 *
 * @param scores       one a label
 * @param calibration  slope and shifts
 * @param choice       what the labels are to each other
 * @returns            one a label, 0 to 1
 * @throws             never
 * @cost               one exponential a label
 * @source             J. Platt (1999); C. Guo et al., ICML 2017, temperature scaling
 */
export function probabilitiesFrom(
  scores: ArrayLike<number>,
  { slope, shifts }: Calibration,
  choice: Choice,
): Float64Array {
  const scaled = Float64Array.from(scores, (score, label) => slope * score + shifts[label]!);
  if (choice === 'any') return scaled.map((score) => 1 / (1 + Math.exp(-score)));
  const most = Math.max(...scaled);
  const powers = scaled.map((score) => Math.exp(score - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Weights in 8 bits: each label's largest becomes ±127.
 *
 * @param weights  row-major, `count` labels a row
 * @param count    1 or more
 * @returns        entries within half a step of the weights
 * @throws         never
 * @cost           two passes
 * @source         symmetric linear quantization, as ONNX DequantizeLinear with zero point 0
 */
export function quantized(weights: Float64Array, count: number): Quantized {
  const most = new Float64Array(count);
  for (let index = 0; index < weights.length; index++) {
    most[index % count] = Math.max(most[index % count]!, Math.abs(weights[index]!));
  }
  const steps = Float32Array.from(most, (value) => (value === 0 ? 1 : value / 127));
  const entries = Int8Array.from(weights, (weight, index) => Math.round(weight / steps[index % count]!));
  return { entries, steps };
}
