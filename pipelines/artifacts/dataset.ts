/** A dataset: which rows of which batches are trained on, and which are held out for ever. */
import * as z from 'zod';
import { Digest } from '../../registry/base/digest.ts';
import { artifactMisshapen } from '../faults.ts';
import { decodeBatch, InputKind, type Row } from './batch.ts';

const FORMAT = 'fettle-dataset/1';

/** The part of each row, one letter: trained on, held out, only denied a label, or left out (a copy of something held out). */
export const PART = { train: 't', holdout: 'h', denied: 'd', none: '-' } as const;

const Renaming = z.strictObject({ from: z.string(), to: z.string() });
export type Renaming = z.infer<typeof Renaming>;

const Member = z.strictObject({
  batch: Digest,
  /** One letter a row. */
  parts: z.string().regex(/^[thd-]*$/),
  /** Per row, 16 hex digits of its content's hash and of its id's, so that no copy crosses the line. */
  contents: z.array(z.string()),
  ids: z.array(z.string()),
  /** Labels that were called otherwise in the batches before. */
  renamings: z.array(Renaming).exactOptional(),
});
export type Member = z.infer<typeof Member>;

export const Dataset = z.strictObject({
  format: z.literal(FORMAT),
  input: InputKind,
  members: z.array(Member),
});
export type Dataset = z.infer<typeof Dataset>;

/** Whether something is learned from a row of this part, given as its letter. */
export function isLearned(part: string | undefined): boolean {
  return part === PART.train || part === PART.denied;
}

export function datasetOf(input: InputKind, members: readonly Member[]): Dataset {
  return { format: FORMAT, input, members: [...members] };
}

export function encodeDataset(dataset: Dataset): Uint8Array {
  return Buffer.from(`${JSON.stringify(dataset)}\n`);
}

/** @throws artifactMisshapen */
export function decodeDataset(bytes: Uint8Array): Dataset {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Dataset.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}

type Part = (typeof PART)[keyof typeof PART];

/** What a label of these members is called now, by what was renamed later. */
function nameAfter(later: readonly Member[]): (label: string) => string {
  const renamings = later.flatMap((member) => member.renamings ?? []);
  return (label) => renamings.reduce((name, { from, to }) => (name === from ? to : name), label);
}

/**
 * What labels of a model that was trained earlier are called now. A name that rows have today was given anew: it stays.
 *
 * @param living  labels that rows of the dataset have
 */
export function namesNow({ members }: Dataset, living: ReadonlySet<string>): (label: string) => string {
  const nameOf = nameAfter(members);
  return (label) => (living.has(label) ? label : nameOf(label));
}

/** The labels of each batch, in their order, under the names that they had in it. */
export async function namesIn(
  { members }: Dataset,
  load: (digest: Digest) => Promise<Uint8Array>,
): Promise<readonly ReadonlySet<string>[]> {
  const names: ReadonlySet<string>[] = [];
  for (const { batch } of members) {
    names.push(new Set(decodeBatch(await load(batch)).rows.map(({ label }) => label)));
  }
  return names;
}

/**
 * The rows of one part or several, in the order of the batches, their labels under the names of today; `load` fetches a
 * batch by its digest.
 */
export async function rowsOf(
  dataset: Dataset,
  wanted: Part | readonly Part[],
  load: (digest: Digest) => Promise<Uint8Array>,
): Promise<readonly Row[]> {
  const letters = typeof wanted === 'string' ? wanted : wanted.join('');
  const found: Row[] = [];
  for (const [place, { batch, parts }] of dataset.members.entries()) {
    const nameOf = nameAfter(dataset.members.slice(place + 1));
    const { rows } = decodeBatch(await load(batch));
    const mine = rows.filter((_, index) => letters.includes(parts[index] ?? ' '));
    found.push(...mine.map((row) => renamed(row, nameOf)));
  }
  return found;
}

function renamed(row: Row, nameOf: (label: string) => string): Row {
  const label = nameOf(row.label);
  const not = row.not?.map(nameOf);
  return { ...row, label, ...(not === undefined ? {} : { not }) };
}

export function countOf(dataset: Dataset, part: Part): number {
  return dataset.members.reduce((sum, { parts }) => sum + parts.split(part).length - 1, 0);
}
