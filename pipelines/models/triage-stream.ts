/** The triage learner label by label: asked first, then told; corrected, made to forget, and never trained anew. */
import { permutation, type Random, randomOf } from '../maths/random.ts';
import { calibrated, NEVER, thresholdsFor } from './calibration.ts';
import {
  addDuals,
  type DualRow,
  dualScores,
  dualStep,
  emptyWeights,
  type DualWeights,
} from './dual-ascent.ts';
import type { IssueRow } from './issue-blocks.ts';
import { OFFSET, type Tables, tablesOf, type TriageParams } from './triage-learner.ts';
import {
  type Calibration,
  probabilitiesFrom,
  quantized,
  scaledRow,
  type TriageModel,
} from './triage-model.ts';

/** What a person said of one issue. */
export interface StreamLabel {
  /** A later word on the same issue takes the place of the one before. */
  readonly id: string;
  readonly row: IssueRow;
  readonly project: string;
  /** The label that a person gave; null where one was only taken away. */
  readonly label: string | null;
  /** Labels that a person took away: of the others nothing is known then. */
  readonly denied: readonly string[];
}

export interface StreamSettings {
  /** 2^bits columns, as the featuriser makes them. */
  readonly bits: number;
  readonly params: TriageParams;
  readonly seed: number;
}

export interface Forecast {
  /** In the order of `labels`. */
  readonly probabilities: Float64Array;
  readonly labels: readonly string[];
}

export interface TriageStream {
  /** What it would say of an issue now. */
  readonly ask: (row: IssueRow, project: string) => Forecast;
  /** Takes in one word of a person. */
  readonly tell: (told: StreamLabel) => void;
  /** Takes an issue out, as if nobody had ever said anything of it. */
  readonly forget: (id: string) => void;
  /** The model of now, calibrated on what was asked before it was told. */
  readonly model: () => TriageModel;
}

interface Held extends DualRow {
  readonly told: StreamLabel;
}

/** An answer that was given before the truth was known. */
interface Tested {
  readonly id: string;
  readonly scores: Float64Array;
  readonly truth: string;
}

interface State {
  labels: readonly string[];
  projects: readonly string[];
  tables: Tables;
  weights: DualWeights;
  readonly held: Map<string, Held>;
  /** Whatever was held since the last review, by position; what was forgotten since is passed over. */
  replayed: Held[];
  readonly random: Random;
  readonly tested: Tested[];
  /** Issues from which on columns and scales are looked at again. */
  reviewAt: number;
  reviews: number;
}

/** Columns and scales are looked at again whenever the issues have grown by this factor, so that it costs little. */
const GROWTH = 1.5;
/** Passes over all issues, after columns and scales have changed and before a model is given away. */
const PASSES = 2;
const LAST_PASSES = 6;
/** Steps on other issues after every word. */
const REPLAYS = 4;
/** What a slope and thresholds rest on: the newest answers, so that they follow the stream. */
const TESTED_MOST = 2000;
const TESTED_LEAST = 50;
/** Answers that a threshold must rest on. */
const ANSWERS_LEAST = 20;
/** Of answers on the way; the model that is given away has a slope of its own. */
const SLOPE = 2.5;

/**
 * Opens a stream that has heard nothing. Every issue that it was told of is its replay buffer: a row of hashed columns
 * without any text. One word costs one step of dual ascent, and some on other issues; when the issues have grown by half, columns, scales
 * and weights are brought up to date by passes over the buffer, so a stream of n words costs some fifteen n steps.
 *
 * @param settings  see its fields
 * @returns         functions that share one state; the same calls give the same model, bit by bit
 * @throws          never
 * @cost            about 30 µs a word and label beside the passes; 2 KB an issue
 * @source          `dualStep`; test-then-train: J. Gama, R. Sebastião, P. Rodrigues, Machine Learning 90 (2013)
 */
export function openStream(settings: StreamSettings): TriageStream {
  const state: State = {
    labels: [],
    projects: [],
    tables: { places: new Uint16Array(2 ** settings.bits), scales: new Float32Array(1) },
    weights: emptyWeights({ rows: 1, projectCount: 0, labelCount: 0 }),
    held: new Map(),
    replayed: [],
    random: randomOf(settings.seed),
    tested: [],
    reviewAt: 1,
    reviews: 0,
  };
  return {
    ask: (row, project) => ({
      labels: state.labels,
      probabilities: probabilitiesFrom(scoresIn(state, row, project), uncalibrated(state.labels), 'one'),
    }),
    tell: (told) => tell(state, told, settings),
    forget: (id) => forget(state, id, settings),
    model: () => modelOf(state, settings),
  };
}

function scoresIn({ tables, weights, projects }: State, row: IssueRow, project: string): Float64Array {
  return dualScores(weights, scaledRow(row, tables), projects.indexOf(project));
}

function ridgeOf({ params }: StreamSettings) {
  return { penalty: params.penalty, sharing: params.sharing, offset: OFFSET };
}

function tell(state: State, told: StreamLabel, settings: StreamSettings): void {
  if (told.label !== null && !state.held.has(told.id)) test(state, told, told.label);
  forget(state, told.id, settings);
  const isNew = meet(state, told);
  const row = heldOf(state, told);
  state.held.set(told.id, row);
  if (isNew || state.held.size >= state.reviewAt) review(state, settings, PASSES);
  else {
    dualStep(state.weights, row, ridgeOf(settings));
    state.replayed.push(row);
    replay(state, settings);
  }
}

/** Some of what is held is stepped on again after every word, so that the last words do not outvote all others. */
function replay({ held, replayed, random, weights }: State, settings: StreamSettings): void {
  for (let done = 0; done < REPLAYS; done++) {
    const row = replayed[random.nextBelow(replayed.length)]!;
    if (held.get(row.told.id) === row) dualStep(weights, row, ridgeOf(settings));
  }
}

/** What is asked before it is told shows how right the stream is; a label that it does not know cannot be right. */
function test(state: State, { id, row, project }: StreamLabel, truth: string): void {
  state.tested.push({ id, scores: scoresIn(state, row, project), truth });
  if (state.tested.length > TESTED_MOST) state.tested.shift();
}

/** @returns whether label or project were never heard of */
function meet(state: State, { label, project }: StreamLabel): boolean {
  const newLabel = label !== null && !state.labels.includes(label);
  const newProject = !state.projects.includes(project);
  if (newLabel) {
    // What an issue had before does not have the label that nobody knew, and scores are in the order of labels.
    state.tested.length = 0;
    state.labels = [...state.labels, label].sort();
  }
  if (newProject) state.projects = [...state.projects, project];
  return newLabel || newProject;
}

function heldOf({ labels, projects, tables }: State, told: StreamLabel): Held {
  const targets = Int8Array.from(labels, (label) => {
    if (told.label !== null) return label === told.label ? 1 : -1;
    return told.denied.includes(label) ? -1 : 0;
  });
  return {
    told,
    scaled: scaledRow(told.row, tables),
    project: projects.indexOf(told.project),
    targets,
    duals: new Float64Array(labels.length),
  };
}

function forget(state: State, id: string, settings: StreamSettings): void {
  const row = state.held.get(id);
  if (row === undefined) return;
  addDuals(state.weights, row, { sign: -1, params: ridgeOf(settings) });
  state.held.delete(id);
}

/** Columns and scales of all that is held, the weights that its duals are worth there, and passes over it. */
function review(state: State, settings: StreamSettings, passes: number): void {
  const { labels, projects, held } = state;
  const given = [...held.values()].flatMap(({ told: { row, project, label } }) =>
    label === null ? [] : [{ row, project, labels: [label] }],
  );
  const { bits, params } = settings;
  const { leastRows } = params;
  state.tables = tablesOf(given, { bits, labels, leastRows, projectCount: projects.length });
  const shape = {
    rows: state.tables.scales.length,
    projectCount: projects.length,
    labelCount: labels.length,
  };
  state.weights = emptyWeights(shape);
  for (const [id, before] of held) {
    const now = heldOf(state, before.told);
    // With a label more all duals are old ones but that label's.
    if (before.duals.length === now.duals.length) now.duals.set(before.duals);
    held.set(id, now);
    addDuals(state.weights, now, { sign: 1, params: ridgeOf(settings) });
  }
  state.replayed = [...held.values()];
  pass(state, settings, passes);
  state.reviewAt = Math.max(held.size + 1, Math.ceil(held.size * GROWTH));
}

/** Steps over all that is held, each pass in another order. */
function pass(state: State, settings: StreamSettings, passes: number): void {
  const rows = [...state.held.values()];
  for (let done = 0; done < passes; done++) {
    state.reviews += 1;
    const order = permutation(rows.length, randomOf(settings.seed + state.reviews));
    for (const index of order) dualStep(state.weights, rows[index]!, ridgeOf(settings));
  }
}

function uncalibrated(labels: readonly string[]): Calibration {
  return { slope: SLOPE, shifts: new Float32Array(labels.length) };
}

function unseenOf(tested: readonly Tested[], labels: readonly string[]) {
  const scores = tested.flatMap((one) => [...one.scores]);
  const truth = tested.flatMap((one) => labels.map((label) => (label === one.truth ? 1 : 0)));
  return { scores, truth, labelCount: labels.length, choice: 'one' as const };
}

function modelOf(state: State, settings: StreamSettings): TriageModel {
  review(state, settings, LAST_PASSES);
  const { tables, labels, projects, weights, tested } = state;
  const calibration =
    tested.length < TESTED_LEAST ? uncalibrated(labels) : calibrated(unseenOf(tested, labels));
  const own = new Float64Array(projects.length * weights.shared.length);
  weights.own.forEach((table, project) => own.set(table, project * weights.shared.length));
  return {
    ...tables,
    labels,
    projects,
    choice: 'one',
    shared: quantized(weights.shared, labels.length),
    own: quantized(own, labels.length),
    bias: Float32Array.from(weights.bias),
    calibration,
    thresholds: thresholdsOf(tested, { labels, calibration, precision: settings.params.precision }),
  };
}

interface Threshold {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  readonly precision: number;
}

/** A label that too few answers speak of is never given unasked: a new one is learned, and waits. */
function thresholdsOf(
  tested: readonly Tested[],
  { labels, calibration, precision }: Threshold,
): Float32Array {
  if (tested.length < TESTED_LEAST) return new Float32Array(labels.length).fill(NEVER);
  const unseen = unseenOf(tested, labels);
  const scores = tested.flatMap((one) => [...probabilitiesFrom(one.scores, calibration, 'one')]);
  return thresholdsFor({ ...unseen, scores }, { precision, least: ANSWERS_LEAST });
}
