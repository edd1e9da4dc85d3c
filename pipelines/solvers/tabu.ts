/** One-flip tabu search with breakout: always the best flip, never soon back, and a jump when nothing comes of it. */
import { randomOf, type Random } from '../maths/random.ts';
import { fieldsOf, VARIABLES_MOST, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';

export const tabu: Solver = {
  name: 'tabu',
  says: 'Always takes the best flip that is not forbidden, and breaks out of where it is stuck.',
  variablesMost: VARIABLES_MOST,
  solve: searched,
};

/** Whoever watches is told after so many steps. */
const STEPS_TO_TELL = 500;

interface Search {
  readonly problem: Qubo;
  readonly random: Random;
  readonly bits: Bits;
  readonly fields: Float64Array;
  /** The step from which on a variable may be flipped again. */
  readonly free: Int32Array;
  readonly best: Bits;
  energy: number;
  least: number;
  step: number;
}

/**
 * Each step makes the flip of least ΔE among the variables that are not tabu, or any that beats the best so far; the
 * flipped one is tabu for 3 + random(n/10) steps, at most n/4. After n steps (at least 1,000) without a new best of
 * this round, a breakout turns 2 + random(n/20) variables of the best bits.
 *
 * @param problem  any
 * @param ask      seed, budget (each step weighs n flips), and where to stop
 * @returns        the best bits that the search came by
 * @throws         never
 * @cost           n comparisons and the flipped variable's neighbours a step
 * @source         G. Palubeckis, "Iterated tabu search for the unconstrained binary quadratic optimization problem",
 *                 Informatica 17 (2006); breakout: U. Benlic, J.-K. Hao, Eng. Appl. of AI 26 (2013)
 */
function searched(problem: Qubo, { seed, flips, target = Number.NEGATIVE_INFINITY, tell }: Ask): Answer {
  const { n, offset } = problem;
  if (n === 0) return answerOf(problem, { bits: new Uint8Array(0), proven: true, flips: 0 });
  const search = searchOf(problem, randomOf(seed));
  const start = answerOf(problem, { bits: search.bits, proven: false, flips: 0 });
  search.energy = search.least = start.energy - offset;
  const patience = Math.max(1000, n);
  const steps = Math.min(Math.floor(flips / n), 2 ** 30);
  let [round, since] = [search.energy, 0];
  while (search.step < steps && search.least + offset > target) {
    stepOnce(search);
    if (search.step % STEPS_TO_TELL === 0) tell?.({ flips: search.step * n, energy: search.least + offset });
    if (search.energy < round) [round, since] = [search.energy, search.step];
    if (search.step - since < patience) continue;
    breakOut(search);
    [round, since] = [search.energy, search.step];
  }
  return answerOf(problem, { bits: search.best, proven: false, flips: search.step * n });
}

function searchOf(problem: Qubo, random: Random): Search {
  const bits = Uint8Array.from({ length: problem.n }, () => random.nextUint32() >>> 31);
  return {
    problem,
    random,
    bits,
    fields: fieldsOf(problem, bits),
    free: new Int32Array(problem.n),
    best: bits.slice(),
    energy: 0,
    least: 0,
    step: 0,
  };
}

function stepOnce(search: Search): void {
  const { bits, fields, free, random, step } = search;
  const n = bits.length;
  const wanted = search.least - search.energy;
  let [chosen, lowest, ties] = [-1, Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    const rise = bits[i] === 1 ? -fields[i]! : fields[i]!;
    if (rise > lowest || (free[i]! > step && rise >= wanted)) continue;
    if (rise < lowest) [chosen, lowest, ties] = [i, rise, 1];
    // Each of equals is taken with the same chance.
    else if (random.nextBelow(++ties) === 0) chosen = i;
  }
  search.step++;
  if (chosen === -1) return;
  flip(search, chosen);
  const tenure = 3 + random.nextBelow(Math.floor(n / 10) + 1);
  free[chosen] = step + 1 + Math.min(tenure, Math.floor(n / 4));
  if (search.energy >= search.least) return;
  search.least = search.energy;
  search.best.set(bits);
}

function flip(search: Search, i: number): void {
  const { bits, fields } = search;
  const { starts, neighbours, weights } = search.problem;
  const sign = bits[i] === 1 ? -1 : 1;
  bits[i]! ^= 1;
  search.energy += sign * fields[i]!;
  for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += sign * weights[at]!;
}

/** Back to the best bits, with some of them turned; the sums begin anew, so that rounding does not gather. */
function breakOut(search: Search): void {
  const { problem, random, bits, best, fields, free } = search;
  const n = bits.length;
  bits.set(best);
  const turns = Math.min(n, 2 + random.nextBelow(Math.floor(n / 20) + 1));
  for (let turn = 0; turn < turns; turn++) bits[random.nextBelow(n)]! ^= 1;
  fields.set(fieldsOf(problem, bits));
  search.energy = answerOf(problem, { bits, proven: false, flips: 0 }).energy - problem.offset;
  search.least = answerOf(problem, { bits: best, proven: false, flips: 0 }).energy - problem.offset;
  free.fill(0);
}
