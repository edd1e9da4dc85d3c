/** The triage learner label by label: asked first, then told; corrected, made to forget, and never trained anew. */
import { permutation, randomOf } from '../maths/random.ts';
import { calibrated, NEVER, thresholdsFor } from './calibration.ts';
import { addDuals, type DualRow, dualScores, dualStep, emptyWeights } from './dual-ascent.ts';
import type { IssueRow } from './issue-row.ts';
import {
  decodeState,
  emptyState,
  encodeState,
  type Held,
  heldOf,
  type StreamLabel,
  type StreamState,
  type Tested,
} from './stream-state.ts';
import { OFFSET, tablesOf, type TriageParams } from './triage-learner.ts';
import {
  type Calibration,
  passingRow,
  probabilitiesFrom,
  quantized,
  scaledRow,
  type TriageModel,
} from './triage-model.ts';

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
  /** The model of now, calibrated on what was asked before it was told; asking for it changes nothing. */
  readonly model: () => TriageModel;
  /** How often it was told something. */
  readonly words: () => number;
  /** Whether it was told of an issue, and all that it was told, each issue's last word, in the order of those. */
  readonly has: (id: string) => boolean;
  readonly held: () => readonly StreamLabel[];
  /** What `resumeStream` goes on from. */
  readonly checkpoint: () => Uint8Array;
}

/** Columns and scales are looked at again whenever the issues have grown by this factor, so that it costs little. */
const GROWTH = 1.5;
/** Passes over all issues, after columns and scales have changed and before a model is given away. */
const PASSES = 2;
const LAST_PASSES = 6;
/** Beyond so many issues a model has the columns and scales of the stream's last growth: new ones would cost the most. */
const LONG = 4000;
/** Steps of the last passes at most: a model must not cost more where more is known. */
const LAST_STEPS = 12_000;
/** Steps on other issues after every word. */
const REPLAYS = 4;
/** What a slope and thresholds rest on: the newest answers, so that they follow the stream. */
const TESTED_MOST = 2000;
const TESTED_LEAST = 50;
/** Answers that a threshold must rest on. */
const ANSWERS_LEAST = 20;
/** The score of a label that an issue has not. */
const ABSENT = -1;
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
  return streamOf(emptyState(settings.bits), settings);
}

/**
 * Goes on with a stream that was left: it is, bit by bit, the stream that had never stopped.
 *
 * @param settings  those that it was opened with
 * @param bytes     by `checkpoint`
 * @returns         as `openStream`
 * @throws          artifactMisshapen when they are no such bytes
 * @cost            that of `decodeState`: the words before are not told again
 * @source          definition
 */
export function resumeStream(settings: StreamSettings, bytes: Uint8Array): TriageStream {
  return streamOf(decodeState(bytes), settings);
}

function streamOf(state: StreamState, settings: StreamSettings): TriageStream {
  return {
    ask: (row, project) => ({
      labels: state.labels,
      probabilities: probabilitiesFrom(scoresIn(state, row, project), uncalibrated(state.labels), 'one'),
    }),
    tell: (told) => tell(state, told, settings),
    forget: (id) => forget(state, id, settings),
    model: () => modelOf(copyOf(state), settings),
    words: () => state.words,
    has: (id) => state.held.has(id),
    held: () => Array.from(state.held.values(), ({ told }) => told),
    checkpoint: () => encodeState(state),
  };
}

/** Duals and weights of its own, so that steps on them leave the stream where it is. */
function copyOf(state: StreamState): StreamState {
  const { shared, own, bias } = state.weights;
  const held = [...state.held].map(([id, row]) => [id, { ...row, duals: row.duals.slice() }] as const);
  return {
    ...state,
    held: new Map(held),
    weights: { shared: shared.slice(), own: own.map((table) => table.slice()), bias: bias.slice() },
  };
}

function scoresIn(state: StreamState, row: IssueRow, project: string): Float64Array {
  return dualScores(state.weights, passingRow(row, state.tables), state.projects.indexOf(project));
}

/** A held row as the state's tables see it, until another is asked for. */
function dualRow({ tables }: StreamState, row: Held): DualRow {
  if (row.wasScaled) row.scaled ??= scaledRow(row.told.row, tables);
  row.wasScaled = true;
  const scaled = row.scaled ?? passingRow(row.told.row, tables);
  return { scaled, project: row.project, targets: row.targets, duals: row.duals };
}

function step(state: StreamState, row: Held, settings: StreamSettings): void {
  dualStep(state.weights, dualRow(state, row), ridgeOf(settings));
}

function ridgeOf({ params }: StreamSettings) {
  return { penalty: params.penalty, sharing: params.sharing, offset: OFFSET };
}

function tell(state: StreamState, told: StreamLabel, settings: StreamSettings): void {
  if (told.label !== null && !state.held.has(told.id)) test(state, told, told.label);
  forget(state, told.id, settings);
  state.words += 1;
  const isNew = meet(state, told);
  const row = heldOf(state, told);
  state.held.set(told.id, row);
  if (isNew || state.held.size >= state.reviewAt) {
    review(state, settings);
    pass(state, settings, PASSES * state.held.size);
  } else {
    step(state, row, settings);
    state.replayed.push(row);
    replay(state, settings);
  }
}

/** Some of what is held is stepped on again after every word, so that the last words do not outvote all others. */
function replay(state: StreamState, settings: StreamSettings): void {
  const { held, replayed, words } = state;
  // Each word has numbers of its own, below those of the passes: where a stream was left is then nothing but a count.
  const random = randomOf(settings.seed - words);
  for (let done = 0; done < REPLAYS; done++) {
    const row = replayed[random.nextBelow(replayed.length)] ?? null;
    if (row !== null && held.get(row.told.id) === row) step(state, row, settings);
  }
}

/** What is asked before it is told shows how right the stream is; a label that it does not know cannot be right. */
function test(state: StreamState, { id, row, project }: StreamLabel, truth: string): void {
  state.tested.push({ id, scores: scoresIn(state, row, project), truth });
  if (state.tested.length > TESTED_MOST) state.tested.shift();
}

/** @returns whether label or project were never heard of */
function meet(state: StreamState, { label, project }: StreamLabel): boolean {
  const newLabel = label !== null && !state.labels.includes(label);
  const newProject = !state.projects.includes(project);
  if (newLabel) {
    state.labels = [...state.labels, label].sort();
    const place = state.labels.indexOf(label);
    // What was answered before did not have the label that nobody knew; the other labels keep what they rest on.
    state.tested = state.tested.map((one) => ({
      ...one,
      scores: Float64Array.of(...one.scores.subarray(0, place), ABSENT, ...one.scores.subarray(place)),
    }));
  }
  if (newProject) state.projects = [...state.projects, project];
  return newLabel || newProject;
}

function forget(state: StreamState, id: string, settings: StreamSettings): void {
  const row = state.held.get(id);
  if (row === undefined) return;
  addDuals(state.weights, dualRow(state, row), { sign: -1, params: ridgeOf(settings) });
  state.held.delete(id);
}

/** Columns and scales of all that is held, and the weights that its duals are worth there. */
function review(state: StreamState, settings: StreamSettings): void {
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
    // With a label more no dual of before says anything of now.
    const isSame = before.duals.length === labels.length;
    const now = heldOf(state, before.told, isSame ? before.duals : undefined);
    held.set(id, now);
    addDuals(state.weights, dualRow(state, now), { sign: 1, params: ridgeOf(settings) });
  }
  state.replayed = [...held.values()];
  state.reviewAt = Math.max(held.size + 1, Math.ceil(held.size * GROWTH));
}

/** Steps over all that is held, each pass in another order; the last of them may end before all had their turn. */
function pass(state: StreamState, settings: StreamSettings, stepsMost: number): void {
  const rows = [...state.held.values()];
  for (let left = stepsMost; left > 0 && rows.length > 0; left -= rows.length) {
    state.reviews += 1;
    const order = permutation(rows.length, randomOf(settings.seed + state.reviews));
    for (const index of order.subarray(0, left)) step(state, rows[index]!, settings);
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

function modelOf(state: StreamState, settings: StreamSettings): TriageModel {
  if (state.held.size <= LONG) review(state, settings);
  pass(state, settings, Math.min(LAST_PASSES * state.held.size, LAST_STEPS));
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
