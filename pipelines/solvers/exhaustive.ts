/** Every assignment there is: the truth about small problems. */
import { problemUnfit } from '../faults.ts';
import { fieldsOf, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Solver } from './solver.ts';

const VARIABLES_MOST = 26;
/** After so many flips the running sums begin anew, so that rounding does not gather. */
const ANEW = 2 ** 12;

/** All 2ⁿ in the order of the Gray code; pays no heed to seed, budget or target. */
export const exhaustive: Solver = {
  name: 'exhaustive',
  says: 'Weighs every assignment; what it finds is proven.',
  variablesMost: VARIABLES_MOST,
  solve: exhausted,
};

/**
 * min over all x of E(x). Neighbours in the Gray code differ by one bit, the lowest one set in the step's number, so
 * each costs one field and its updates.
 *
 * @param problem  up to 26 variables
 * @returns        the first of the smallest in that order, from x = 0 on
 * @throws         problemUnfit
 * @cost           2ⁿ·(1 + 2m/n)
 * @source         F. Gray, US patent 2632058 (1953); D. E. Knuth, TAOCP vol. 4A, §7.2.1.1
 */
function exhausted(problem: Qubo): Answer {
  const { n, starts, neighbours, weights } = problem;
  if (n > VARIABLES_MOST) {
    throw problemUnfit({ wanted: `at most ${VARIABLES_MOST} variables`, found: String(n) });
  }
  const bits = new Uint8Array(n);
  const best = new Uint8Array(n);
  let fields = fieldsOf(problem, bits);
  let [energy, least, begun] = [0, 0, 0];
  const last = 2 ** n;
  for (let step = 1; step < last; step++) {
    const i = 31 - Math.clz32(step & -step);
    const sign = bits[i] === 1 ? -1 : 1;
    bits[i]! ^= 1;
    energy += sign * fields[i]!;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += sign * weights[at]!;
    if (step - begun === ANEW) {
      fields = fieldsOf(problem, bits);
      energy = answerOf(problem, { bits, proven: false, flips: 0 }).energy - problem.offset;
      begun = step;
    }
    if (energy < least) {
      least = energy;
      best.set(bits);
    }
  }
  return answerOf(problem, { bits: best, proven: true, flips: last });
}
