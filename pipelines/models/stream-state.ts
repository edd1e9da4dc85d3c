/** All that a label stream knows, and the same as bytes, from which it goes on as if it had never stopped. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';
import { type DualRow, type DualWeights, emptyWeights } from './dual-ascent.ts';
import type { IssueRow } from './issue-row.ts';
import type { Tables } from './triage-learner.ts';
import type { ScaledRow } from './triage-model.ts';

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

/** A row that is held. Many are stepped on but once before a stream is left, so it is kept scaled from the second time. */
export interface Held extends Omit<DualRow, 'scaled'> {
  readonly told: StreamLabel;
  wasScaled: boolean;
  scaled: ScaledRow | null;
}

/** An answer that was given before the truth was known. */
export interface Tested {
  readonly id: string;
  /** One for each label that the stream knows now. */
  readonly scores: Float64Array;
  readonly truth: string;
}

export interface StreamState {
  labels: readonly string[];
  projects: readonly string[];
  tables: Tables;
  weights: DualWeights;
  readonly held: Map<string, Held>;
  /** Whatever was held since the last review, by position; null or no longer held where it was told anew since. */
  replayed: (Held | null)[];
  tested: Tested[];
  /** How many words it has heard. */
  words: number;
  /** Issues from which on columns and scales are looked at again. */
  reviewAt: number;
  reviews: number;
}

/** @param bits  2^bits columns, as the featuriser makes them */
export function emptyState(bits: number): StreamState {
  return {
    labels: [],
    projects: [],
    tables: { places: new Uint16Array(2 ** bits), scales: new Float32Array(1) },
    weights: emptyWeights({ rows: 1, projectCount: 0, labelCount: 0 }),
    held: new Map(),
    replayed: [],
    tested: [],
    words: 0,
    reviewAt: 1,
    reviews: 0,
  };
}

/**
 * A word among the labels and projects of a state.
 *
 * @param state  knows them
 * @param told   any
 * @param duals  what its steps came to; zeros, where it was never stepped on
 */
export function heldOf(
  { labels, projects }: Pick<StreamState, 'labels' | 'projects'>,
  told: StreamLabel,
  duals: Float64Array = new Float64Array(labels.length),
): Held {
  const targets = new Int8Array(labels.length).fill(told.label === null ? 0 : -1);
  if (told.label !== null) targets[labels.indexOf(told.label)] = 1;
  else for (const label of told.denied) if (labels.includes(label)) targets[labels.indexOf(label)] = -1;
  return { told, wasScaled: false, scaled: null, project: projects.indexOf(told.project), targets, duals };
}

const FORMAT = 'fettle-stream/1';
const NOBODY = -1;

const Header = z.strictObject({
  format: z.literal(FORMAT),
  labels: z.array(z.string()),
  projects: z.array(z.string()),
  words: z.int().min(0),
  reviewAt: z.int().min(0),
  reviews: z.int().min(0),
  /** Rows of the tables. */
  rows: z.int().min(1),
  columns: z.int().min(1),
  replayed: z.int().min(0),
  held: z.array(
    z.strictObject({
      id: z.string(),
      project: z.string(),
      label: z.string().nullable(),
      denied: z.array(z.string()),
      entries: z.int().min(0),
    }),
  ),
  tested: z.array(z.strictObject({ id: z.string(), truth: z.string() })),
});
type Header = z.infer<typeof Header>;

/**
 * The state as bytes: a line of JSON, then numbers in this machine's order of bytes. What follows from the rest, such
 * as scaled rows, is left out.
 *
 * @param state  any
 * @returns      the same bytes for the same state
 * @throws       never
 * @cost         one copy: about 2 KB an issue, and 8 bytes a weight
 * @source       definition
 */
export function encodeState(state: StreamState): Uint8Array {
  const { labels, projects, tables, weights, words, reviewAt, reviews, tested } = state;
  const held = [...state.held.values()];
  const placeOf = new Map(held.map((row, index) => [row, index]));
  const header: Header = {
    format: FORMAT,
    labels: [...labels],
    projects: [...projects],
    words,
    reviewAt,
    reviews,
    rows: tables.scales.length,
    columns: tables.places.length,
    replayed: state.replayed.length,
    held: held.map(({ told: { id, project, label, denied, row } }) => {
      return { id, project, label, denied: [...denied], entries: row.columns.length };
    }),
    tested: tested.map(({ id, truth }) => ({ id, truth })),
  };
  const replayed = Int32Array.from(state.replayed, (row) =>
    row === null ? NOBODY : (placeOf.get(row) ?? NOBODY),
  );
  const parts: readonly ArrayBufferView[] = [
    weights.shared,
    ...weights.own,
    weights.bias,
    ...held.map(({ duals }) => duals),
    ...tested.map(({ scores }) => scores),
    tables.scales,
    tables.places,
    replayed,
    ...held.map(({ told }) => told.row.columns),
    ...held.map(({ told }) => told.row.blocks),
  ];
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...piecesOf(parts)]);
}

/** The bytes of views, in order: those that follow each other in one memory, as `decodeState` lays them, in one piece. */
function piecesOf(views: readonly ArrayBufferView[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const { buffer, byteOffset, byteLength } of views) {
    const last = pieces.at(-1);
    if (last?.buffer === buffer && last.byteOffset + last.byteLength === byteOffset) {
      pieces[pieces.length - 1] = new Uint8Array(buffer, last.byteOffset, last.byteLength + byteLength);
    } else {
      pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
  return pieces;
}

/**
 * The state that was written.
 *
 * @param bytes  by `encodeState`
 * @returns      a state of its own: nothing of it lies in the bytes
 * @throws       artifactMisshapen when they are no such bytes
 * @cost         one copy, of which the state's numbers are parts, and some objects an issue
 * @source       `encodeState`
 */
export function decodeState(bytes: Uint8Array): StreamState {
  const end = bytes.indexOf(0x0a);
  const header = headerOf(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8'));
  // A buffer's own `slice` would not copy, and steps change the duals.
  const memory = new Uint8Array(bytes.subarray(end + 1)).buffer;
  const take = takerOf(memory, bytes.byteLength);
  const { labels, projects, held: told, tested } = header;
  const size = header.rows * labels.length;
  const weights: DualWeights = {
    shared: take(Float64Array, size),
    own: projects.map(() => take(Float64Array, size)),
    bias: take(Float64Array, labels.length),
  };
  const duals = told.map(() => take(Float64Array, labels.length));
  const scores = tested.map(() => take(Float64Array, labels.length));
  const scales = take(Float32Array, header.rows);
  const tables = { scales, places: take(Uint16Array, header.columns) };
  const replayed = take(Int32Array, header.replayed);
  const columns = told.map(({ entries }) => take(Int32Array, entries));
  const blocks = told.map(({ entries }) => take(Uint8Array, entries));
  const held = told.map(({ id, project, label, denied }, index) => {
    const row = { columns: columns[index]!, blocks: blocks[index]! };
    return heldOf({ labels, projects }, { id, row, project, label, denied }, duals[index]);
  });
  return {
    labels,
    projects,
    tables,
    weights,
    held: new Map(held.map((row) => [row.told.id, row])),
    replayed: Array.from(replayed, (place) => held[place] ?? null),
    tested: tested.map((one, index) => ({ ...one, scores: scores[index]! })),
    words: header.words,
    reviewAt: header.reviewAt,
    reviews: header.reviews,
  };
}

function headerOf(text: string): Header {
  try {
    return Header.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}

interface Numbers<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

/** The next numbers of a memory, in place: larger ones come first, so that all lie where they must. */
function takerOf(memory: ArrayBuffer, whole: number): <T>(kind: Numbers<T>, count: number) => T {
  let at = 0;
  return (kind, count) => {
    const from = at;
    at += kind.BYTES_PER_ELEMENT * count;
    if (at > memory.byteLength) {
      throw artifactMisshapen({ wanted: FORMAT, found: `${whole} bytes, which are too few` });
    }
    return new kind(memory, from, count);
  };
}
