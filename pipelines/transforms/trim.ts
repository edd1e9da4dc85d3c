/** Which magnitudes of a delta are kept: exact bounds by counting bits twice, never by sorting. */
import { LOWER_BINS, UPPER_BINS } from './loops.ts';

/** |d| is kept when it lies between `least` and `most`, up to element `until`; the next bounds hold from there. */
export interface Bounds {
  readonly until: number;
  readonly least: number;
  readonly most: number;
}

/** How often each magnitude occurs, asked for in two steps of its 31 bits. */
export interface Magnitudes {
  readonly count: number;
  /** By the upper 16 bits. */
  readonly upper: Float64Array;
  /** Of those with one upper half, by their lower 15 bits. */
  readonly lowerOf: (bin: number) => Float64Array;
  /** The place right after the n-th element of exactly this magnitude, n ≥ 1. */
  readonly placeAfter: (magnitude: number, n: number) => number;
}

/** The magnitude of a rank, and how many of the elements of exactly that magnitude rank no higher than it. */
interface Ranked {
  readonly magnitude: number;
  readonly bits: number;
  /** How many of its equals come first in ascending order, itself included: 1 to `equals`. */
  readonly order: number;
  readonly equals: number;
}

/**
 * The bounds that keep the elements of the ranks `first` to `last` (ascending, from 0, inclusive). Equal magnitudes are
 * ranked by place: of those at the lower bound the later places are kept, of those at the upper bound the earlier.
 *
 * @param first  0 to last
 * @param last   below the number of elements
 * @returns      one to three bounds, by place
 * @throws       never
 * @cost         one counting of the lower halves for each bound, and a walk where equals are divided
 * @source       definition; the ranking by place is that of a stable ascending sort
 */
export function boundsBetween(magnitudes: Magnitudes, first: number, last: number): readonly Bounds[] {
  const low = rankedAt(magnitudes, first);
  const high = rankedAt(magnitudes, last);
  const lowFrom = low.order === 1 ? 0 : magnitudes.placeAfter(low.magnitude, low.order - 1);
  const highUntil =
    high.order === high.equals ? magnitudes.count : magnitudes.placeAfter(high.magnitude, high.order);
  const places = [...new Set([lowFrom, highUntil, magnitudes.count])].filter((place) => place > 0);
  return places
    .sort((a, b) => a - b)
    .map((until) => ({
      until,
      least: until <= lowFrom ? floatOf(low.bits + 1) : low.magnitude,
      most: until > highUntil ? floatOf(high.bits - 1) : high.magnitude,
    }));
}

/**
 * As `boundsBetween`, for the `kept` largest; of equals at the bound the earlier places are kept.
 *
 * @source  definition; the ranking by place is that of a stable descending sort
 */
export function boundsOfLargest(magnitudes: Magnitudes, kept: number): readonly Bounds[] {
  const { magnitude, bits, order, equals } = rankedAt(magnitudes, magnitudes.count - kept);
  const wanted = equals - order + 1;
  const all = { until: magnitudes.count, least: magnitude, most: Infinity };
  if (wanted === equals) return [all];
  const until = magnitudes.placeAfter(magnitude, wanted);
  return [
    { ...all, until },
    { ...all, least: floatOf(bits + 1) },
  ];
}

function rankedAt({ upper, lowerOf }: Magnitudes, rank: number): Ranked {
  const [bin, below] = binOf(upper, UPPER_BINS, rank);
  const lower = lowerOf(bin);
  const [rest, before] = binOf(lower, LOWER_BINS, rank - below);
  const bits = bin * LOWER_BINS + rest;
  return { bits, magnitude: floatOf(bits), order: rank - below - before + 1, equals: lower[rest]! };
}

/** The bin in which a rank lies, and how many lie in those before. */
function binOf(counts: Float64Array, bins: number, rank: number): readonly [number, number] {
  let before = 0;
  for (let bin = 0; bin < bins; bin++) {
    if (before + counts[bin]! > rank) return [bin, before];
    before += counts[bin]!;
  }
  throw new RangeError(`rank ${rank} is beyond ${before} elements`);
}

/** Below zero there is no magnitude: −1 keeps nothing. */
function floatOf(bits: number): number {
  return bits < 0 ? -1 : new Float32Array(Int32Array.of(bits).buffer)[0]!;
}
