/** Throws deltas away by chance: the throw of an element is a hash of its place, so any order gives the same. */
import { digestOf } from '../../registry/base/digest.ts';
import { hashed } from './script-loops.ts';
import { rowOf, type Stretch, type Workspace } from './workspace.ts';

/** The most elements of a row that can be ranked: 31 bits of magnitude before 22 of place fill a double exactly. */
export const ROW_MOST = 2 ** 22;

/** What decides a throw besides the element's place. */
export interface Throws {
  readonly seed: number;
  readonly tensor: string;
  readonly model: number;
}

export interface RandomDrop {
  readonly slot: number;
  readonly stretch: Stretch;
  /** The chance to be kept, 0 to 1. */
  readonly density: number;
  /** Divides what is kept by the density, so that each element's expectation stays what it was. */
  readonly rescale: boolean;
  readonly throws: Throws;
}

/**
 * Keeps each element with a chance of `density`, in place.
 *
 * @throws  never
 * @cost    one pass
 * @source  Yu 2023, 3.1: δ̂ = m·δ / (1 − p), with 1 − p the density
 */
export function dropRandom({ loops, floats }: Workspace, drop: RandomDrop): void {
  const { slot, stretch, density, rescale, throws } = drop;
  if (density === 0) {
    floats(slot, stretch.n).fill(0);
    return;
  }
  const limit = Math.min(2 ** 32 - 1, Math.round(density * 2 ** 32));
  const scale = rescale ? 1 / density : 1;
  loops.drop(floats(slot, stretch.n), { index: stretch.from, seeds: seedsOf(throws), limit, scale });
}

export interface RankedDrop {
  readonly shape: readonly number[];
  /** Whole rows. */
  readonly stretch: Stretch;
  readonly density: number;
  readonly epsilon: number;
  readonly rescale: boolean;
  readonly throws: Throws;
}

/**
 * Keeps each element with a chance of density − ε + 2ε·rank/(row − 1), its rank by magnitude within its row (the
 * whole of what has one dimension), in place; what is kept is divided by its chance.
 *
 * @param values  the stretch
 * @throws        never
 * @cost          sorting each row
 * @source        Deep 2024, 3.1 "MagPrune": p rises linearly with the rank; the kept are scaled by 1/(1 − p)
 */
export function dropRanked(values: Float32Array, drop: RankedDrop): void {
  const { shape, stretch, density, epsilon, rescale, throws } = drop;
  const row = rowOf(shape);
  const seeds = seedsOf(throws);
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Float64Array(row);
  for (let begin = 0; begin + row <= values.length; begin += row) {
    // Sorting magnitude and place as one number ranks equals by place.
    for (let at = 0; at < row; at++) keys[at] = (bits[begin + at]! & 0x7fff_ffff) * ROW_MOST + at;
    keys.sort();
    for (let rank = 0; rank < row; rank++) {
      const at = begin + (keys[rank]! % ROW_MOST);
      const chance = row === 1 ? density : density - epsilon + (2 * epsilon * rank) / (row - 1);
      const kept = hashed(stretch.from + at, seeds) < chance * 2 ** 32;
      values[at] = kept ? values[at]! / (rescale ? chance : 1) : 0;
    }
  }
}

function seedsOf({ seed, tensor, model }: Throws): readonly [number, number] {
  const digest = digestOf(Buffer.from(`${seed} ${model} ${tensor}`));
  const hex = digest.slice(-16);
  return [Number.parseInt(hex.slice(0, 8), 16), Number.parseInt(hex.slice(8), 16)];
}
