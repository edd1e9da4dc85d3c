/** Minimizes a function that can only be estimated, as one is that is read off shots. */
import type { Random } from './random.ts';

export interface NoisyProblem {
  /** Where to begin; not changed. */
  readonly start: Float64Array;
  /** An estimate of the value at a point; asked twice, it may say two things. */
  readonly estimate: (point: Float64Array) => number;
  /** How far the first step goes in each variable, about. */
  readonly step: number;
  /** Estimates that may be asked for; at least `ESTIMATES_LEAST`. */
  readonly estimatesMost: number;
  readonly random: Random;
}

export interface NoisyMinimum {
  readonly point: Float64Array;
  readonly estimates: number;
}

/** Pairs of estimates from which the size of a step is set. */
const PAIRS_TO_SET = 3;
/** What a search without a single step takes: the setting, and the two places compared in the end. */
export const ESTIMATES_LEAST = 2 * PAIRS_TO_SET + 4;
/** Exponents of the gains, and the share of the steps by which they begin later. */
const [ALPHA, GAMMA, LATER] = [0.602, 0.101, 0.1];

/**
 * Simultaneous perturbation: xₖ₊₁ = xₖ − aₖ·ĝₖ with ĝₖ = (f(xₖ + cₖ·δ) − f(xₖ − cₖ·δ))/(2·cₖ)·δ for δ of random signs,
 * aₖ = a/(k + 1 + A)^0.602 and cₖ = c/(k + 1)^0.101. `a` is set from a few pairs at the start, so that the first step
 * is as long as wanted. The end counts only where fresh estimates do not put it above the start.
 *
 * @param problem  a function that is bounded below
 * @returns        the end or the start, and what it cost in estimates: no more than were allowed
 * @throws         RangeError where fewer than `ESTIMATES_LEAST` are allowed: a programmer's error
 * @cost           two estimates a step, whatever the number of variables
 * @source         J. C. Spall, IEEE Trans. Aerospace and Electronic Systems 34 (1998) 817
 */
export function minimizeNoisy({ start, estimate, step, estimatesMost, random }: NoisyProblem): NoisyMinimum {
  if (estimatesMost < ESTIMATES_LEAST) throw new RangeError(`a search wants ${ESTIMATES_LEAST} estimates`);
  let estimates = 0;
  const asked = (point: Float64Array): number => {
    estimates++;
    return estimate(point);
  };
  const slopeAt = (point: Float64Array, reach: number): Float64Array => {
    const signs = point.map(() => (random.nextUint32() >>> 31 === 0 ? reach : -reach));
    const difference = asked(moved(point, signs, 1)) - asked(moved(point, signs, -1));
    return signs.map((sign) => difference / (2 * sign));
  };
  const steps = Math.floor((estimatesMost - 2 * PAIRS_TO_SET - 2) / 2);
  const sizes = Array.from({ length: PAIRS_TO_SET }, () => Math.abs(slopeAt(start, step)[0] ?? 0));
  const size = sizes.reduce((sum, each) => sum + each, 0) / PAIRS_TO_SET;
  const later = LATER * steps;
  const gain = size === 0 ? 0 : (step * (1 + later) ** ALPHA) / size;
  let point: Float64Array = start.slice();
  for (let k = 0; k < steps; k++) {
    const slope = slopeAt(point, step / (k + 1) ** GAMMA);
    point = moved(point, slope, -gain / (k + 1 + later) ** ALPHA);
  }
  const isBetter = asked(point) <= asked(start);
  return { point: isBetter ? point : start.slice(), estimates };
}

function moved(point: Float64Array, way: Float64Array, length: number): Float64Array {
  return point.map((value, i) => value + length * (way[i] ?? 0));
}
