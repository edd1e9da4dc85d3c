/** All that a label stream knows, and the same as bytes, from which it goes on as if it had never stopped. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';
import { type DualRow, type DualWeights, emptyWeights } from './dual-ascent.ts';
import type { IssueRow } from './issue-row.ts';
import type { Tables } from './triage-learner.ts';
import { scaledRow } from './triage-model.ts';

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

interface Held extends DualRow {
  readonly told: StreamLabel;
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

/** A word as the state's tables see it, never stepped on. */
export function heldOf(
  { labels, projects, tables }: Pick<StreamState, 'labels' | 'projects' | 'tables'>,
  told: StreamLabel,
): Held {
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
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts.map(bytesOf)]);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * The state that was written.
 *
 * @param bytes  by `encodeState`
 * @returns      a state of its own: nothing of it lies in the bytes
 * @throws       artifactMisshapen when they are no such bytes
 * @cost         one copy, and scaling every row
 * @source       `encodeState`
 */
export function decodeState(bytes: Uint8Array): StreamState {
  const end = bytes.indexOf(0x0a);
  const header = headerOf(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8'));
  const take = takerOf(bytes, end + 1);
  const { labels, projects, held: told, tested } = header;
  const size = header.rows * labels.length;
  const weights: DualWeights = {
    shared: new Float64Array(take(8 * size)),
    own: projects.map(() => new Float64Array(take(8 * size))),
    bias: new Float64Array(take(8 * labels.length)),
  };
  const duals = told.map(() => new Float64Array(take(8 * labels.length)));
  const scores = tested.map(() => new Float64Array(take(8 * labels.length)));
  const scales = new Float32Array(take(4 * header.rows));
  const tables = { scales, places: new Uint16Array(take(2 * header.columns)) };
  const replayed = new Int32Array(take(4 * header.replayed));
  const columns = told.map(({ entries }) => new Int32Array(take(4 * entries)));
  const blocks = told.map(({ entries }) => new Uint8Array(take(entries)));
  const held = told.map(({ id, project, label, denied }, index) => {
    const row = { columns: columns[index]!, blocks: blocks[index]! };
    const word = { id, row, project, label, denied };
    return { ...heldOf({ labels, projects, tables }, word), duals: duals[index]! };
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

/** Copies of the next bytes, so that numbers of any size lie as they must. */
function takerOf(bytes: Uint8Array, from: number): (length: number) => ArrayBuffer {
  let at = from;
  return (length) => {
    const part = new Uint8Array(bytes.subarray(at, at + length));
    if (part.byteLength !== length) {
      throw artifactMisshapen({ wanted: FORMAT, found: `${bytes.byteLength} bytes, which are too few` });
    }
    at += length;
    return part.buffer;
  };
}
