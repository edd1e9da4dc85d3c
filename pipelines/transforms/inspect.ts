/** What the weights of a model are like: sizes, moments, outliers and a histogram of each tensor. */
import { countOf } from '../tensors/header.ts';
import type { Weights } from './weights.ts';

export interface TensorPortrait {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  readonly count: number;
  /** Over the finite numbers; 0 where there are none. */
  readonly mean: number;
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
  readonly zeros: number;
  /** Infinities, and what is no number. */
  readonly unbounded: number;
  /** Further than `OUTLYING` deviations from the mean. */
  readonly outliers: number;
  /** Counts in `BINS` equal bins from four deviations below the mean to four above; the ends take what is beyond. */
  readonly histogram: readonly number[];
}

export const OUTLYING = 6;
const BINS = 16;
const SPREAD = 4;

/**
 * @returns  moments by one pass, outliers and the histogram by a second; the deviation is that of the population
 * @cost     two readings of the tensor
 * @source   T. F. Chan, G. H. Golub, R. J. LeVeque 1983, for joining the moments of stretches
 */
export function portraitOf({ name, type, shape, sizeBytes, stretches }: Weights): TensorPortrait {
  const moments = momentsOf(stretches());
  const { mean, deviation } = moments;
  const histogram = Array.from({ length: BINS }, () => 0);
  let outliers = 0;
  for (const stretch of stretches()) {
    for (const value of stretch) {
      if (!Number.isFinite(value)) continue;
      const away = deviation === 0 ? 0 : (value - mean) / deviation;
      if (Math.abs(away) > OUTLYING) outliers += 1;
      const bin = Math.floor(((away + SPREAD) / (2 * SPREAD)) * BINS);
      histogram[Math.max(0, Math.min(BINS - 1, bin))]! += 1;
    }
  }
  return { name, type, shape, sizeBytes, count: countOf(shape), ...moments, outliers, histogram };
}

function momentsOf(stretches: Iterable<Float64Array>) {
  const all = { finite: 0, mean: 0, squares: 0, least: Infinity, most: -Infinity, zeros: 0, unbounded: 0 };
  for (const stretch of stretches) {
    const finite = stretch.filter(Number.isFinite);
    all.unbounded += stretch.length - finite.length;
    if (finite.length === 0) continue;
    let sum = 0;
    for (const value of finite) {
      sum += value;
      if (value === 0) all.zeros += 1;
      if (value < all.least) all.least = value;
      if (value > all.most) all.most = value;
    }
    const mean = sum / finite.length;
    let squares = 0;
    for (const value of finite) squares += (value - mean) ** 2;
    const both = all.finite + finite.length;
    const apart = mean - all.mean;
    all.squares += squares + (apart ** 2 * all.finite * finite.length) / both;
    all.mean += (apart * finite.length) / both;
    all.finite = both;
  }
  const none = all.finite === 0;
  return {
    mean: all.mean,
    deviation: none ? 0 : Math.sqrt(all.squares / all.finite),
    least: none ? 0 : all.least,
    most: none ? 0 : all.most,
    zeros: all.zeros,
    unbounded: all.unbounded,
  };
}
