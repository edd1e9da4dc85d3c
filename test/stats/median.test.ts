import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { medianOf } from '../../pipelines/stats/median.ts';

describe('the median with its interval', () => {
  it('takes the order statistics that the tables of the sign test name', () => {
    // n = 10: the 2nd and 9th at 97.9%; n = 6: the 1st and 6th at 96.9%; n = 5 is too small for 95%.
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(medianOf(upTo(10))).toEqual({ value: 5.5, low: 2, high: 9 });
    expect(medianOf(upTo(6))).toEqual({ value: 3.5, low: 1, high: 6 });
    expect(medianOf(upTo(5))).toEqual({ value: 3, low: -Infinity, high: Infinity });
    expect(medianOf(upTo(15))).toEqual({ value: 8, low: 4, high: 12 });
  });

  it('takes infinite values as what they are', () => {
    expect(medianOf([1, Infinity, Infinity]).value).toBe(Infinity);
    const most = medianOf([1, 2, 3, 4, 5, 6, 7, Infinity]);
    expect(most).toEqual({ value: 4.5, low: 1, high: Infinity });
  });

  it('does not depend on the order, and keeps its ends around the value', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const { value, low, high } = medianOf(values);
        expect(low <= value && value <= high).toBe(true);
        expect(medianOf(values.toReversed())).toEqual({ value, low, high });
      }),
    );
  });

  it('covers the median of a skewed distribution at least as often as it says', () => {
    const random = randomOf(9);
    let covered = 0;
    for (let run = 0; run < 1000; run++) {
      const values = Array.from({ length: 12 }, () => -Math.log1p(-random.nextFloat()));
      const { low, high } = medianOf(values);
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(950);
  });

  it('wants a value', () => {
    expect(() => medianOf([])).toThrow(RangeError);
  });
});
