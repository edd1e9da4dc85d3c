/** The loops of merging over many floats: what is done to every element, and nothing of what a merge is. */
import type { Kernels } from '../kernels/space.ts';

/** Bins of the first counting of magnitudes: the upper 16 of their 31 bits. */
export const UPPER_BINS = 65536;
/** Bins of the second: the lower 15. */
export const LOWER_BINS = 32768;
/** Kernels count four neighbours beside each other; what a bin holds is the sum of its four. */
export const COUNTINGS = 4;
/** Room behind the last float, which a loop may read and write: a line of the cache. */
export const SPARE_FLOATS = 16;

export interface Throw {
  /** Place of the first element in its tensor; only its lower 32 bits count. */
  readonly index: number;
  /** Of 32 bits each. */
  readonly seeds: readonly [number, number];
  /** A hash below it is kept: 0 to 2³² − 1. */
  readonly limit: number;
  readonly scale: number;
}

/** What is done with the delta of one model. */
export interface Term {
  readonly least: number;
  readonly most: number;
  readonly scale: number;
  readonly weight: number;
}

export interface Weighing {
  readonly tensors: readonly Float32Array[];
  readonly weights: readonly number[];
  readonly divisor: number;
}

export interface Combination {
  readonly base: Float32Array;
  readonly deltas: readonly Float32Array[];
  readonly terms: readonly Term[];
  readonly lambda: number;
  /** `elected` sums only what has the sign of the whole sum; `divided` divides by the weights of that. */
  readonly kind: 'all' | 'elected' | 'divided';
}

/**
 * Every number is rounded to 32 bits after each operation unless it says doubles. Arrays are of one length and lie in
 * one space; behind them is room for `SPARE_FLOATS`, which what writes floats may fill with anything. Of what is no
 * number, no bits are promised.
 */
export interface Loops {
  /** Brain floats to floats; exact. */
  readonly fromBrain: (from: Uint16Array, to: Float32Array) => void;
  /** Halves to floats; exact. */
  readonly fromHalf: (from: Uint16Array, to: Float32Array) => void;
  /** Floats to brain floats, ties to the even one. */
  readonly toBrain: (from: Float32Array, to: Uint16Array) => void;
  /** Floats to halves, ties to the even one; from 65520 on they are infinite. */
  readonly toHalf: (from: Float32Array, to: Uint16Array) => void;
  /** a ← a − base. */
  readonly subtract: (base: Float32Array, a: Float32Array) => void;
  /** a ← a − base, and counts by the upper bits of |a|, in four countings of `UPPER_BINS`. */
  readonly countUpper: (base: Float32Array, a: Float32Array, counting: Int32Array) => void;
  /** Counts, by the lower bits of |a|, the elements whose upper bits are `bin`. */
  readonly countLower: (a: Float32Array, bin: number, counting: Int32Array) => void;
  /**
   * Keeps an element, scaled, when a hash of its index and the seeds is below the limit, and makes it zero otherwise.
   * The hash is the finalizer of MurmurHash3 with a second seed in its middle.
   */
  readonly drop: (a: Float32Array, how: Throw) => void;
  /** Σ a·b in doubles: those at even places in order, plus those at odd ones. */
  readonly dot: (a: Float32Array, b: Float32Array) => number;
  /** out ← shares₀·a + shares₁·b. */
  readonly blend: (
    a: Float32Array,
    b: Float32Array,
    shares: readonly [number, number],
    out: Float32Array,
  ) => void;
  /** Whether an element is infinite or no number. */
  readonly unbounded: (a: Float32Array) => boolean;
  /** out ← Σ wᵢ·xᵢ / divisor, summed in order. */
  readonly weigh: (what: Weighing, out: Float32Array) => void;
  /**
   * eᵢ = dᵢ·scaleᵢ where leastᵢ ≤ |dᵢ| ≤ mostᵢ, else 0; out ← base + lambda·Σ eᵢ. With `elected`, the sum takes only
   * the eᵢ whose sign is that of Σ eᵢ (a sum of 0 counts as positive); with `divided` it is divided by the sum of their
   * weights too, or by 1 where that is 0.
   */
  readonly combine: (what: Combination, out: Float32Array) => void;
}

/** What kernels need besides the arrays, in the same space. */
export interface Tables {
  /** One a model. */
  readonly places: Int32Array;
  /** Four a model. */
  readonly terms: Float32Array;
  /** Eight a model. */
  readonly scratch: Float32Array;
}

const COMBINING = { all: 'combine', elected: 'combineElected', divided: 'combineDivided' } as const;

/** The loops as kernels do them, four to eight elements at a time. */
export function loopsByKernel(kernels: Kernels, { places, terms, scratch }: Tables): Loops {
  const tell = (arrays: readonly Float32Array[]): void =>
    arrays.forEach((array, index) => (places[index] = array.byteOffset));
  return {
    fromBrain: (from, to) => kernels.fromBrain(from.byteOffset, to.byteOffset, to.length),
    fromHalf: (from, to) => kernels.fromHalf(from.byteOffset, to.byteOffset, to.length),
    toBrain: (from, to) => kernels.toBrain(from.byteOffset, to.byteOffset, from.length),
    toHalf: (from, to) => kernels.toHalf(from.byteOffset, to.byteOffset, from.length),
    subtract: (base, a) => kernels.subtract(base.byteOffset, a.byteOffset, a.length),
    countUpper: (base, a, counting) =>
      kernels.countUpper(base.byteOffset, a.byteOffset, a.length, counting.byteOffset),
    countLower: (a, bin, counting) => kernels.countLower(a.byteOffset, a.length, bin, counting.byteOffset),
    drop: (a, { index, seeds, limit, scale }) =>
      kernels.drop(a.byteOffset, a.length, index, ...seeds, limit, scale),
    dot: (a, b) => kernels.dot(a.byteOffset, b.byteOffset, a.length),
    blend: (a, b, shares, out) =>
      kernels.blend(a.byteOffset, b.byteOffset, out.byteOffset, out.length, ...shares),
    unbounded: (a) => kernels.unbounded(a.byteOffset, a.length) !== 0,
    weigh({ tensors, weights, divisor }, out) {
      tell(tensors);
      terms.set(weights);
      const { byteOffset, length } = out;
      kernels.weigh(tensors.length, places.byteOffset, terms.byteOffset, byteOffset, length, divisor);
    },
    combine({ base, deltas, terms: wanted, lambda, kind }, out) {
      tell(deltas);
      terms.set(wanted.flatMap(({ least, most, scale, weight }) => [least, most, scale, weight]));
      const tables = [places.byteOffset, terms.byteOffset, scratch.byteOffset];
      const { byteOffset, length } = out;
      kernels[COMBINING[kind]](deltas.length, ...tables, base.byteOffset, byteOffset, length, lambda);
    },
  };
}
