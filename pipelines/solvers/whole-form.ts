/** Problems in whole numbers, as small as they come: what walks in the narrow lanes of a processor can be over. */
import { isingOf } from './ising.ts';
import type { Qubo } from './qubo.ts';

const BYTE_MOST = 127;
const WORD_MOST = 32_767;

/**
 * The changes of a problem in whole numbers: with spins s of +1 and −1, flipping i changes E by
 * unit·sᵢ·(ownᵢ + Σⱼ weightᵢⱼ·sⱼ).
 */
export interface WholeForm {
  readonly n: number;
  readonly unit: number;
  readonly own: Int32Array;
  /** Neighbours of i with weights above 0 begin at `starts[2i]`, those below at `starts[2i + 1]`. */
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Int32Array;
  /** Whether all weights are +1 or −1 and every sum of a variable's coefficients fits into a byte. */
  readonly bytes: boolean;
}

/**
 * @param problem  any
 * @returns        its form in whole numbers; null where there is none, or a sum of coefficients is beyond 16 bits
 * @throws         never
 * @cost           n + m
 * @source         ΔE = −2·sᵢ·(hᵢ + Σⱼ Jᵢⱼ·sⱼ); halves arise, so all is doubled before the greatest common divisor
 */
export function wholeFormOf(problem: Qubo): WholeForm | null {
  const { n } = problem;
  const twiceOwn = isingOf(problem).fields.map((field) => -4 * field + 0);
  const unit = unitOf([twiceOwn, problem.weights]);
  if (unit === null) return null;
  const most = largestSum(problem, twiceOwn) / unit;
  if (most > WORD_MOST) return null;
  const form = {
    n,
    unit: unit / 2,
    own: Int32Array.from(twiceOwn, (value) => value / unit),
    ...bySign(
      problem,
      Int32Array.from(problem.weights, (weight) => -weight / unit),
    ),
  };
  return { ...form, bytes: most <= BYTE_MOST && form.weights.every((weight) => Math.abs(weight) === 1) };
}

/** The greatest number that divides all of them; null where they are not whole. */
function unitOf(lists: readonly Float64Array[]): number | null {
  let divisor = 0;
  for (const values of lists) {
    for (const value of values) {
      if (!Number.isSafeInteger(value)) return null;
      let rest = Math.abs(value);
      while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
    }
  }
  return divisor === 0 ? 1 : divisor;
}

/** The largest of |ownᵢ| + Σⱼ |weightᵢⱼ|. */
function largestSum({ n, starts, weights }: Qubo, own: Float64Array): number {
  let most = 0;
  for (let i = 0; i < n; i++) {
    let sum = Math.abs(own[i]!);
    for (let at = starts[i]!; at < starts[i + 1]!; at++) sum += Math.abs(weights[at]!);
    most = Math.max(most, sum);
  }
  return most;
}

/** Each variable's neighbours of positive weight first. */
function bySign(
  { n, starts, neighbours }: Qubo,
  weights: Int32Array,
): Pick<WholeForm, 'starts' | 'neighbours' | 'weights'> {
  const order = new Int32Array(neighbours.length);
  const halves = new Int32Array(2 * n + 1);
  let next = 0;
  for (let half = 0; half < 2 * n; half++) {
    halves[half] = next;
    const i = half >> 1;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      if (weights[at]! > 0 === (half % 2 === 0)) order[next++] = at;
    }
  }
  halves[2 * n] = next;
  return {
    starts: halves,
    neighbours: order.map((at) => neighbours[at]!),
    weights: order.map((at) => weights[at]!),
  };
}
