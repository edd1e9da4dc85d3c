/** Simulated annealing: a random walk that climbs less and less. */
import { randomOf, type Random } from '../maths/random.ts';
import { expNegative } from './boltzmann.ts';
import { fieldsOf, VARIABLES_MOST, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';

/** Sweeps of one descent; what is left of the budget begins another one. */
const SWEEPS = 1000;
const TWO_32 = 2 ** 32;

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

/** A walk with its fields, and the best place it came by. */
interface Walk {
  readonly problem: Qubo;
  readonly bits: Bits;
  readonly fields: Float64Array;
  readonly best: Bits;
  /** Relative to where the walk began. */
  energy: number;
  least: number;
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
  const bits = Uint8Array.from({ length: problem.n }, () => random.nextUint32() >>> 31);
  const walk: Walk = {
    problem,
    bits,
    fields: fieldsOf(problem, bits),
    best: bits.slice(),
    energy: 0,
    least: 0,
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const temperature = hot + ((cold - hot) * sweep) / Math.max(1, sweeps - 1);
    sweepOnce(walk, random, temperature);
  }
  descend(walk);
  return walk.best;
}

function sweepOnce(walk: Walk, random: Random, temperature: number): void {
  const { bits, fields, best } = walk;
  // A flip that climbs by more has not the least chance of 2⁻³².
  const hopeless = 23 * temperature;
  for (let i = 0; i < bits.length; i++) {
    const rise = bits[i] === 1 ? -fields[i]! : fields[i]!;
    if (rise >= hopeless) continue;
    if (rise > 0 && random.nextUint32() >= expNegative(rise / temperature) * TWO_32) continue;
    flip(walk, i);
  }
  if (walk.energy < walk.least) {
    walk.least = walk.energy;
    best.set(bits);
  }
}

function flip(walk: Walk, i: number): void {
  const { bits, fields } = walk;
  const { starts, neighbours, weights } = walk.problem;
  const sign = bits[i] === 1 ? -1 : 1;
  bits[i]! ^= 1;
  walk.energy += sign * fields[i]!;
  for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += sign * weights[at]!;
}

/** Sweeps at no temperature until nothing falls. */
function descend(walk: Walk): void {
  const { bits, fields, best } = walk;
  for (let moved = true; moved;) {
    moved = false;
    for (let i = 0; i < bits.length; i++) {
      if ((bits[i] === 1 ? -fields[i]! : fields[i]!) >= 0) continue;
      const before = walk.energy;
      flip(walk, i);
      moved ||= walk.energy < before;
    }
  }
  if (walk.energy < walk.least) best.set(bits);
}
