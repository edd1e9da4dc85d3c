import { describe, expect, it } from 'vitest';
import { adwin, driftIn, pageHinkley, type DriftDetector } from '../../pipelines/stats/drift.ts';

type Parts = readonly (readonly [chance: number, count: number])[];

/** Errors by a generator that any language has: s ← (1103515245 s + 12345) mod 2³¹, an error where s / 2³¹ < chance. */
function errorsOf(seed: number, parts: Parts): readonly number[] {
  let state = BigInt(seed);
  const next = (): number => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    return Number(state) / 2147483648;
  };
  return parts.flatMap(([chance, count]) => Array.from({ length: count }, () => (next() < chance ? 1 : 0)));
}

const STREAMS = {
  still: errorsOf(1, [[0.2, 2000]]),
  jump: errorsOf(2, [
    [0.2, 400],
    [0.5, 600],
  ]),
  small: errorsOf(3, [
    [0.2, 1000],
    [0.3, 1500],
  ]),
  twice: errorsOf(4, [
    [0.1, 500],
    [0.6, 500],
    [0.2, 800],
  ]),
} as const;

function alarms({ add }: DriftDetector, stream: keyof typeof STREAMS): readonly number[] {
  return STREAMS[stream].flatMap((value, index) => (add(value) ? [index] : []));
}

// Every alarm as River 0.26.1 (PyPI, BSD-3) gives it on these streams: `drift.ADWIN(delta, clock)` and
// `drift.PageHinkley(delta, threshold, min_instances=30, mode='up')`.
describe('adwin alarms where River does', () => {
  it.each([
    ['still', {}, []],
    ['still', { delta: 0.2, clock: 8 }, [311]],
    ['still', { delta: 0.05, clock: 1 }, [315]],
    ['jump', {}, [543]],
    ['jump', { delta: 0.2, clock: 8 }, [455]],
    ['jump', { delta: 0.05, clock: 1 }, [458]],
    ['small', {}, [1823]],
    ['small', { delta: 0.2, clock: 8 }, [359, 1455]],
    ['small', { delta: 0.05, clock: 1 }, [439, 1536]],
    ['twice', {}, [543, 1055]],
    ['twice', { delta: 0.2, clock: 8 }, [511, 1015]],
    ['twice', { delta: 0.05, clock: 1 }, [513, 1017]],
  ] as const)('%s %o', (stream, options, wanted) => {
    expect(alarms(adwin(options), stream)).toEqual(wanted);
  });
});

describe('pageHinkley alarms where River does', () => {
  it.each([
    ['still', {}, []],
    ['still', { delta: 0.05, threshold: 10 }, [301]],
    ['jump', {}, [628]],
    ['jump', { delta: 0.05, threshold: 10 }, [414, 953]],
    ['small', {}, [1536]],
    ['small', { delta: 0.05, threshold: 10 }, [416, 1094]],
    ['twice', { delta: 0.05, threshold: 10 }, [513]],
  ] as const)('%s %o', (stream, options, wanted) => {
    expect(alarms(pageHinkley(options), stream)).toEqual(wanted);
  });
});

describe('a detector', () => {
  it('never alarms over what never changes', () => {
    for (const { add } of [adwin({ delta: 0.2, clock: 1 }), pageHinkley({ delta: 0, threshold: 1 })]) {
      expect(Array.from({ length: 500 }, () => add(0.5)).includes(true)).toBe(false);
    }
  });

  it('refuses what is no number', () => {
    expect(() => adwin().add(Number.NaN)).toThrow(RangeError);
    expect(() => pageHinkley().add(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe('driftIn', () => {
  it('notices that a model errs more than it did, and not that it errs less', () => {
    const [before, worse] = [errorsOf(5, [[0.2, 200]]), errorsOf(6, [[0.6, 100]])];
    expect(driftIn(before, worse)).not.toBeNull();
    expect(driftIn(before, errorsOf(7, [[0.2, 100]]))).toBeNull();
    expect(driftIn(worse, before)).toBeNull();
    expect(driftIn(before, [])).toBeNull();
    expect(driftIn([], [])).toBeNull();
  });
});
