/** Counts of successes: drawn one by one, and with the chance of each. */
import type { Random } from '../maths/random.ts';
import { logGamma } from '../maths/special.ts';

/** How many trials, and the chance of each. */
export interface Trials {
  readonly count: number;
  readonly chance: number;
}

/**
 * One draw of Binomial(count, chance), by the waiting times between successes.
 *
 * @param random  moved on by about count·chance + 1 floats
 * @param trials  count whole and 0 or more; chance 0 to 1
 * @returns       0 to count
 * @throws        RangeError outside these ranges: a programmer's error
 * @cost          one logarithm a success
 * @source        L. Devroye, Non-Uniform Random Variate Generation (1986), ch. X.4, first waiting time algorithm
 */
export function drawBinomial(random: Random, { count, chance }: Trials): number {
  if (!(Number.isInteger(count) && count >= 0 && chance >= 0 && chance <= 1)) {
    throw new RangeError(`no binomial of ${count} trials at ${chance}`);
  }
  if (chance === 0) return 0;
  if (chance > 0.5) return count - drawBinomial(random, { count, chance: 1 - chance });
  const scale = Math.log1p(-chance);
  let successes = 0;
  for (let passed = -1; ; successes++) {
    passed += 1 + Math.floor(Math.log1p(-random.nextFloat()) / scale);
    if (passed >= count) return successes;
  }
}

/** So many standard deviations to each side are told: what lies beyond is less likely than 1e-17. */
const DEVIATIONS = 9;

/** The chances of the counts `from`, `from` + 1 and so on. */
export interface Weights {
  readonly from: number;
  readonly weights: Float64Array;
}

/**
 * P(X = k) for X ~ Binomial(count, chance), for every k that is not next to impossible.
 *
 * @param trials  count whole and 0 or more; chance 0 to 1
 * @returns       chances that add up to 1, to about 1e-12
 * @throws        RangeError outside these ranges: a programmer's error
 * @cost          three logarithms of the gamma function a count
 * @source        definition, by logarithms
 */
export function binomialWeights({ count, chance }: Trials): Weights {
  if (!(Number.isInteger(count) && count >= 0 && chance >= 0 && chance <= 1)) {
    throw new RangeError(`no binomial of ${count} trials at ${chance}`);
  }
  if (chance === 0 || chance === 1 || count === 0) {
    return { from: chance === 1 ? count : 0, weights: Float64Array.of(1) };
  }
  const half = DEVIATIONS * Math.sqrt(count * chance * (1 - chance)) + DEVIATIONS;
  const from = Math.max(0, Math.floor(count * chance - half));
  const to = Math.min(count, Math.ceil(count * chance + half));
  const whole = logGamma(count + 1);
  const weights = Float64Array.from({ length: to - from + 1 }, (_, place) => {
    const k = from + place;
    const ways = whole - logGamma(k + 1) - logGamma(count - k + 1);
    return Math.exp(ways + k * Math.log(chance) + (count - k) * Math.log1p(-chance));
  });
  return { from, weights };
}
