/** Many arrays as slices of one, so that one loop goes over all of them. */
import type { Arrays } from './places.ts';

/** Floats that a loop may take at once: each slice begins at a multiple of them, and so the whole ends. */
const STRIDE = 16;

export interface Slices {
  /** Floats in all, those between slices included. */
  readonly length: number;
  readonly at: readonly { readonly name: string; readonly from: number; readonly size: number }[];
}

export function slicesOf(sizes: readonly { readonly name: string; readonly size: number }[]): Slices {
  let length = 0;
  const at = sizes.map(({ name, size }) => {
    const from = length;
    length += Math.ceil(size / STRIDE) * STRIDE;
    return { name, from, size };
  });
  return { length, at };
}

/** Views by name. */
export function slicesIn({ at }: Slices, whole: Float32Array): Arrays {
  return Object.fromEntries(at.map(({ name, from, size }) => [name, whole.subarray(from, from + size)]));
}
