import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialTail,
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
} from '../../pipelines/maths/special.ts';

/** Relative where the number is large, absolute where it is small. */
function expectNear(found: number, wanted: number, slack: number): void {
  expect(
    Math.abs(found - wanted) / Math.max(Math.abs(wanted), 1e-300),
    `${found} for ${wanted}`,
  ).toBeLessThan(slack);
}

// Oracle of all tables: SciPy 1.17.1 (scipy.special.gammaln, betainc; scipy.stats.binom.sf(k−1), norm).

describe('logGamma', () => {
  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [1.5, -0.12078223763524526],
    [3.7, 1.428072326665388],
    [10, 12.801827480081469],
    [171.5, 709.1431630309283],
    [1e5, 1051287.7089736569],
  ])('at %d agrees with SciPy', (x, wanted) => expectNear(logGamma(x), wanted, 1e-12));

  it('is 0 at 1 and 2, and refuses 0', () => {
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(2)).toBeCloseTo(0, 13);
    expect(() => logGamma(0)).toThrow(RangeError);
  });
});

describe('incompleteBeta', () => {
  it.each([
    [0.3, 2, 5, 0.5798250000000003],
    [0.01, 0.5, 0.5, 0.06376856085851985],
    [0.9, 20, 3, 0.6200409384119034],
    [0.5, 200, 190, 0.3060988014510171],
    [0.02, 3, 400, 0.9872924826327014],
    [0.999, 4000, 2, 0.09139509913744713],
  ])('at %d with shapes %d and %d agrees with SciPy', (x, a, b, wanted) =>
    expectNear(incompleteBeta(x, { a, b }), wanted, 1e-10),
  );

  // Steps of 2⁻²⁰, because 1 − x has to be exact for the two sides to be about one number.
  it('is mirrored when x and the shapes are', () => {
    const shape = fc.double({ min: 0.5, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 20 }), shape, shape, (steps, a, b) => {
        const x = steps / 2 ** 20;
        expect(incompleteBeta(x, { a, b }) + incompleteBeta(1 - x, { a: b, b: a })).toBeCloseTo(1, 10);
      }),
    );
  });

  it('refuses what is out of range', () => {
    expect(() => incompleteBeta(1.1, { a: 1, b: 1 })).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, { a: 0, b: 1 })).toThrow(RangeError);
  });
});

describe('binomialTail', () => {
  it.each([
    [8, 10, 0.5, 0.0546875],
    [60, 100, 0.5, 0.028443966820490444],
    [5, 200, 0.01, 0.05174626363078591],
    [300, 1000, 0.25, 0.0001935903219490758],
    [1, 5, 0.1, 0.40951],
    [1000, 1000, 0.99, 4.3171247410657815e-5],
  ])('of %d or more among %d at %d agrees with SciPy', (least, trials, chance, wanted) =>
    expectNear(binomialTail(least, { trials, chance }), wanted, 1e-10),
  );

  // The docstring says that `least` itself is included; by hand: P(X ≥ 2) of two fair coins is 1/4.
  it('counts the least number too', () => {
    expect(binomialTail(2, { trials: 2, chance: 0.5 })).toBeCloseTo(0.25, 14);
  });

  // Oracle: the sum of the definition, with exact binomial coefficients.
  it('agrees with its definition on small numbers', () => {
    const chance = 0.3;
    for (let trials = 0; trials <= 12; trials++) {
      let tail = 0;
      for (let k = trials; k >= 0; k--) {
        tail += choose(trials, k) * chance ** k * (1 - chance) ** (trials - k);
        expect(binomialTail(k, { trials, chance })).toBeCloseTo(tail, 12);
      }
    }
  });

  it('is 1 from 0 on and 0 beyond all trials', () => {
    expect(binomialTail(-3, { trials: 4, chance: 0.2 })).toBe(1);
    expect(binomialTail(0, { trials: 0, chance: 0.5 })).toBe(1);
    expect(binomialTail(5, { trials: 4, chance: 0.2 })).toBe(0);
    expect(() => binomialTail(1, { trials: 1.5, chance: 0.5 })).toThrow(RangeError);
    expect(() => binomialTail(1, { trials: 1, chance: 2 })).toThrow(RangeError);
  });
});

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return Math.round(product);
}

describe('normalCdf', () => {
  it.each([
    [-8, 6.22096057427174e-16],
    [-3.5, 0.00023262907903552502],
    [-1.959963984540054, 0.025],
    [-0.5, 0.3085375387259869],
    [0, 0.5],
    [1, 0.8413447460685429],
    [2.9, 0.998134186699616],
    [3.1, 0.9990323967867817],
  ])('at %d agrees with SciPy', (z, wanted) => expectNear(normalCdf(z), wanted, 1e-12));
});

describe('normalQuantile', () => {
  it.each([
    [1e-10, -6.361340902404056],
    [0.025, -1.9599639845400545],
    [0.3, -0.5244005127080409],
    [0.8, 0.8416212335729143],
    [0.975, 1.959963984540054],
    [0.999999, 4.753424308817087],
  ])('of %d agrees with SciPy', (p, wanted) => expectNear(normalQuantile(p), wanted, 1e-10));

  it('is the inverse of the distribution', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
    );
    expect(normalQuantile(0.5)).toBeCloseTo(0, 14);
    for (const p of [0, 1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
  });
});
