/** The special functions that tests and intervals need: log gamma, incomplete beta, binomial tails, the normal curve. */

/** Lanczos coefficients for g = 7 and nine terms. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const LANCZOS_G = 7;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Below this, a term of a continued fraction is taken for zero and replaced. */
const TINY = 1e-300;

/**
 * ln Γ(x) for x > 0.
 *
 * @param x  above 0
 * @returns  natural logarithm, to about 1e-14 relative (absolute near its zeros at 1 and 2)
 * @throws   RangeError when x is not above 0: a programmer's error
 * @cost     nine divisions, two logarithms
 * @source   C. Lanczos, SIAM J. Numer. Anal. B 1 (1964); coefficients g = 7, n = 9 of P. Godfrey
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma takes x above 0, not ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum: number = LANCZOS[0];
  for (let term = 1; term < LANCZOS.length; term++) sum += LANCZOS[term]! / (shifted + term);
  const base = shifted + LANCZOS_G + 0.5;
  return HALF_LOG_TWO_PI + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/**
 * The regularised incomplete beta function I_x(a, b) = ∫₀ˣ t^(a−1)(1−t)^(b−1) dt / B(a, b).
 *
 * @param x      0 to 1
 * @param shape  a and b, both above 0
 * @returns      0 to 1, to about 1e-12 relative for shapes below 10⁵
 * @throws       RangeError outside these ranges: a programmer's error
 * @cost         of the order of √max(a, b) steps of the fraction
 * @source       W. H. Press et al., Numerical Recipes, 3rd ed., §6.4; fraction of Lentz
 */
export function incompleteBeta(x: number, shape: { readonly a: number; readonly b: number }): number {
  const { a, b } = shape;
  if (!(x >= 0 && x <= 1)) throw new RangeError(`incompleteBeta takes x in 0..1, not ${x}`);
  if (!(a > 0 && b > 0)) throw new RangeError(`incompleteBeta takes shapes above 0, not ${a}, ${b}`);
  if (x === 0 || x === 1) return x;
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  // The fraction converges fast on this side of the mean only; the other side is its mirror image.
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
  return 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b;
}

/** Lentz's evaluation of the continued fraction of I_x(a, b). */
function betaFraction(x: number, a: number, b: number): number {
  const most = 200 + 20 * Math.ceil(Math.sqrt(Math.max(a, b)));
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= most; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** `trials` throws of a coin that shows heads with probability `chance`. */
export interface Binomial {
  readonly trials: number;
  readonly chance: number;
}

/**
 * The exact upper tail P(X ≥ least) for X ~ Binomial(n, p) = Σ_{k ≥ least} C(n,k) pᵏ (1−p)ⁿ⁻ᵏ. `least` is included.
 *
 * @param least     integer; 0 or less gives 1, more than n gives 0
 * @param binomial  n = trials, an integer of 0 or more; p = chance, 0 to 1
 * @returns         0 to 1, to about 1e-12 relative
 * @throws          RangeError when n or p is out of range: a programmer's error
 * @cost            that of `incompleteBeta`
 * @source          P(X ≥ k) = I_p(k, n−k+1): NIST DLMF 8.17.5
 */
export function binomialTail(least: number, { trials, chance }: Binomial): number {
  if (!Number.isInteger(trials) || trials < 0) throw new RangeError(`trials are counted, not ${trials}`);
  if (!(chance >= 0 && chance <= 1)) throw new RangeError(`a chance is 0 to 1, not ${chance}`);
  const from = Math.ceil(least);
  if (from <= 0) return 1;
  if (from > trials) return 0;
  return incompleteBeta(chance, { a: from, b: trials - from + 1 });
}

/**
 * The standard normal distribution Φ(z) = P(Z ≤ z).
 *
 * @param z  any number
 * @returns  0 to 1, to about 1e-13 relative, in the far tails too
 * @throws   never
 * @cost     a series of at most 100 terms, or a fraction of 120
 * @source   NIST DLMF 7.6.2 (series) and 7.9.3 (continued fraction of erfc)
 */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  const upper = size < 3 ? 0.5 - centralArea(size) : farTail(size);
  return z < 0 ? upper : 1 - upper;
}

/** P(0 < Z < z) = φ(z)·Σ z^(2k+1) / (1·3·5·…·(2k+1)). */
function centralArea(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; odd < 203 && term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum * normalDensity(z);
}

/** P(Z > z) = φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))), from the inside out. */
function farTail(z: number): number {
  let denominator = z;
  for (let k = 120; k >= 1; k--) denominator = z + k / denominator;
  return normalDensity(z) / denominator;
}

function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI);
}

/**
 * The standard normal quantile: z with Φ(z) = p.
 *
 * @param p  strictly between 0 and 1
 * @returns  z, to about 1e-12
 * @throws   RangeError when p is not strictly between 0 and 1: a programmer's error
 * @cost     at most 60 halvings and 3 Newton steps of `normalCdf`
 * @source   bisection on Φ, finished by Newton's method with Φ′ = φ
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normalQuantile takes p between 0 and 1, not ${p}`);
  // The upper half is the mirror of the lower one, where Φ keeps its relative precision.
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -40;
  let high = 0;
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  let z = (low + high) / 2;
  for (let step = 0; step < 3; step++) z -= (normalCdf(z) - p) / Math.max(normalDensity(z), TINY);
  return z;
}
