/** The state of a quantum computer, number by number, as the alternating operators of QAOA change it. */
import { randomOf } from '../maths/random.ts';

/**
 * ψₓ = (−i)^|x|·(reₓ + i·imₓ), where |x| counts the bits set in x. So written, e^(−iβX) is a real rotation, and the
 * two parts mix without each other. Probabilities and diagonal expectations do not see the factor.
 */
export interface State {
  readonly n: number;
  readonly re: Float32Array | Float64Array;
  readonly im: Float32Array | Float64Array;
}

/**
 * All 2ⁿ amplitudes equal: what a Hadamard gate on every qubit makes of 0…0.
 *
 * @param state  changed to ψₓ = 2^(−n/2)
 * @returns      nothing
 * @throws       never
 * @cost         2ⁿ
 * @source       E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028
 */
export function spread({ re, im }: State): void {
  const size = re.length;
  const amplitude = Math.sqrt(1 / size);
  // ψ = (−i)^|x|·φ, so φ carries i^|x|: 1, i, −1, −i.
  const weight = new Uint8Array(size);
  for (let x = 0; x < size; x++) {
    const turns = (weight[x] = (weight[x >> 1]! + (x & 1)) & 3);
    re[x] = turns === 0 ? amplitude : turns === 2 ? -amplitude : 0;
    im[x] = turns === 1 ? amplitude : turns === 3 ? -amplitude : 0;
  }
}

/**
 * ψₓ ← e^(−iγ·diagonalₓ)·ψₓ.
 *
 * @param state     changed
 * @param diagonal  2ⁿ values
 * @param gamma     radians for a unit of the diagonal
 * @returns         nothing
 * @throws          never
 * @cost            2ⁿ sines and cosines
 * @source          arXiv:1411.4028
 */
export function phase({ re, im }: State, diagonal: Float64Array, gamma: number): void {
  for (let x = 0; x < re.length; x++) {
    const angle = -gamma * diagonal[x]!;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [a, b] = [re[x]!, im[x]!];
    re[x] = a * cos - b * sin;
    im[x] = a * sin + b * cos;
  }
}

/**
 * |ψₓ|² for every x.
 *
 * @param state  any
 * @returns      2ⁿ probabilities
 * @throws       never
 * @cost         2ⁿ
 * @source       M. Born's rule
 */
export function probabilitiesOf({ re, im }: State): Float64Array {
  return Float64Array.from(re, (a, x) => a * a + im[x]! * im[x]!);
}

/**
 * Σₓ |ψₓ|²·diagonalₓ.
 *
 * @param state     any
 * @param diagonal  2ⁿ values
 * @returns         the expected value
 * @throws          never
 * @cost            2ⁿ
 * @source          M. Born's rule
 */
export function expectationOf({ re, im }: State, diagonal: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < re.length; x++) sum += (re[x]! * re[x]! + im[x]! * im[x]!) * diagonal[x]!;
  return sum;
}

/** What to measure, how often. */
export interface Shots {
  readonly shots: number;
  readonly seed: number;
}

/**
 * Measures all qubits again and again.
 *
 * @param state  of norm 1
 * @param shots  how many, and the seed
 * @returns      the index x of every shot, each drawn with probability |ψₓ|²
 * @throws       never
 * @cost         2ⁿ for the running sums, and n comparisons a shot
 * @source       inversion of the distribution function
 */
export function sampled(state: State, { shots, seed }: Shots): Int32Array {
  const random = randomOf(seed);
  const sums = probabilitiesOf(state);
  for (let x = 1; x < sums.length; x++) sums[x]! += sums[x - 1]!;
  const total = sums.at(-1) ?? 0;
  return Int32Array.from({ length: shots }, () => {
    const draw = random.nextFloat() * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! > draw) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}
