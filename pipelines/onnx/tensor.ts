/** Numbers with a shape, as the reference evaluator has them, and the walks over them that definitions are written in. */
import type { ElementType } from './graph.ts';

/** Row-major; whole numbers are held as doubles too, exact up to 2⁵³, and truths as 0 and 1. */
export interface Numbers {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function numbersOf(type: ElementType, shape: readonly number[], data: ArrayLike<number>): Numbers {
  return { type, shape, data: Float64Array.from(data) };
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** One number for each place of a shape, by its indexes along the axes. */
export function filled(shape: readonly number[], at: (place: readonly number[]) => number): Float64Array {
  const place = shape.map(() => 0);
  return Float64Array.from({ length: countOf(shape) }, () => {
    const number = at(place);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis]! += 1;
      if (place[axis]! < shape[axis]!) break;
      place[axis] = 0;
    }
    return number;
  });
}

/** Where a place lies; of more indexes than axes, the last count, and an axis of size 1 stands for any index. */
export function offsetOf(shape: readonly number[], place: readonly number[]): number {
  const skipped = place.length - shape.length;
  return shape.reduce((offset, size, axis) => offset * size + (size === 1 ? 0 : place[skipped + axis]!), 0);
}

export function numberAt({ shape, data }: Numbers, place: readonly number[]): number {
  return data[offsetOf(shape, place)]!;
}

/** The shape that two shapes grow to. */
export function grown(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[a.length - rank + axis] ?? 1, b[b.length - rank + axis] ?? 1];
    return one === 1 ? other : one;
  });
}
