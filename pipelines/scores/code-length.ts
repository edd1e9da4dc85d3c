/** Minimum description length in bits: what a model's file takes, and what the labels take once it is known. */
import { brotliCompressSync, constants } from 'node:zlib';
import type { Outcomes } from '../artifacts/outcomes.ts';

/** Share of a uniform guess that is mixed into each probability: a label that was given none still has a code. */
const UNIFORM_SHARE = 1e-6;

const SETTINGS = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_GENERIC,
  },
} as const;

/** Both parts of a two-part code. */
export interface CodeLength {
  /** L(model): bits of its file, compressed. */
  readonly model: number;
  /** L(data | model): bits of the true labels. */
  readonly data: number;
}

/**
 * L(model): eight times the bytes of the file under brotli, quality 9 and a window of 2²² bytes, so that repetition is
 * cheap and noise costs what it weighs.
 *
 * @param bytes  the model's file, as it is served
 * @returns      bits, a multiple of 8
 * @throws       never
 * @cost         about 50 ms a megabyte
 * @source       J. Rissanen, Automatica 14 (1978): the two-part code; the compressed file as an upper bound of the
 *               shortest program, as in P. Grünwald, The Minimum Description Length Principle (2007), §1.4
 */
export function fileBitsOf(bytes: Uint8Array): number {
  return 8 * brotliCompressSync(bytes, SETTINGS).byteLength;
}

/**
 * L(labels | model) = Σ −log₂ q(truth), q = (1 − ε)·p̂ + ε/K with ε = 10⁻⁶ and p̂ the item's probabilities brought to
 * sum 1: what an arithmetic coder would take for the true labels. By Kraft's inequality it is a code, because each q
 * sums to 1; ε keeps it finite where the model gave the truth nothing.
 *
 * @param outcomes  items with their truth and probabilities
 * @param of        places of the items to count; all unless told
 * @returns         bits, 0 or more; K equal probabilities give log₂ K an item
 * @throws          never
 * @cost            items × labels additions
 * @source          P. Grünwald, The Minimum Description Length Principle (2007), §3.2: codes and distributions
 */
export function labelBitsOf(outcomes: Outcomes, of?: readonly number[]): number {
  const { truth, probabilities, labels } = outcomes;
  const width = labels.length;
  return (of ?? truth.map((_, place) => place)).reduce((bits, place) => {
    const row = probabilities.slice(place * width, (place + 1) * width);
    const sum = row.reduce((total, one) => total + one, 0);
    const given = sum > 0 ? (row[truth[place] ?? 0] ?? 0) / sum : 1 / width;
    return bits - Math.log2((1 - UNIFORM_SHARE) * given + UNIFORM_SHARE / width);
  }, 0);
}
