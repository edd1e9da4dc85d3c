/** The variational quantum eigensolver, simulated: the smallest energy that a circuit of real rotations reaches. */
import { minimize } from '../maths/minimize.ts';
import { randomOf } from '../maths/random.ts';
import type { State } from './statevector.ts';

/** H = E − field·ΣX, with E diagonal; all real, so its lowest state is real too. */
export interface Operator {
  /** 2ⁿ values. */
  readonly diagonal: Float64Array;
  /** 0 where H is diagonal. */
  readonly field: number;
}

export interface Effort {
  /** Rounds of controlled Z gates between neighbours, each followed by rotations; 0 for rotations alone. */
  readonly depth: number;
  readonly seed: number;
  /** Random starts, of which the best counts; 4 unless told. */
  readonly starts?: number;
  /** Steps of the optimizer from each start; 200 unless told. */
  readonly iterationsMost?: number;
}

export interface Ground {
  readonly energy: number;
  /** The angles of Y, qubit by qubit and round by round, in radians. */
  readonly angles: readonly number[];
  readonly state: State;
  /** How often a circuit was run. */
  readonly evaluations: number;
}

/**
 * min ⟨ψ(θ)|H|ψ(θ)⟩ over circuits of e^(−iθY/2) on every qubit, with controlled Z between neighbours before each round
 * but the first: in turn the pairs from odd and from even qubits on, since all pairs each time reach fewer states,
 * however deep. By L-BFGS on the exact gradient.
 *
 * @param operator  of up to 14 qubits or so, since one gate at a time is simulated
 * @param effort    depth, seed, starts
 * @returns         the best of all starts; its energy is no less than the smallest eigenvalue
 * @throws          RangeError for no starts: a programmer's error
 * @cost            about 3·n·(depth + 1)·2ⁿ multiply-adds an evaluation
 * @source          A. Peruzzo et al., Nature Communications 5 (2014) 4213; A. Kandala et al., Nature 549 (2017)
 */
export function groundState(
  operator: Operator,
  { depth, seed, starts = 4, iterationsMost = 200 }: Effort,
): Ground {
  const n = Math.log2(operator.diagonal.length);
  const random = randomOf(seed);
  let evaluations = 0;
  const evaluate = (angles: Float64Array, gradient: Float64Array): number => {
    evaluations++;
    return energyAndSlope(operator, angles, gradient);
  };
  const found = Array.from({ length: starts }, () => {
    const start = Float64Array.from({ length: n * (depth + 1) }, () => Math.PI * (random.nextFloat() - 0.5));
    return minimize({ start, evaluate, gradientTolerance: 1e-7, iterationsMost });
  });
  const [first, ...others] = found;
  if (first === undefined) throw new RangeError('an eigensolver wants at least one start');
  const best = others.reduce((least, each) => (each.value < least.value ? each : least), first);
  const state = rotatedState(n, best.point);
  return { energy: best.value, angles: [...best.point], state, evaluations };
}

/** ∂⟨H⟩/∂θ = ⟨λ|J|ψ⟩ after the rotation, with λ = Hψ and J(a, b) = (−b, a); both states are then turned back. */
function energyAndSlope({ diagonal, field }: Operator, angles: Float64Array, gradient: Float64Array): number {
  const n = Math.log2(diagonal.length);
  const state = prepared(n, angles);
  const dual = state.map((amplitude, x) => amplitude * diagonal[x]!);
  if (field !== 0) addField({ dual, state, field });
  const energy = dual.reduce((sum, amplitude, x) => sum + amplitude * state[x]!, 0);
  for (let at = angles.length - 1; at >= 0; at--) {
    const q = at % n;
    gradient[at] = turnOverlap(dual, state, 2 ** q);
    for (const each of [dual, state]) rotate(each, { stride: 2 ** q, angle: -angles[at]! });
    if (q === 0 && at > 0) for (const each of [dual, state]) entangle(each, at / n);
  }
  return energy;
}

function prepared(n: number, angles: Float64Array): Float64Array {
  const state = new Float64Array(2 ** n);
  state[0] = 1;
  angles.forEach((angle, at) => {
    if (at % n === 0 && at > 0) entangle(state, at / n);
    rotate(state, { stride: 2 ** (at % n), angle });
  });
  return state;
}

/** λ ← λ − field·ΣX·ψ. */
function addField({ dual, state, field }: { dual: Float64Array; state: Float64Array; field: number }): void {
  for (let stride = 1; stride < state.length; stride *= 2) {
    for (let x = 0; x < state.length; x++) dual[x]! -= field * state[x ^ stride]!;
  }
}

/** Σ λ₁·ψ₀ − λ₀·ψ₁ over the pairs of a qubit. */
function turnOverlap(dual: Float64Array, state: Float64Array, stride: number): number {
  let sum = 0;
  for (let x = 0; x < state.length; x++) {
    if ((x & stride) === 0) sum += dual[x + stride]! * state[x]! - dual[x]! * state[x + stride]!;
  }
  return sum;
}

function rotate(
  state: Float64Array,
  { stride, angle }: { readonly stride: number; readonly angle: number },
): void {
  const [c, s] = [Math.cos(angle / 2), Math.sin(angle / 2)];
  for (let x = 0; x < state.length; x++) {
    if ((x & stride) !== 0) continue;
    const [zero, one] = [state[x]!, state[x + stride]!];
    state[x] = c * zero - s * one;
    state[x + stride] = s * zero + c * one;
  }
}

/** A sign for each pair of set bits side by side, of the pairs that begin at even qubits or of those at odd ones. */
function entangle(state: Float64Array, round: number): void {
  const firsts = round % 2 === 0 ? 0x5555_5555 : 0x2aaa_aaaa;
  for (let x = 0; x < state.length; x++) {
    let pairs = x & (x >> 1) & firsts;
    let odd = false;
    for (; pairs !== 0; pairs &= pairs - 1) odd = !odd;
    if (odd) state[x] = -state[x]!;
  }
}

/**
 * The state that the circuit of `groundState` makes of 0…0.
 *
 * @param n       qubits
 * @param angles  n for each round and n before the first, in radians
 * @returns       a state of norm 1
 * @throws        never
 * @cost          about n·(depth + 1)·2ⁿ multiply-adds
 * @source        as `groundState`
 */
export function rotatedState(n: number, angles: Float64Array): State {
  return stateOf(prepared(n, angles));
}

/** ψₓ = (−i)^|x|·φₓ, so φₓ = i^|x|·ψₓ. */
function stateOf(real: Float64Array): State {
  const [re, im] = [new Float64Array(real.length), new Float64Array(real.length)];
  const weight = new Uint8Array(real.length);
  for (let x = 0; x < real.length; x++) {
    const turns = (weight[x] = (weight[x >> 1]! + (x & 1)) & 3);
    const part = (turns & 1) === 0 ? re : im;
    part[x] = turns < 2 ? real[x]! : -real[x]!;
  }
  return { n: Math.log2(real.length), re, im };
}
