/** A random walk over assignments, one flip at a time, as annealing and tempering take it. */
import type { Random } from '../maths/random.ts';
import { expNegative } from './boltzmann.ts';
import { energyOf, fieldsOf, type Bits, type Qubo } from './qubo.ts';

const TWO_32 = 2 ** 32;

/** A walk with its fields, and the best place it came by. */
export interface Walk {
  readonly problem: Qubo;
  readonly bits: Bits;
  readonly fields: Float64Array;
  readonly best: Bits;
  energy: number;
  least: number;
}

/**
 * A walk that begins at random bits.
 *
 * @param problem  any
 * @param random   moved on by n draws
 * @returns        the walk, with the value of where it stands
 * @throws         never
 * @cost           n + m
 * @source         the definition
 */
export function walkFrom(problem: Qubo, random: Random): Walk {
  const bits = Uint8Array.from({ length: problem.n }, () => random.nextUint32() >>> 31);
  return walkAt(problem, bits);
}

/**
 * A walk that begins where it is told.
 *
 * @param problem  any
 * @param bits     n of them, changed as the walk goes on
 * @returns        the walk, with the value of where it stands
 * @throws         never
 * @cost           n + m
 * @source         the definition
 */
export function walkAt(problem: Qubo, bits: Bits): Walk {
  const energy = energyOf(problem, bits);
  return { problem, bits, fields: fieldsOf(problem, bits), best: bits.slice(), energy, least: energy };
}

/**
 * Weighs a flip of each variable in turn, and makes it with probability min(1, e^(−ΔE/T)).
 *
 * @param walk         moved on; its best place is noted at the end of the sweep
 * @param random       moved on by a draw for every flip that climbs, but for the hopeless
 * @param temperature  T, above 0
 * @returns            nothing
 * @throws             never
 * @cost               n comparisons, and the neighbours of each flip that is made
 * @source             N. Metropolis et al., J. Chem. Phys. 21 (1953)
 */
export function sweepOnce(walk: Walk, random: Random, temperature: number): void {
  const { bits, fields, best } = walk;
  // A flip that climbs by more has not the least chance of 2⁻³².
  const hopeless = 23 * temperature;
  for (let i = 0; i < bits.length; i++) {
    const rise = bits[i] === 1 ? -fields[i]! : fields[i]!;
    if (rise >= hopeless) continue;
    if (rise > 0 && random.nextUint32() >= expNegative(rise / temperature) * TWO_32) continue;
    turnBit(walk, i);
  }
  if (walk.energy < walk.least) {
    walk.least = walk.energy;
    best.set(bits);
  }
}

/**
 * Turns a bit of a walk.
 *
 * @param walk  moved on; its best place is not noted
 * @param i     the variable
 * @returns     nothing
 * @throws      never
 * @cost        the neighbours of the variable
 * @source      the definition
 */
export function turnBit(walk: Walk, i: number): void {
  const { bits, fields } = walk;
  const { starts, neighbours, weights } = walk.problem;
  const sign = bits[i] === 1 ? -1 : 1;
  bits[i]! ^= 1;
  walk.energy += sign * fields[i]!;
  for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += sign * weights[at]!;
}

/**
 * Sweeps at no temperature until nothing falls.
 *
 * @param walk  moved on; its best place is noted
 * @returns     nothing
 * @throws      never
 * @cost        a few sweeps
 * @source      steepest descent's simplest kin
 */
export function descend(walk: Walk): void {
  const { bits, fields, best } = walk;
  for (let moved = true; moved;) {
    moved = false;
    for (let i = 0; i < bits.length; i++) {
      if ((bits[i] === 1 ? -fields[i]! : fields[i]!) >= 0) continue;
      const before = walk.energy;
      turnBit(walk, i);
      moved ||= walk.energy < before;
    }
  }
  if (walk.energy >= walk.least) return;
  walk.least = walk.energy;
  best.set(bits);
}
