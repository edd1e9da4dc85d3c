/** Detectors of drift: they watch a stream of errors as it comes, and say when it is not what it was. */

export interface DriftDetector {
  /** @returns whether the stream changed, as of this value; the detector begins anew with the next one then */
  readonly add: (value: number) => boolean;
}

export interface AdwinOptions {
  /** Bound of the false alarms of one cut; 0.002 when left out, as its authors have it. */
  readonly delta?: number;
  /** Looks at its window whenever so many values came; 32 when left out. */
  readonly clock?: number;
}

/** Buckets of one size, oldest first: two of them become one of the next size once there are too many. */
interface Bucket {
  readonly count: number;
  readonly sum: number;
}

const BUCKETS_MOST = 5;
const SIDE_LEAST = 5;
const WINDOW_LEAST = 10;

/**
 * ADWIN2: keeps a window of values in buckets of doubling size, and cuts it where the means of its two sides differ by
 * more than √(2σ²δ′/m) + 2δ′/3m, with δ′ = ln(2 ln(n)/δ) and m the harmonic mean of the sides' sizes.
 *
 * @param options  smaller `delta` and larger `clock`: fewer false alarms, and later ones
 * @returns        a detector for values of 0 to 1; those of streams of tens a day want delta 0.2 and clock 8
 * @throws         RangeError when a value is not finite: a programmer's error
 * @cost           one look at each of O(log n) buckets, every `clock` values
 * @source         A. Bifet, R. Gavaldà, SDM 2007, pp. 443–448; cuts, window's least and reset as River 0.26 has them
 */
export function adwin({ delta = 0.002, clock = 32 }: AdwinOptions = {}): DriftDetector {
  let rows: Bucket[][] = [[]];
  let [count, sum, squares] = [0, 0, 0];
  const isCut = (): boolean => {
    const variance = Math.max(0, squares / count - (sum / count) ** 2);
    const surprise = Math.log((2 * Math.log(count)) / delta);
    let [older, olderSum] = [0, 0];
    for (let size = rows.length - 1; size >= 0; size--) {
      for (const bucket of rows[size]!) {
        older += bucket.count;
        olderSum += bucket.sum;
        const newer = count - older;
        if (older < SIDE_LEAST || newer < SIDE_LEAST) continue;
        const shares = 1 / (older - SIDE_LEAST + 1) + 1 / (newer - SIDE_LEAST + 1);
        const bound = Math.sqrt(2 * shares * variance * surprise) + (2 / 3) * surprise * shares;
        if (Math.abs(olderSum / older - (sum - olderSum) / newer) > bound) return true;
      }
    }
    return false;
  };
  return {
    add(value) {
      if (!Number.isFinite(value)) throw new RangeError(`an error is a number, not ${value}`);
      [count, sum, squares] = [count + 1, sum + value, squares + value * value];
      rows[0]!.push({ count: 1, sum: value });
      compress(rows);
      const drifted = count % clock === 0 && count > WINDOW_LEAST && isCut();
      if (drifted) [rows, count, sum, squares] = [[[]], 0, 0, 0];
      return drifted;
    },
  };
}

function compress(rows: Bucket[][]): void {
  for (let size = 0; rows[size]!.length > BUCKETS_MOST; size++) {
    const [first, second] = rows[size]!.splice(0, 2);
    (rows[size + 1] ??= []).push({ count: first!.count + second!.count, sum: first!.sum + second!.sum });
  }
}

export interface PageHinkleyOptions {
  /** Changes smaller than this are none; 0.005 when left out. */
  readonly delta?: number;
  /** How far the sum may stray before it is an alarm; 50 when left out. */
  readonly threshold?: number;
  /** Values before the first alarm; 30 when left out. */
  readonly least?: number;
  /** What is kept of the sum at each value; 0.9999 when left out. */
  readonly fading?: number;
}

/**
 * The Page-Hinkley test for a rise: sums how far values lie above their running mean, less `delta`, and alarms when the
 * sum is `threshold` above its lowest.
 *
 * @param options  smaller `threshold`: earlier alarms, and more false ones
 * @returns        a detector of errors that rise; those of streams of tens a day want delta 0.05 and threshold 10
 * @throws         RangeError when a value is not finite: a programmer's error
 * @cost           a few operations a value
 * @source         E. S. Page, Biometrika 41 (1954), pp. 100–115; fading and reset as River 0.26 has them
 */
export function pageHinkley(options: PageHinkleyOptions = {}): DriftDetector {
  const { delta = 0.005, threshold = 50, least = 30, fading = 0.9999 } = options;
  let [count, mean, sum, lowest] = [0, 0, 0, Number.POSITIVE_INFINITY];
  return {
    add(value) {
      if (!Number.isFinite(value)) throw new RangeError(`an error is a number, not ${value}`);
      count += 1;
      mean += (value - mean) / count;
      sum = fading * sum + value - mean - delta;
      lowest = Math.min(lowest, sum);
      const drifted = count >= least && sum - lowest > threshold;
      if (drifted) [count, mean, sum, lowest] = [0, 0, 0, Number.POSITIVE_INFINITY];
      return drifted;
    },
  };
}

/**
 * Whether a model errs more on what came in than on what it was held against before.
 *
 * @param before  its errors on held-out items, 0 or 1 each, for the detectors to settle on
 * @param since   its errors on what people labelled since, in order of time
 * @returns       the detector that noticed a rise, `page-hinkley` before `adwin`; null where none did
 * @cost          two passes
 * @source        thresholds for tens a day: measured, with errors of 0.2, at a false alarm in about 6,500 values together
 */
export function driftIn(before: readonly number[], since: readonly number[]): string | null {
  const risen = meanOf(since) > meanOf(before);
  if (!risen) return null;
  const detectors: readonly (readonly [string, DriftDetector])[] = [
    ['page-hinkley', pageHinkley({ delta: 0.05, threshold: 10 })],
    ['adwin', adwin({ delta: 0.2, clock: 8 })],
  ];
  for (const [name, { add }] of detectors) {
    for (const value of before) add(value);
    if (since.map((value) => add(value)).includes(true)) return name;
  }
  return null;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
