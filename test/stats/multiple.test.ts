import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm } from '../../pipelines/stats/multiple.ts';

const P = [0.041, 0.001, 0.06, 0.008, 0.039, 0.042];
const HOLM = [0.156, 0.006, 0.156, 0.04, 0.156, 0.156];
const FDR_BH = [0.0504, 0.006, 0.06, 0.024, 0.0504, 0.0504];

describe('many tests', () => {
  // Recorded from statsmodels 0.15.0, `multipletests`, methods `holm` and `fdr_bh`.
  it('are adjusted as statsmodels adjusts them', () => {
    const close = (found: readonly number[], wanted: readonly number[]): void =>
      found.forEach((p, place) => expect(p).toBeCloseTo(wanted[place] ?? Number.NaN, 12));
    close(holm(P), HOLM);
    close(benjaminiHochberg(P), FDR_BH);
    expect(holm([])).toEqual([]);
    expect(() => holm([1.2])).toThrow(RangeError);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([1.2])).toThrow(RangeError);
  });

  it('are never easier together than alone, and Holm never easier than Benjamini and Hochberg', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (ps) => {
          const [strict, loose] = [holm(ps), benjaminiHochberg(ps)];
          ps.forEach((p, place) => {
            expect(loose[place]! - p).toBeGreaterThan(-1e-12);
            expect(strict[place]! - loose[place]!).toBeGreaterThan(-1e-12);
          });
        },
      ),
    );
  });
});
