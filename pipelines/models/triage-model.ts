/** The triage model in memory: what a learner gives, and what an exported file must agree with. */
import { SHARES } from './issue-blocks.ts';
import type { IssueRow } from './issue-row.ts';

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

type ScalingTables = Pick<TriageModel, 'places' | 'scales'>;

/** Where rows are scaled, one after the other; grows with the longest. */
let room = scalingRoom(4096);
/** What lies there now: who asks about a row often tells of it next. */
let latest: { readonly row: IssueRow; readonly tables: ScalingTables; readonly scaled: ScaledRow } | null =
  null;

function scalingRoom(most: number) {
  return { places: new Int32Array(most), values: new Float64Array(most), from: new Uint8Array(most) };
}

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
export function scaledRow(row: IssueRow, tables: ScalingTables): ScaledRow {
  const { places, values } = passingRow(row, tables);
  return { places: places.slice(), values: values.slice() };
}

/**
 * `scaledRow` for those who look at a row once: all rows get the same memory.
 *
 * @param row     never changed
 * @param tables  never changed
 * @returns       what `scaledRow` gives, but only until this or that is asked for another row
 * @throws        never
 * @cost          two passes over the entries, none where the row is the one of before; nothing for the collector
 * @source        `scaledRow`
 */
export function passingRow(row: IssueRow, tables: ScalingTables): ScaledRow {
  if (latest?.row === row && latest.tables === tables) return latest.scaled;
  const scaled = scaledInRoom(row, tables);
  latest = { row, tables, scaled };
  return scaled;
}

function scaledInRoom({ columns, blocks }: IssueRow, tables: ScalingTables): ScaledRow {
  if (columns.length > room.places.length) room = scalingRoom(2 * columns.length);
  const { places, values, from } = room;
  const { places: placeOf, scales } = tables;
  const factors = new Float64Array(ROOT_SHARES.length);
  let known = 0;
  for (let entry = 0; entry < columns.length; entry++) {
    const place = placeOf[columns[entry]!]!;
    const scale = scales[place]!;
    if (scale === 0) continue;
    const block = blocks[entry]!;
    factors[block]! += scale * scale;
    places[known] = place;
    values[known] = scale;
    from[known] = block;
    known += 1;
  }
  // Squares until here.
  for (let block = 0; block < factors.length; block++) {
    if (factors[block] !== 0) factors[block] = ROOT_SHARES[block]! / Math.sqrt(factors[block]!);
  }
  for (let index = 0; index < known; index++) values[index]! *= factors[from[index]!]!;
  return { places: places.subarray(0, known), values: values.subarray(0, known) };
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
  // In loops: a calibration asks this some ten thousand times.
  const scaled = new Float64Array(scores.length);
  for (let label = 0; label < scaled.length; label++) {
    scaled[label] = slope * scores[label]! + shifts[label]!;
  }
  if (choice === 'any') return scaled.map((score) => 1 / (1 + Math.exp(-score)));
  let [most, sum] = [-Infinity, 0];
  for (const score of scaled) most = Math.max(most, score);
  for (let label = 0; label < scaled.length; label++) {
    scaled[label] = Math.exp(scaled[label]! - most);
    sum += scaled[label]!;
  }
  for (let label = 0; label < scaled.length; label++) scaled[label]! /= sum;
  return scaled;
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
  for (let at = 0; at < weights.length; at += count) {
    for (let label = 0; label < count; label++) {
      const size = Math.abs(weights[at + label]!);
      if (size > most[label]!) most[label] = size;
    }
  }
  const steps = Float32Array.from(most, (value) => (value === 0 ? 1 : value / 127));
  const entries = new Int8Array(weights.length);
  for (let at = 0; at < weights.length; at += count) {
    for (let label = 0; label < count; label++) {
      entries[at + label] = Math.round(weights[at + label]! / steps[label]!);
    }
  }
  return { entries, steps };
}
