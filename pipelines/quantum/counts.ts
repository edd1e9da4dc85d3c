/** What the shots of a circuit showed, in the one order of bits that all of Fettle keeps. */
import { energyOf, type Bits, type Qubo } from '../solvers/qubo.ts';

/** Bit q of an index, the least significant first, is qubit q, which is variable q. */
export interface Counts {
  /** Qubits. */
  readonly n: number;
  /** How many shots were counted: the sum of `times`. */
  readonly shots: number;
  /** How often each index was measured, each at least once. */
  readonly times: ReadonlyMap<bigint, number>;
}

/**
 * Shots, counted.
 *
 * @param n        qubits, from 1
 * @param indices  one a shot, each from 0 to 2ⁿ − 1
 * @returns        how often each was there
 * @throws         never
 * @cost           one map operation a shot
 * @source         the definition
 */
export function countsOf(n: number, indices: Iterable<bigint>): Counts {
  const times = new Map<bigint, number>();
  let shots = 0;
  for (const index of indices) {
    times.set(index, (times.get(index) ?? 0) + 1);
    shots++;
  }
  return { n, shots, times };
}

/**
 * xᵢ = ⌊index / 2ⁱ⌋ mod 2.
 *
 * @param index  from 0 to 2ⁿ − 1
 * @param n      how many bits
 * @returns      n bits
 * @throws       never
 * @cost         n
 * @source       the order of `Counts`
 */
export function bitsOfIndex(index: bigint, n: number): Bits {
  return Uint8Array.from({ length: n }, (_, i) => Number((index >> BigInt(i)) & 1n));
}

export interface BestShot {
  readonly bits: Bits;
  readonly energy: number;
  /** How many shots showed it. */
  readonly times: number;
}

/**
 * The measured bits of the smallest E; the first of equals.
 *
 * @param problem  of as many variables as there are qubits
 * @param counts   of at least one shot
 * @returns        those bits, their value and how often they were there
 * @throws         RangeError where no shot was counted: a programmer's error
 * @cost           n + m for each index
 * @source         the definition
 */
export function bestShotOf(problem: Qubo, { n, times }: Counts): BestShot {
  let best: BestShot | null = null;
  for (const [index, seen] of times) {
    const bits = bitsOfIndex(index, n);
    const energy = energyOf(problem, bits);
    if (best === null || energy < best.energy) best = { bits, energy, times: seen };
  }
  if (best === null) throw new RangeError('there is no best of no shots');
  return best;
}
