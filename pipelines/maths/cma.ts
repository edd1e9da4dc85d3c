/** Minimizes what has no gradient: CMA-ES draws points from a normal distribution and lets the better ones shape it. */
import { eigenOf } from './eigen.ts';
import type { Random } from './random.ts';

export interface CmaSettings {
  /** The mean to begin with, n numbers, 1 or more. */
  readonly start: Float64Array;
  /** Deviation of each coordinate to begin with; about a third of the range in which the optimum is expected. */
  readonly sigma: number;
  readonly random: Random;
  /** Points of a generation, 4 or more; 4 + ⌊3·ln n⌋ unless told. */
  readonly population?: number;
}

/** Asked for points and told their values, generation by generation. */
export interface Cma {
  /** The points of the next generation. */
  ask(): readonly Float64Array[];
  /**
   * Moves on by a generation.
   *
   * @param points  as many as a generation has, usually those that were asked for
   * @param values  one for each, smaller is better; NaN and infinity are worst
   */
  tell(points: readonly Float64Array[], values: readonly number[]): void;
  /** What the distribution is now. */
  now(): CmaDistribution;
}

export interface CmaDistribution {
  /** Generations told. */
  readonly generation: number;
  /** The best guess. */
  readonly mean: Float64Array;
  /** A point is drawn from N(mean, sigma²·covariance). */
  readonly sigma: number;
  /** n × n, row-major, symmetric. */
  readonly covariance: Float64Array;
}

/** The strategy's parameters, which follow from n and the population alone. */
function parametersOf(n: number, population: number) {
  const mu = Math.floor(population / 2);
  const raw = Array.from({ length: mu }, (_, index) => Math.log((population + 1) / 2) - Math.log(index + 1));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const weights = raw.map((weight) => weight / sum);
  const muEff = 1 / weights.reduce((total, weight) => total + weight * weight, 0);
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  return {
    mu,
    weights,
    muEff,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cC: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    c1,
    cMu: Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff)),
    /** E‖N(0, I)‖. */
    length: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/**
 * The (μ/μ_w, λ)-CMA-ES with cumulative step-size adaptation, rank-one and rank-μ update, and weights for the better
 * half alone: mean ← Σ wᵢ·xᵢ, C ← (1 − c₁ − c_μ)·C + c₁·p_c·p_cᵀ + c_μ·Σ wᵢ·yᵢ·yᵢᵀ,
 * σ ← σ·exp(c_σ/d_σ·(‖p_σ‖/E‖N(0, I)‖ − 1)).
 *
 * @param settings  where to begin
 * @returns         a search; the same random numbers give the same search on every machine
 * @throws          RangeError for a population below 4: a programmer's error
 * @cost            an eigendecomposition of n × n a generation
 * @source          N. Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772v2 (2023), appendix A, with the
 *                  weights of the worse half at 0
 */
export function cmaOf({
  start,
  sigma: begun,
  random,
  population = defaultPopulation(start.length),
}: CmaSettings): Cma {
  if (population < 4) throw new RangeError(`a population is 4 or more, not ${population}`);
  const n = start.length;
  const p = parametersOf(n, population);
  let [mean, sigma, generation] = [start.slice(), begun, 0];
  const covariance = identity(n);
  let shape = shapeOf(covariance, n);
  const [pathSigma, pathC] = [new Float64Array(n), new Float64Array(n)];

  return {
    now: () => ({ generation, mean: mean.slice(), sigma, covariance: covariance.slice() }),
    ask: () =>
      Array.from({ length: population }, () => {
        const step = times(shape.root, normals(random, n), n);
        return mean.map((value, index) => value + sigma * step[index]!);
      }),
    tell(points, values) {
      const best = bestFirst(values).slice(0, p.mu);
      const steps = best.map((at) => points[at]!.map((value, index) => (value - mean[index]!) / sigma));
      const step = new Float64Array(n);
      steps.forEach((each, rank) =>
        each.forEach((value, index) => (step[index]! += p.weights[rank]! * value)),
      );
      mean = mean.map((value, index) => value + sigma * step[index]!);

      const white = times(shape.inverseRoot, step, n);
      const share = Math.sqrt(p.cSigma * (2 - p.cSigma) * p.muEff);
      pathSigma.forEach(
        (value, index) => (pathSigma[index] = (1 - p.cSigma) * value + share * white[index]!),
      );
      const length = Math.sqrt(pathSigma.reduce((sum, value) => sum + value * value, 0));
      generation += 1;
      const grown = length / Math.sqrt(1 - (1 - p.cSigma) ** (2 * generation));
      const steady = grown < (1.4 + 2 / (n + 1)) * p.length ? 1 : 0;
      const shareC = steady * Math.sqrt(p.cC * (2 - p.cC) * p.muEff);
      pathC.forEach((value, index) => (pathC[index] = (1 - p.cC) * value + shareC * step[index]!));

      const kept = 1 - p.c1 - p.cMu + (1 - steady) * p.c1 * p.cC * (2 - p.cC);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = kept * covariance[i * n + j]! + p.c1 * pathC[i]! * pathC[j]!;
          steps.forEach((each, rank) => (sum += p.cMu * p.weights[rank]! * each[i]! * each[j]!));
          covariance[i * n + j] = sum;
        }
      }
      sigma *= Math.exp((p.cSigma / p.dSigma) * (length / p.length - 1));
      shape = shapeOf(covariance, n);
    },
  };
}

function defaultPopulation(n: number): number {
  return 4 + Math.floor(3 * Math.log(n));
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : 0));
}

/** C^½ and C^−½; both symmetric. */
function shapeOf(covariance: Float64Array, n: number) {
  const { values, vectors } = eigenOf(covariance, n);
  const root = new Float64Array(n * n);
  const inverseRoot = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    // Rounding may leave an eigenvalue below 0 where the distribution has become flat.
    const deviation = Math.sqrt(Math.max(values[k]!, 1e-300));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const product = vectors[i * n + k]! * vectors[j * n + k]!;
        root[i * n + j]! += deviation * product;
        inverseRoot[i * n + j]! += product / deviation;
      }
    }
  }
  return { root, inverseRoot };
}

function times(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * vector[j]!;
    return sum;
  });
}

/** By Box and Muller. */
function normals(random: Random, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.nextFloat()));
    return radius * Math.cos(2 * Math.PI * random.nextFloat());
  });
}

/** Of equal values the earlier is first, so that a plateau is the same everywhere. */
function bestFirst(values: readonly number[]): readonly number[] {
  const rank = (value: number): number => (Number.isFinite(value) ? value : Infinity);
  return Array.from(values.keys()).sort((a, b) => {
    const [x, y] = [rank(values[a]!), rank(values[b]!)];
    return x === y ? a - b : x - y;
  });
}
