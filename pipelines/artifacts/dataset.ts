/** A dataset: which rows of which batches are trained on, and which are held out for ever. */
import * as z from 'zod';
import { Digest } from '../../registry/base/digest.ts';
import { artifactMisshapen } from '../faults.ts';
import { decodeBatch, InputKind, type Row } from './batch.ts';

const FORMAT = 'fettle-dataset/1';

/** The part of each row, one letter: trained on, held out, or left out (a copy of something held out). */
export const PART = { train: 't', holdout: 'h', none: '-' } as const;

const Member = z.strictObject({
  batch: Digest,
  /** One letter a row. */
  parts: z.string().regex(/^[th-]*$/),
  /** Per row, 16 hex digits of its content's hash and of its id's, so that no copy crosses the line. */
  contents: z.array(z.string()),
  ids: z.array(z.string()),
});
export type Member = z.infer<typeof Member>;

export const Dataset = z.strictObject({
  format: z.literal(FORMAT),
  input: InputKind,
  members: z.array(Member),
});
export type Dataset = z.infer<typeof Dataset>;

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

/** The rows of one part, in the order of the batches; `load` fetches a batch by its digest. */
export async function rowsOf(
  dataset: Dataset,
  part: (typeof PART)[keyof typeof PART],
  load: (digest: Digest) => Promise<Uint8Array>,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (const { batch, parts } of dataset.members) {
    const { rows } = decodeBatch(await load(batch));
    found.push(...rows.filter((_, index) => parts[index] === part));
  }
  return found;
}

export function countOf(dataset: Dataset, part: (typeof PART)[keyof typeof PART]): number {
  return dataset.members.reduce((sum, { parts }) => sum + parts.split(part).length - 1, 0);
}
