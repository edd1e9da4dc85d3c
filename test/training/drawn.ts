/** Numbers by a formula that `pytorch.py` has too, so that no file need hold them. */
import { sizeOf, type Shape } from '../../pipelines/onnx/build.ts';
import type { Arrays } from '../../pipelines/training/places.ts';

export function drawn(salt: number, count: number, least = -1.5, most = 1.5): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => {
    const bits = (Math.imul(at + 1, 2654435761) + salt * 40503 + 12345) >>> 0;
    const mixed = Math.imul(bits ^ (bits >>> 15), 2246822519) >>> 0;
    return least + (most - least) * (mixed / 2 ** 32);
  });
}

/** 0 … bound − 1. */
export function drawnWhole(salt: number, count: number, bound: number): Int32Array {
  return Int32Array.from({ length: count }, (_, at) => {
    const bits = (Math.imul(at + 1, 2654435761) + salt * 40503 + 12345) >>> 0;
    const mixed = Math.imul(bits ^ (bits >>> 15), 2246822519) >>> 0;
    return Math.floor(bound * (mixed / 2 ** 32));
  });
}

/** Matrices within ±1/√inputs, scales around 1. */
export function drawnWeights(shapes: Readonly<Record<string, Shape>>): Arrays {
  const made = Object.entries(shapes).map(([name, shape], salt) => {
    const bound = 1 / Math.sqrt(shape.length > 1 ? shape.at(-1)! : 16);
    const values = drawn(salt, sizeOf(shape), -bound, bound);
    return [name, name.endsWith('norm.weight') ? values.map((each) => each + 1) : values] as const;
  });
  return Object.fromEntries(made);
}
