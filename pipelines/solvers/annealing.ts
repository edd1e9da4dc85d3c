/** Simulated annealing: a random walk that climbs less and less. */
import { randomOf, type Random } from '../maths/random.ts';
import { VARIABLES_MOST, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';
import { descend, sweepOnce, walkFrom } from './walk.ts';

/** Sweeps of one descent; what is left of the budget begins another one. */
const SWEEPS = 1000;

export const annealing: Solver = {
  name: 'annealing',
  says: 'Walks at random from hot to cold, several times, and keeps the best.',
  variablesMost: VARIABLES_MOST,
  solve: annealed,
};

/** From where the walk climbs freely to where it climbs hardly at all. */
export interface Temperatures {
  readonly hot: number;
  readonly cold: number;
}

/**
 * Metropolis: flips each variable in turn with probability min(1, e^(−ΔE/T)), with T falling in equal steps from
 * hot to cold over 1,000 sweeps; several walks one after the other, each from new random bits.
 *
 * @param problem  any
 * @param ask      seed, budget, and where to stop
 * @returns        the best place that any walk came by, ended by single flips that lower it
 * @throws         never
 * @cost           one comparison for a flip that is weighed, and the variable's neighbours for one that is made
 * @source         S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220 (1983)
 */
function annealed(problem: Qubo, { seed, flips, target = Number.NEGATIVE_INFINITY }: Ask): Answer {
  const { n } = problem;
  const random = randomOf(seed);
  const temperatures = temperaturesOf(problem);
  let best = answerOf(problem, { bits: new Uint8Array(n), proven: n === 0, flips: 0 });
  let weighed = 0;
  while (n > 0 && weighed < flips && best.energy > target) {
    const sweeps = Math.min(SWEEPS, Math.ceil((flips - weighed) / n));
    const bits = walked(problem, { random, temperatures, sweeps });
    weighed += sweeps * n;
    const found = answerOf(problem, { bits, proven: false, flips: weighed });
    if (found.energy < best.energy) best = found;
  }
  return { ...best, flips: weighed };
}

/**
 * Hot: half the root mean square of what a flip changes at random bits. Cold: a third of the smallest coefficient of
 * the Ising form that is not 0, but no less than a thousandth of hot.
 *
 * @param problem  any
 * @returns        0 < cold ≤ hot
 * @throws         never
 * @cost           n + m
 * @source         ours: measured on the Gset, where half finds the best known cuts of G1, G3, G43 and G48 soonest
 */
export function temperaturesOf({ n, linear, starts, weights }: Qubo): Temperatures {
  let [squares, smallest] = [0, Number.POSITIVE_INFINITY];
  const take = (spin: number): void => {
    squares += 4 * spin * spin;
    if (spin !== 0) smallest = Math.min(smallest, Math.abs(spin));
  };
  for (let i = 0; i < n; i++) {
    let field = linear[i]! / 2;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      field += weights[at]! / 4;
      take(weights[at]! / 4);
    }
    take(field);
  }
  if (squares === 0) return { hot: 1, cold: 1 };
  const hot = 0.5 * Math.sqrt(squares / n);
  return { hot, cold: Math.min(hot, Math.max(hot / 1000, (2 * smallest) / 3)) };
}

interface Course {
  readonly random: Random;
  readonly temperatures: Temperatures;
  readonly sweeps: number;
}

function walked(problem: Qubo, { random, temperatures: { hot, cold }, sweeps }: Course): Bits {
  const walk = walkFrom(problem, random);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const temperature = hot + ((cold - hot) * sweep) / Math.max(1, sweeps - 1);
    sweepOnce(walk, random, temperature);
  }
  descend(walk);
  return walk.best;
}
