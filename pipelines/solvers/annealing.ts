/** Simulated annealing: random walks that climb less and less, sixteen at once where the problem's numbers are whole. */
import { layOut, type LayOut } from '../kernels/space.ts';
import { randomOf, type Random } from '../maths/random.ts';
import { energyOf, VARIABLES_MOST, type Bits, type Qubo } from './qubo.ts';
import { REPLICAS, replicasOf, type Replicas } from './replicas.ts';
import { answerOf, type Answer, type Ask, type Solver, type Way } from './solver.ts';
import { descend, sweepOnce, walkAt, walkFrom } from './walk.ts';
import { wholeFormOf, type WholeForm } from './whole-form.ts';

/** Sweeps of one descent of a walk alone; what is left of the budget begins another one. */
const SWEEPS_ALONE = 1000;
/** Sixteen walks want at least so many sweeps each; with less, one walk gets them all. */
const SWEEPS_LEAST = 32;

const SWEEPS_FRESH = 4000;
const SWEEPS_WARM = 2000;
/** Shares of the root mean square of what a flip changes at random bits: measured on six graphs of the Gset. */
const [HOT, WARM] = [0.35, 0.2];
const WARM_ROUNDS = 20;
const KEPT = 4;

export const annealing: Solver = annealingIn(layOut);

/** @param lay  where the sixteen walks lie; the answer is the same in every place */
export function annealingIn(lay: LayOut): Solver {
  return {
    name: 'anneal',
    says: 'Walks at random from hot to cold, several times, and keeps the best.',
    variablesMost: VARIABLES_MOST,
    solve(problem, ask) {
      const form = ask.flips >= SWEEPS_LEAST * REPLICAS * problem.n ? wholeFormOf(problem) : null;
      return form === null || form.n === 0
        ? annealedAlone(problem, ask)
        : annealed({ problem, form, lay }, ask);
    },
  };
}

interface Task {
  readonly problem: Qubo;
  readonly form: WholeForm;
  readonly lay: LayOut;
}

/**
 * Sixteen walks from hot to 0 in equal steps over 4,000 sweeps; then, 20 times, from the four best places, from half
 * as hot over 2,000 sweeps; then all begins again from new random bits.
 *
 * @param task  a problem of whole numbers
 * @param ask   seed, budget, and where to stop, which is looked at after each descent
 * @returns     the best place at the end of any descent, ended by single flips that lower it
 * @throws      never
 * @cost        `replicasOf`
 * @source      S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220 (1983); going on from the best is ours: on G14
 *              of the Gset it finds 3064 in seconds, which descents from random bits alone hardly ever do
 */
function annealed(
  { problem, form, lay }: Task,
  { seed, flips, target = Number.NEGATIVE_INFINITY, tell }: Ask,
): Answer {
  const random = randomOf(seed);
  const scale = rootMeanSquareOf(form);
  let best = answerOf(problem, { bits: new Uint8Array(form.n), proven: false, flips: 0 });
  let [weighed, round] = [0, 0];
  let replicas = replicasOf(form, random, lay);
  while (best.energy > target) {
    const fresh = round % (WARM_ROUNDS + 1) === 0;
    const left = Math.floor((flips - weighed) / (REPLICAS * form.n));
    const sweeps = Math.min(fresh ? SWEEPS_FRESH : SWEEPS_WARM, left);
    if (sweeps === 0) break;
    if (fresh && round > 0) replicas = replicasOf(form, random, lay);
    const temperatures = coolings((fresh ? HOT : WARM) * scale, sweeps);
    if (tell === undefined) replicas.sweep(temperatures);
    else sweepTold({ problem, replicas, temperatures }, { flips: weighed, energy: best.energy }, tell);
    weighed += sweeps * REPLICAS * form.n;
    const found = bestOf(problem, replicas);
    if (found.energy < best.energy) best = found;
    tell?.({ flips: weighed, energy: best.energy });
    round++;
  }
  return { ...best, flips: weighed };
}

interface Descent {
  readonly problem: Qubo;
  readonly replicas: Replicas;
  readonly temperatures: readonly number[];
}

/** The same sweeps, looked at so many times on the way: looking costs a lane's value each, and moves nothing. */
const LOOKS = 16;

function sweepTold(
  { problem, replicas, temperatures }: Descent,
  before: Way,
  tell: (way: Way) => void,
): void {
  const stride = Math.ceil(temperatures.length / LOOKS);
  let { energy } = before;
  for (let from = 0; from < temperatures.length; from += stride) {
    const some = temperatures.slice(from, from + stride);
    replicas.sweep(some);
    for (let lane = 0; lane < REPLICAS; lane++) {
      energy = Math.min(energy, energyOf(problem, replicas.bitsOf(lane)));
    }
    tell({ flips: before.flips + (from + some.length) * REPLICAS * problem.n, energy });
  }
}

/** Equal steps from hot down to 0, where only what does not climb is taken. */
function coolings(hot: number, sweeps: number): readonly number[] {
  return Array.from({ length: sweeps }, (_, sweep) => hot * (1 - (sweep + 1) / sweeps));
}

/** The best lane after its fall; all lanes go on from the places of the best few. */
function bestOf(problem: Qubo, replicas: Replicas): Answer {
  const lanes = Array.from({ length: REPLICAS }, (_, lane) => {
    const bits = replicas.bitsOf(lane);
    return { lane, bits, energy: energyOf(problem, bits) };
  }).sort((a, b) => a.energy - b.energy || a.lane - b.lane);
  replicas.copy(lanes.map((_, at) => lanes[at % KEPT]!.lane));
  const walk = walkAt(problem, lanes[0]!.bits);
  descend(walk);
  return answerOf(problem, { bits: walk.best, proven: false, flips: 0 });
}

/** Of what a flip changes at random bits: unit·√mean(own² + Σ weight²). */
function rootMeanSquareOf({ n, unit, own, weights }: WholeForm): number {
  let squares = 0;
  for (const value of own) squares += value * value;
  for (const value of weights) squares += value * value;
  return unit * Math.sqrt(squares / n);
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
function annealedAlone(problem: Qubo, { seed, flips, target = Number.NEGATIVE_INFINITY, tell }: Ask): Answer {
  const { n } = problem;
  const random = randomOf(seed);
  const temperatures = temperaturesOf(problem);
  let best = answerOf(problem, { bits: new Uint8Array(n), proven: n === 0, flips: 0 });
  let weighed = 0;
  while (n > 0 && weighed < flips && best.energy > target) {
    const sweeps = Math.min(SWEEPS_ALONE, Math.ceil((flips - weighed) / n));
    const bits = walked(problem, { random, temperatures, sweeps });
    weighed += sweeps * n;
    const found = answerOf(problem, { bits, proven: false, flips: weighed });
    if (found.energy < best.energy) best = found;
    tell?.({ flips: weighed, energy: best.energy });
  }
  return { ...best, flips: weighed };
}

/** From where the walk climbs freely to where it climbs hardly at all. */
export interface Temperatures {
  readonly hot: number;
  readonly cold: number;
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
