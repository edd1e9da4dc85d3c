/** The quantum approximate optimization algorithm, simulated: its state, its gradient, its best angles. */
import { minimize } from '../maths/minimize.ts';
import { randomOf } from '../maths/random.ts';
import type { Qubo } from '../solvers/qubo.ts';
import { interpolated, scaleOf, type Angles } from './angles.ts';
import { diagonalOf } from './diagonal.ts';
import { expectationOf, mix, phase, uniformState, type State } from './statevector.ts';

/**
 * Π_k e^(−iβₖ·ΣX)·e^(−iγₖ·E)·|+…+⟩.
 *
 * @param diagonal  2ⁿ values of E
 * @param angles    as many gammas as betas
 * @returns         the state after the last layer
 * @throws          never
 * @cost            a layer takes 2ⁿ sines and cosines and 4·n·2ⁿ multiply-adds
 * @source          E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028
 */
export function qaoaState(diagonal: Float64Array, { gammas, betas }: Angles): State {
  const state = uniformState(Math.log2(diagonal.length));
  gammas.forEach((gamma, k) => {
    phase(state, diagonal, gamma);
    mix(state, betas[k] ?? 0);
  });
  return state;
}

export interface Slope {
  readonly value: number;
  readonly gammas: readonly number[];
  readonly betas: readonly number[];
}

/**
 * ⟨E⟩ and its derivatives by all angles, by undoing the circuit: with λ = E·ψ, layer by layer from the last,
 * ∂⟨E⟩/∂β = 2·Im⟨λ|ΣX|ψ⟩ after the mixer and ∂⟨E⟩/∂γ = 2·Im⟨λ|E|ψ⟩ after the phase.
 *
 * @param diagonal  2ⁿ values of E
 * @param angles    as many gammas as betas
 * @returns         the expected value and 2p derivatives
 * @throws          never
 * @cost            about four times `qaoaState`, whatever the depth
 * @source          T. Jones, J. Gacon, arXiv:2009.02823
 */
export function slopeOf(diagonal: Float64Array, angles: Angles): Slope {
  const state = qaoaState(diagonal, angles);
  const value = expectationOf(state, diagonal);
  const dual: State = {
    n: state.n,
    re: state.re.map((a, x) => a * diagonal[x]!),
    im: state.im.map((b, x) => b * diagonal[x]!),
  };
  const depth = angles.gammas.length;
  const [gammas, betas] = [angles.gammas.slice(), angles.betas.slice()];
  for (let k = depth - 1; k >= 0; k--) {
    betas[k] = 2 * mixerOverlap(dual, state);
    for (const each of [state, dual]) mix(each, -angles.betas[k]!);
    gammas[k] = 2 * phaseOverlap({ dual, state, diagonal });
    for (const each of [state, dual]) phase(each, diagonal, -angles.gammas[k]!);
  }
  return { value, gammas, betas };
}

/** Im⟨λ|ΣX|ψ⟩; in the form of `State` the pair (0, 1) of a qubit gives Re(λ̄₁·φ₀) − Re(λ̄₀·φ₁). */
function mixerOverlap(dual: State, state: State): number {
  let sum = 0;
  for (let stride = 1; stride < state.re.length; stride *= 2) {
    for (let x = 0; x < state.re.length; x++) {
      if ((x & stride) !== 0) continue;
      const y = x + stride;
      sum += dual.re[y]! * state.re[x]! + dual.im[y]! * state.im[x]!;
      sum -= dual.re[x]! * state.re[y]! + dual.im[x]! * state.im[y]!;
    }
  }
  return sum;
}

interface Overlap {
  readonly dual: State;
  readonly state: State;
  readonly diagonal: Float64Array;
}

/** Im⟨λ|E|ψ⟩. */
function phaseOverlap({ dual, state, diagonal }: Overlap): number {
  let sum = 0;
  for (let x = 0; x < diagonal.length; x++) {
    sum += diagonal[x]! * (dual.re[x]! * state.im[x]! - dual.im[x]! * state.re[x]!);
  }
  return sum;
}

export interface Tuning {
  /** Layers, from 1. */
  readonly depth: number;
  readonly seed: number;
  /** Random starts at depth 1, of which the best goes on; 4 unless told. */
  readonly starts?: number;
  /** Steps of the optimizer at each depth; 30 unless told. */
  readonly iterationsMost?: number;
}

export interface Tuned {
  readonly angles: Angles;
  /** ⟨E⟩ of these angles. */
  readonly value: number;
  /** How often a circuit was run; a real machine would need many shots for each. */
  readonly evaluations: number;
}

/**
 * Angles of small ⟨E⟩: the best of a few random starts at depth 1, then INTERP to each next depth, each followed by
 * L-BFGS on the exact gradient.
 *
 * @param problem  up to 24 variables
 * @param tuning   depth, seed, effort
 * @returns        angles, their expected value, and what they cost
 * @throws         problemUnfit beyond 24 variables
 * @cost           `slopeOf` for every evaluation
 * @source         L. Zhou et al., Phys. Rev. X 10 (2020) 021067; J. Nocedal, S. Wright, algorithm 7.5
 */
export function tuned(problem: Qubo, { depth, seed, starts = 4, iterationsMost = 30 }: Tuning): Tuned {
  const diagonal = diagonalOf(problem);
  const random = randomOf(seed);
  const scale = scaleOf(problem);
  let evaluations = 0;
  const better = (angles: Angles): Omit<Tuned, 'evaluations'> => {
    const found = descended({ diagonal, scale, iterationsMost, count: () => evaluations++ }, angles);
    return { angles: found, value: expectationOf(qaoaState(diagonal, found), diagonal) };
  };
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
  readonly diagonal: Float64Array;
  readonly scale: number;
  readonly iterationsMost: number;
  readonly count: () => void;
}

/** Gammas are taken in units of 1/scale, so that all angles are of one size. */
function descended({ diagonal, scale, iterationsMost, count }: Descent, { gammas, betas }: Angles): Angles {
  const depth = gammas.length;
  const anglesAt = (point: Float64Array): Angles => ({
    gammas: [...point.subarray(0, depth)].map((gamma) => gamma / scale),
    betas: [...point.subarray(depth)],
  });
  const { point } = minimize({
    start: Float64Array.of(...gammas.map((gamma) => gamma * scale), ...betas),
    evaluate: (at, gradient) => {
      count();
      const slope = slopeOf(diagonal, anglesAt(at));
      gradient.set(slope.gammas.map((derivative) => derivative / scale));
      gradient.set(slope.betas, depth);
      return slope.value;
    },
    gradientTolerance: 1e-4 * scale,
    iterationsMost,
  });
  return anglesAt(point);
}
