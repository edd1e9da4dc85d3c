/** How two models differ, tensor by tensor. */
import { shapeText } from '../tensors/header.ts';
import type { Weights } from './weights.ts';

export type TensorDifference =
  | { readonly name: string; readonly how: 'only in the first' | 'only in the second' | 'same' }
  | { readonly name: string; readonly how: 'another shape'; readonly shapes: readonly [string, string] }
  | ({ readonly name: string; readonly how: 'changed' } & Distance);

/** Between two tensors a and b of one shape. */
export interface Distance {
  readonly count: number;
  /** Elements that differ; two that are both no number do not. */
  readonly changed: number;
  readonly largest: number;
  /** Σ a² and Σ (a − b)², over all elements. */
  readonly energy: number;
  readonly noise: number;
}

/** 10·log₁₀(Σ a² / Σ (a − b)²): how far b's error lies below a; infinite where nothing differs. */
export function snrDbOf({ energy, noise }: Pick<Distance, 'energy' | 'noise'>): number {
  return noise === 0 ? Infinity : 10 * Math.log10(energy / noise);
}

export function differences(
  first: readonly Weights[],
  second: readonly Weights[],
): readonly TensorDifference[] {
  const theirs = new Map(second.map((weights) => [weights.name, weights]));
  const own = new Set(first.map(({ name }) => name));
  const added = second.filter(({ name }) => !own.has(name));
  return [
    ...first.map((weights): TensorDifference => {
      const { name } = weights;
      const other = theirs.get(name);
      if (other === undefined) return { name, how: 'only in the first' };
      const shapes = [shapeText(weights.shape), shapeText(other.shape)] as const;
      if (shapes[0] !== shapes[1]) return { name, how: 'another shape', shapes };
      const distance = distanceBetween(weights, other);
      return distance.changed === 0 ? { name, how: 'same' } : { name, how: 'changed', ...distance };
    }),
    ...added.map(({ name }): TensorDifference => ({ name, how: 'only in the second' })),
  ];
}

/** @param b  of the same shape as a */
export function distanceBetween(a: Weights, b: Weights): Distance {
  const sums = { count: 0, changed: 0, largest: 0, energy: 0, noise: 0 };
  const others = b.stretches()[Symbol.iterator]();
  for (const stretch of a.stretches()) {
    const next = others.next();
    const other = next.done === true ? new Float64Array() : next.value;
    for (let at = 0; at < stretch.length; at++) {
      const value = stretch[at]!;
      const apart = value - other[at]!;
      sums.count += 1;
      sums.energy += value * value;
      sums.noise += apart * apart;
      if (apart === 0 || Object.is(value, other[at]!)) continue;
      sums.changed += 1;
      sums.largest = Math.max(sums.largest, Math.abs(apart));
    }
  }
  return sums;
}
