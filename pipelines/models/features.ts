/** What a model is fed: the specification that travels with it, and the row that an input becomes under it. */
import * as z from 'zod';
import { inputMisfit } from '../faults.ts';
import type { SparseRow } from './examples.ts';
import { hashOf } from './hash.ts';
import { BLOCK_WEIGHTS, type IssueText, tokensOf } from './issue-tokens.ts';

/** Numbers as they stand, one for each column. */
export const DenseFeatures = z.strictObject({
  kind: z.literal('dense'),
  columns: z.array(z.string().min(1)).min(1),
});
export type DenseFeatures = z.infer<typeof DenseFeatures>;

/** Tokens of title and body, hashed into 2^bits columns. */
export const HashedTextFeatures = z.strictObject({
  kind: z.literal('hashed-text'),
  version: z.literal(1),
  bits: z.int().min(8).max(20).default(16),
});
export type HashedTextFeatures = z.infer<typeof HashedTextFeatures>;

export const FeatureSpec = z.discriminatedUnion('kind', [DenseFeatures, HashedTextFeatures]);
export type FeatureSpec = z.infer<typeof FeatureSpec>;

/** Numbers in the order of the columns, or an issue. */
export type FeatureInput = readonly number[] | IssueText;

/**
 * How many columns a row has under this specification.
 *
 * @param spec  parsed
 * @returns     1 or more
 * @throws      never
 * @cost        constant
 * @source      definition
 */
export function widthOf(spec: FeatureSpec): number {
  return spec.kind === 'dense' ? spec.columns.length : 2 ** spec.bits;
}

/**
 * The row of an input. Dense: the numbers themselves, zeros left out. Hashed text: each block b of distinct columns
 * has the value √(w_b/|b|) in each, columns that blocks share are summed, and the row is divided by its length, so
 * that it has length 1 and needs nothing that was learned.
 *
 * @param spec   parsed
 * @param input  numbers, one for each column and finite, for dense; title and body for hashed text
 * @returns      columns rising strictly; hashed rows are never empty
 * @throws       inputMisfit when the input is of the other kind, has another count of numbers, or one is not finite
 * @cost         linear in the input; about 0.5 ms for an issue
 * @source       K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009, without signs
 */
export function featurize(spec: FeatureSpec, input: FeatureInput): SparseRow {
  if (spec.kind === 'dense') {
    if ('title' in input) throw inputMisfit({ wanted: `${spec.columns.length} numbers`, found: 'a text' });
    return denseRow(spec, input);
  }
  if (!('title' in input)) throw inputMisfit({ wanted: 'a title and a body', found: 'numbers' });
  return hashedRow(tokensOf(input), spec.bits);
}

function denseRow({ columns }: DenseFeatures, input: readonly number[]): SparseRow {
  if (input.length !== columns.length) {
    throw inputMisfit({ wanted: `${columns.length} numbers`, found: `${input.length}` });
  }
  const odd = input.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw inputMisfit({ wanted: `a finite number in column ${columns[odd]!}`, found: String(input[odd]) });
  }
  const kept = Int32Array.from(input.keys()).filter((index) => input[index] !== 0);
  return { columns: kept, values: Float64Array.from(kept, (index) => input[index]!) };
}

function hashedRow(blocks: readonly (readonly string[])[], bits: number): SparseRow {
  const sums = new Map<number, number>();
  blocks.forEach((tokens, block) => {
    const seed = Math.imul(block, 0x9e37_79b1);
    const distinct = new Set<number>();
    for (const token of tokens) distinct.add(hashOf(token, seed) >>> (32 - bits));
    const value = Math.sqrt(BLOCK_WEIGHTS[block]! / distinct.size);
    for (const column of distinct) sums.set(column, (sums.get(column) ?? 0) + value);
  });
  const columns = Int32Array.from(sums.keys()).sort();
  const values = Float64Array.from(columns, (column) => sums.get(column)!);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { columns, values: values.map((value) => value / length) };
}
