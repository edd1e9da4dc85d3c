/** What bytes in a store are, told from the bytes themselves: a source was never given a name there. */
import { createHash } from 'node:crypto';
import { FettleError } from '../../registry/base/fault.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import { decodeBatch, type Batch } from '../artifacts/batch.ts';
import { decodeDataset, type Dataset } from '../artifacts/dataset.ts';
import { decodeOutcomes, type Outcomes } from '../artifacts/outcomes.ts';
import { tableIn, type Table } from './tables.ts';

export type Stored =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'dataset'; readonly dataset: Dataset }
  | { readonly kind: 'outcomes'; readonly outcomes: Outcomes }
  /** A source, or live outcomes as they were given. */
  | { readonly kind: 'table'; readonly table: Table }
  /** Nothing that has rows: a model, a card, measures. */
  | { readonly kind: 'other' };

/** Of these no row can be told, and the steps that gave them say so. */
const ROWLESS: readonly (ArtifactKind | undefined)[] = [
  'onnx',
  'package',
  'measures',
  'plan',
  'tensors',
  'phase',
];

/** @param known  what the step that gave the bytes says of them */
export function readStored(bytes: Uint8Array, known: ArtifactKind | undefined): Stored {
  if (ROWLESS.includes(known)) return { kind: 'other' };
  const format = /^\{"format":"fettle-([a-z]+)\/1"/.exec(
    Buffer.from(bytes.subarray(0, 40)).toString('latin1'),
  );
  try {
    switch (format?.[1]) {
      case 'batch':
        return { kind: 'batch', batch: decodeBatch(bytes) };
      case 'dataset':
        return { kind: 'dataset', dataset: decodeDataset(bytes) };
      case 'outcomes':
        return { kind: 'outcomes', outcomes: decodeOutcomes(bytes) };
      case 'measures':
      case 'plan':
        return { kind: 'other' };
    }
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
  }
  const table = tableIn(bytes);
  return table === null ? { kind: 'other' } : { kind: 'table', table };
}

/** How a dataset marks the id of a row. */
export function markOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 16);
}
