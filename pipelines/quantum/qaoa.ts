/** The quantum approximate optimization algorithm, simulated: its state, its gradient, its best angles. */
import { minimize } from '../maths/minimize.ts';
import { randomOf } from '../maths/random.ts';
import { isingOf, isSymmetric } from '../solvers/ising.ts';
import type { Qubo } from '../solvers/qubo.ts';
import { interpolated, rampAngles, scaleOf, type Angles } from './angles.ts';
import { diagonalOf } from './diagonal.ts';
import { type Make, simulatorOf, type Simulator } from './layers.ts';
import type { State } from './statevector.ts';
import { tailOf, type Tail } from './tail.ts';

/**
 * Π_k e^(−iβₖ·ΣX)·e^(−iγₖ·E)·|+…+⟩.
 *
 * @param simulator  its first register is changed
 * @param angles     as many gammas as betas
 * @returns          that register after the last layer
 * @throws           never
 * @cost             that of the layers
 * @source           E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028
 */
export function qaoaState(simulator: Simulator, { gammas, betas }: Angles): State {
  simulator.begin(0);
  gammas.forEach((gamma, k) => simulator.apply(0, { gamma, beta: betas[k] ?? 0 }));
  return simulator.registers[0]!;
}

/**
 * Registers for a problem: half as large where turning all bits around leaves every value as it is.
 *
 * @param problem    up to 24 variables, or 25 where it is so
 * @param registers  how many
 * @param threads    1 unless told; whoever asks for more closes the simulator
 * @returns          registers of double precision; in the half, a shot shows 0 for the last variable
 * @throws           problemUnfit beyond these
 * @cost             3·2ⁿ
 * @source           `simulatorOf`
 */
export function problemSimulator(problem: Qubo, registers: number, threads: Make['threads'] = 1): Simulator {
  const mirrored = problem.n > 1 && isSymmetric(isingOf(problem));
  const diagonal = diagonalOf(problem, mirrored ? problem.n - 1 : problem.n);
  return simulatorOf(diagonal, { registers, mirrored, threads });
}

export interface Slope {
  readonly value: number;
  readonly gammas: readonly number[];
  readonly betas: readonly number[];
}

/**
 * The mean of the tail, ⟨O⟩, and its derivatives by all angles, by undoing the circuit: with λ = O·ψ, layer by layer
 * from the last, between the phase and the mixer, ∂⟨O⟩/∂β = 2·Im⟨λ|ΣX|ψ⟩ and ∂⟨O⟩/∂γ = 2·Im⟨λ|E|ψ⟩, since each
 * commutes with its own. What undoes a phase and then the mixer before it is a layer again.
 *
 * @param simulator  of double precision with two registers, which are changed
 * @param angles     as many gammas as betas
 * @param tail       of `tailOf`; all of E unless told
 * @returns          the value and 2p derivatives
 * @throws           never
 * @cost             about four times `qaoaState`, whatever the depth
 * @source           T. Jones, J. Gacon, arXiv:2009.02823
 */
export function slopeOf(
  simulator: Simulator,
  angles: Angles,
  tail: (state: State) => Tail = tailOf(simulator.diagonal, 1),
): Slope {
  const state = qaoaState(simulator, angles);
  const { value, operator } = tail(state);
  const dual = simulator.registers[1]!;
  for (let x = 0; x < operator.length; x++) {
    dual.re[x] = state.re[x]! * operator[x]!;
    dual.im[x] = state.im[x]! * operator[x]!;
  }
  const [gammas, betas] = [angles.gammas.slice(), angles.betas.slice()];
  for (let k = angles.gammas.length - 1; k >= 0; k--) {
    const undone = { gamma: -(angles.gammas[k + 1] ?? 0), beta: -angles.betas[k]! };
    for (const register of [0, 1]) simulator.apply(register, undone);
    const { mixer, phase } = simulator.overlaps(1, 0);
    betas[k] = 2 * mixer;
    gammas[k] = 2 * phase;
  }
  return { value, gammas, betas };
}

export interface Tuning {
  /** Layers, from 1. */
  readonly depth: number;
  readonly seed: number;
  /** Random starts at depth 1, of which the best goes on; 4 unless told. */
  readonly starts?: number;
  /** Steps of the optimizer at each depth; 30 unless told. */
  readonly iterationsMost?: number;
  /** The share of the best shots whose mean is made small; 1 unless told, which is ⟨E⟩. */
  readonly share?: number;
  /**
   * `interp` goes from depth to depth, and is what a tuning begins with unless told; `ramp` begins at the full depth with
   * the best of eight ramps, comes within a percent of it in a fourth of the time, and needs no seed.
   */
  readonly begin?: 'interp' | 'ramp';
}

/** Slopes of the ramps that are tried: what is best depends on how the values lie, and eight circuits tell. */
const RAMPS = [0.15, 0.3, 0.5, 0.8].flatMap((gamma) => [0.5, 0.8].map((beta) => ({ gamma, beta })));
/** Steps of the optimizer from a ramp. */
const RAMP_ITERATIONS = 18;

export interface Tuned {
  readonly angles: Angles;
  /** The mean of that share for these angles. */
  readonly value: number;
  /** How often a circuit was run; a real machine would need many shots for each. */
  readonly evaluations: number;
}

/**
 * Angles of small ⟨E⟩, or of a small mean of the best shots, by L-BFGS on the exact gradient: from the best of a few
 * random starts at depth 1 and then by INTERP to each next depth, or from a ramp.
 *
 * @param problem  up to 24 variables
 * @param tuning   depth, seed, effort
 * @returns        angles, their expected value, and what they cost
 * @throws         problemUnfit beyond 24 variables
 * @cost           `slopeOf` for every evaluation
 * @source         L. Zhou et al., Phys. Rev. X 10 (2020) 021067; S. H. Sack, M. Serbyn, Quantum 5 (2021) 491;
 *                 J. Nocedal, S. Wright, algorithm 7.5
 */
export function tuned(
  problem: Qubo,
  { depth, seed, starts = 4, iterationsMost = 30, share = 1, begin = 'interp' }: Tuning,
): Tuned {
  const simulator = problemSimulator(problem, 2, 'free');
  try {
    return tunedBy(simulator, problem, { depth, seed, starts, iterationsMost, share, begin });
  } finally {
    simulator.close();
  }
}

function tunedBy(
  simulator: Simulator,
  problem: Qubo,
  { depth, seed, starts, iterationsMost, share, begin }: Required<Tuning>,
): Tuned {
  const tail = tailOf(simulator.diagonal, share);
  const random = randomOf(seed);
  const scale = scaleOf(problem);
  let evaluations = 0;
  const valueAt = (angles: Angles): number => tail(qaoaState(simulator, angles)).value;
  const better = (angles: Angles, most = iterationsMost): Omit<Tuned, 'evaluations'> => {
    const count = (): number => evaluations++;
    const found = descended({ simulator, tail, scale, iterationsMost: most, count }, angles);
    return { angles: found, value: valueAt(found) };
  };
  if (begin === 'ramp') {
    const ramps = RAMPS.map((slopes) => rampAngles(problem, { depth, ...slopes }));
    const tried = ramps.map((angles) => ({ angles, value: valueAt(angles) }));
    evaluations = tried.length;
    const first = tried.reduce((least, ramp) => (ramp.value < least.value ? ramp : least));
    return { ...better(first.angles, Math.min(iterationsMost, RAMP_ITERATIONS)), evaluations };
  }
  let best: Omit<Tuned, 'evaluations'> | null = null;
  for (let start = 0; start < starts; start++) {
    const gamma = (0.1 + 0.4 * random.nextFloat()) / scale;
    const found = better({ gammas: [gamma], betas: [-(0.1 + 0.6 * random.nextFloat())] });
    if (best === null || found.value < best.value) best = found;
  }
  if (best === null) throw new RangeError('tuning wants at least one start');
  for (let layers = 2; layers <= depth; layers++) best = better(interpolated(best.angles));
  return { ...best, evaluations };
}

interface Descent {
  readonly simulator: Simulator;
  readonly tail: (state: State) => Tail;
  readonly scale: number;
  readonly iterationsMost: number;
  readonly count: () => void;
}

/** Gammas are taken in units of 1/scale, so that all angles are of one size. */
function descended(
  { simulator, tail, scale, iterationsMost, count }: Descent,
  { gammas, betas }: Angles,
): Angles {
  const depth = gammas.length;
  const anglesAt = (point: Float64Array): Angles => ({
    gammas: [...point.subarray(0, depth)].map((gamma) => gamma / scale),
    betas: [...point.subarray(depth)],
  });
  const { point } = minimize({
    start: Float64Array.of(...gammas.map((gamma) => gamma * scale), ...betas),
    evaluate: (at, gradient) => {
      count();
      const slope = slopeOf(simulator, anglesAt(at), tail);
      gradient.set(slope.gammas.map((derivative) => derivative / scale));
      gradient.set(slope.betas, depth);
      return slope.value;
    },
    gradientTolerance: 1e-4 * scale,
    iterationsMost,
  });
  return anglesAt(point);
}
