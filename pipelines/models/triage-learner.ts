/** Issues with labels -> a triage model: columns weighed by how unevenly labels have them, then a joint ridge. */
import * as z from 'zod';
import { examplesUnfit } from '../faults.ts';
import type { IssueRow } from './issue-row.ts';
import { jointRidge, type JointRows } from './joint-ridge.ts';
import { type Choice, quantized, scaledRow, type TriageModel } from './triage-model.ts';

export const TriageParams = z.strictObject({
  penalty: z.number().gt(0).max(1e6).default(2).describe('penalty on the squared weights'),
  sharing: z
    .number()
    .min(0)
    .max(1e3)
    .default(1.5)
    .describe('how much the projects learn from each other: 0 keeps them apart'),
  leastRows: z.int().min(1).default(2).describe('issues that must have a token for it to be used'),
  iterations: z.int().min(1).max(1000).default(40).describe('steps at most'),
  precision: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('share of right answers that a label’s threshold is set for'),
});
export type TriageParams = z.infer<typeof TriageParams>;

export interface TriageExample {
  readonly row: IssueRow;
  readonly project: string;
  readonly labels: readonly string[];
  /** Labels that a person took away; with them nothing is known of all others but those in `labels`. */
  readonly denied?: readonly string[];
}

export interface TriageLesson {
  readonly examples: readonly TriageExample[];
  /** 2^bits columns, as the featuriser makes them. */
  readonly bits: number;
  /** Every label that the model is to know, sorted; those of the examples are among them. */
  readonly labels: readonly string[];
  readonly choice: Choice;
  readonly params: TriageParams;
}

export interface LearnedTriage {
  /** Uncalibrated: slope 1, and thresholds of 0. */
  readonly model: TriageModel;
  readonly iterations: number;
  readonly residual: number;
}

const TOLERANCE = 1e-3;
export const OFFSET = 0.05;
/** With penalty 2: mean macro-F1 of ten seeds of 5-fold cross-validation 0.817; with a root and penalty 1, 0.814. */
const SCALE_POWER = 0.85;
/** Rows of the tables are numbered in 16 bits, and the file is to stay below 2 MB. */
const PLACES_MOST = 65_535;
const BYTES_MOST = 1_960_000;

/**
 * Learns the weights. A column's scale is (meanₗ |ln(pₗ/qₗ)|)^0.85, with pₗ = (issues of label l that have it + 1)/(issues
 * of l + 2) and qₗ the same for all other issues; every block of a row is brought to its share of the length. What was
 * only denied a label chooses no columns.
 *
 * @param lesson  two labels with examples or more (one where any number may be right)
 * @returns       a model of 8-bit weights; nothing is drawn at random
 * @throws        examplesUnfit when there are too few labels to tell apart
 * @cost          that of `jointRidge`: 0.4 s for 1,500 issues of five projects and three labels
 * @source        S. Wang, C. Manning, ACL 2012 (NB-SVM), made independent of the label by the mean, with a power that the
 *                cross-validation chose
 */
export function learnTriage(lesson: TriageLesson): LearnedTriage {
  const { labels, choice, params } = lesson;
  const present = new Set(lesson.examples.flatMap((example) => example.labels));
  const least = choice === 'one' ? 2 : 1;
  if (present.size < least) {
    throw examplesUnfit({ wanted: `issues of ${least} labels or more`, found: `${present.size}` });
  }
  const projects = [...new Set(lesson.examples.map(({ project }) => project))].sort();
  const numberOf = new Map(projects.map((project, index) => [project, index]));
  const examples = lesson.examples.toSorted((a, b) => numberOf.get(a.project)! - numberOf.get(b.project)!);
  const given = examples.filter(({ denied }) => denied === undefined);
  const tables = tablesOf(given, {
    ...lesson,
    leastRows: params.leastRows,
    projectCount: projects.length,
  });
  const targets = targetsOf(examples, labels);
  const rows = {
    ...packed(examples, tables),
    projects: Int32Array.from(examples, ({ project }) => numberOf.get(project)!),
  };
  const { shared, own, bias, iterations, residual } = jointRidge(
    { ...rows, width: tables.scales.length, projectCount: projects.length },
    targets,
    {
      penalty: params.penalty,
      sharing: params.sharing,
      offset: OFFSET,
      iterations: params.iterations,
      tolerance: TOLERANCE,
    },
  );
  const model: TriageModel = {
    ...tables,
    labels,
    projects,
    choice,
    shared: quantized(shared, labels.length),
    own: quantized(own, labels.length),
    bias: Float32Array.from(bias),
    calibration: { slope: 1, shifts: new Float32Array(labels.length) },
    thresholds: new Float32Array(labels.length),
  };
  return { model, iterations, residual };
}

export type Tables = Pick<TriageModel, 'places' | 'scales'>;

export interface Tabling {
  readonly bits: number;
  readonly labels: readonly string[];
  readonly leastRows: number;
  /** With the labels it decides how many columns there is room for. */
  readonly projectCount: number;
}

/**
 * The columns that enough issues have, with their scales.
 *
 * @param examples  any
 * @param tabling   see its fields
 * @returns         places below 65,536; those that more issues have go first where there is no room for all
 * @throws          never
 * @cost            three passes over the entries
 * @source          `learnTriage`
 */
export function tablesOf(examples: readonly TriageExample[], tabling: Tabling): Tables {
  const { bits, labels, leastRows, projectCount } = tabling;
  const having = new Int32Array(2 ** bits);
  const seenBy = new Int32Array(having.length).fill(-1);
  examples.forEach(({ row }, index) => {
    for (const column of row.columns) {
      if (seenBy[column] === index) continue;
      seenBy[column] = index;
      having[column]! += 1;
    }
  });
  const room = (BYTES_MOST - 2 * having.length) / (4 + labels.length * (projectCount + 1));
  const kept = mostCommon(having, { least: leastRows, most: Math.min(PLACES_MOST, Math.floor(room)) });
  const places = new Uint16Array(having.length);
  kept.forEach((column, index) => (places[column] = index + 1));
  return { places, scales: scalesOf(examples, { labels, places, rows: kept.length + 1 }) };
}

/** Columns in rising order; where there are too many, those that more issues have go first. */
function mostCommon(
  having: Int32Array,
  { least, most }: { readonly least: number; readonly most: number },
): Int32Array {
  const enough: number[] = [];
  for (let column = 0; column < having.length; column++) if (having[column]! >= least) enough.push(column);
  const kept = Int32Array.from(enough);
  if (kept.length <= most) return kept;
  const ranked = Array.from(kept).sort((a, b) => having[b]! - having[a]! || a - b);
  return Int32Array.from(ranked.slice(0, most)).sort();
}

interface Scaling {
  readonly labels: readonly string[];
  readonly places: Uint16Array;
  readonly rows: number;
}

function scalesOf(examples: readonly TriageExample[], { labels, places, rows }: Scaling): Float32Array {
  const count = labels.length;
  const having = new Int32Array(rows * count);
  const all = new Int32Array(rows);
  const perLabel = new Int32Array(count);
  const seenBy = new Int32Array(rows).fill(-1);
  examples.forEach((example, index) => {
    const own = example.labels.map((label) => labels.indexOf(label));
    for (const label of own) perLabel[label]! += 1;
    for (const column of example.row.columns) {
      const place = places[column]!;
      // Blocks may share a column; an issue has it once.
      if (place === 0 || seenBy[place] === index) continue;
      seenBy[place] = index;
      all[place]! += 1;
      for (const label of own) having[place * count + label]! += 1;
    }
  });
  return Float32Array.from(all, (total, place) => {
    if (place === 0) return 0;
    let sum = 0;
    for (let label = 0; label < count; label++) {
      const had = having[place * count + label]!;
      const inside = (had + 1) / (perLabel[label]! + 2);
      const outside = (total - had + 1) / (examples.length - perLabel[label]! + 2);
      sum += Math.abs(Math.log(inside / outside));
    }
    return (sum / count) ** SCALE_POWER;
  });
}

function targetsOf(examples: readonly TriageExample[], labels: readonly string[]): Float64Array {
  const targets = new Float64Array(examples.length * labels.length).fill(-1);
  examples.forEach((example, row) => {
    const own = targets.subarray(row * labels.length, (row + 1) * labels.length);
    if (example.denied !== undefined) {
      labels.forEach((label, index) => (own[index] = example.denied?.includes(label) === true ? -1 : 0));
    }
    for (const label of example.labels) own[labels.indexOf(label)] = 1;
  });
  return targets;
}

function packed(
  examples: readonly TriageExample[],
  tables: Tables,
): Pick<JointRows, 'offsets' | 'columns' | 'values'> {
  const rows = examples.map(({ row }) => scaledRow(row, tables));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ places }, index) => (offsets[index + 1] = offsets[index]! + places.length));
  const columns = new Int32Array(offsets.at(-1)!);
  const values = new Float64Array(columns.length);
  rows.forEach((row, index) => {
    columns.set(row.places, offsets[index]!);
    values.set(row.values, offsets[index]!);
  });
  return { offsets, columns, values };
}
