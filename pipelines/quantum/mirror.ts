/** The last qubit of a state that stays the same when all bits are turned: half of such a state tells all of it. */
import type { Kernels } from '../kernels/space.ts';
import type { State } from './statevector.ts';

/**
 * Rotates the qubit that is left out. With n qubits in all, ψ(y, 1) = ψ(z, 0) where z is the complement of y, so that
 * in the form of `State` φ(y, 1) = (−i)^(n−2)·(−1)^|y|·φ_z, and φ_y ← φ_y − t·φ(y, 1).
 *
 * @param state    2^(n−1) amplitudes, those whose last bit is 0; changed
 * @param tangent  t, of β
 * @param kernels  null where there are none, or the state is too small for them
 * @returns        nothing
 * @throws         never
 * @cost           2ⁿ multiply-adds
 * @source         E(x) = E(complement of x), and so does the mixer
 */
export function turnMirrored(state: State, tangent: number, kernels: Kernels | null): void {
  const { n, re, im } = state;
  const factor = mirrorFactor(n, tangent);
  if (kernels !== null) {
    const kernel = re instanceof Float32Array ? kernels.opposite32 : kernels.opposite64;
    kernel(re.byteOffset, im.byteOffset, n, factor, 0, 1);
  } else if (n % 2 === 0) meet(re, im, factor);
  else for (const part of [re, im]) meet(part, part, factor);
}

/** t with the sign of (−i)^(n + 1 − 2), which is 1, −i, −1, i for n = 1, 2, 3, 0 modulo 4. */
export function mirrorFactor(n: number, tangent: number): number {
  return n % 4 === 1 || n % 4 === 2 ? -tangent : tangent;
}

type Part = State['re'];

/** Each pair (a_y, b_z) once; where a state meets itself, half of the indices are all pairs. */
function meet(first: Part, second: Part, factor: number): void {
  const round = first instanceof Float32Array ? Math.fround : (value: number) => value;
  const end = first === second ? first.length / 2 : first.length;
  const last = first.length - 1;
  for (let y = 0; y < end; y++) {
    const sign = round(signOf(y) * factor);
    const [a, b] = [first[y]!, second[last - y]!];
    first[y] = a + round(sign * b);
    second[last - y] = b - round(sign * a);
  }
}

/** (−1)^|y|. */
function signOf(y: number): number {
  let [rest, sign] = [y, 1];
  for (; rest !== 0; rest &= rest - 1) sign = -sign;
  return sign;
}

/**
 * What the qubit that is left out adds to Im⟨λ|ΣX|ψ⟩: Im of −i·(−i)^(n−2)·Σ (−1)^|y|·λ̄_y·φ_z.
 *
 * @param dual     λ, in the memory of `state`
 * @param state    ψ, both of double precision with their imaginary parts after the real ones
 * @param kernels  as for `turnMirrored`
 * @returns        the part of one qubit
 * @throws         never
 * @cost           2ⁿ multiply-adds
 * @source         as `turnMirrored`
 */
export function mirroredOverlap(
  dual: State,
  state: State,
  kernels: Pick<Kernels, 'overlapOpposite'> | null,
): number {
  const { n, re, im } = state;
  const sign = n % 4 === 0 || n % 4 === 3 ? 1 : -1;
  if (kernels !== null) {
    return (
      sign * kernels.overlapOpposite(dual.re.byteOffset, re.byteOffset, im.byteOffset - re.byteOffset, n)
    );
  }
  let sum = 0;
  const last = re.length - 1;
  for (let y = 0; y < re.length; y++) {
    const [a, b, c, d] = [dual.re[y]!, dual.im[y]!, re[last - y]!, im[last - y]!];
    sum += signOf(y) * (n % 2 === 1 ? a * c + b * d : a * d - b * c);
  }
  return sign * sum;
}
