import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../pipelines/stats/multiple.ts';

const P = [0.041, 0.001, 0.06, 0.008, 0.039, 0.042];
const FDR_BH = [0.0504, 0.006, 0.06, 0.024, 0.0504, 0.0504];

describe('many tests', () => {
  // Recorded from statsmodels 0.15.0, `multipletests`, method `fdr_bh`.
  it('are adjusted as statsmodels adjusts them', () => {
    const close = (found: readonly number[], wanted: readonly number[]): void =>
      found.forEach((p, place) => expect(p).toBeCloseTo(wanted[place] ?? Number.NaN, 12));
    close(benjaminiHochberg(P), FDR_BH);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([1.2])).toThrow(RangeError);
  });

  it('are never easier together than alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (ps) => {
          const loose = benjaminiHochberg(ps);
          ps.forEach((p, place) => {
            expect(loose[place]! - p).toBeGreaterThan(-1e-12);
          });
        },
      ),
    );
  });
});
