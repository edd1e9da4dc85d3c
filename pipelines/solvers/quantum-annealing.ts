/** Simulated quantum annealing: a classical walk of several copies, tied together as a quantum field would tie them. */
import { randomOf, type Random } from '../maths/random.ts';
import { temperaturesOf } from './annealing.ts';
import { expNegative } from './boltzmann.ts';
import { VARIABLES_MOST, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';
import { descend, turnBit, walkFrom, type Walk } from './walk.ts';

const SLICES = 8;
/** Sweeps of one descent; what is left of the budget begins another one. */
const SWEEPS = 200;
/** The whole's temperature, as a share of where a single walk climbs freely: measured on four graphs of the Gset. */
const HEAT = 0.35;
/** Γ at the beginning, in units of the whole's temperature: tanh of it is 0.995, and slices hardly know each other. */
const FIELD = 3;

export const quantumAnnealing: Solver = {
  name: 'sqa',
  says: 'Simulates quantum annealing by a classical walk of eight tied copies.',
  variablesMost: VARIABLES_MOST,
  solve: annealed,
};

/** Copies of one problem in a ring, each tied to the next. */
export interface Ring {
  /** At least three. */
  readonly slices: readonly Walk[];
  readonly random: Random;
  /** P·T: slices share their temperature out among them. */
  readonly heat: number;
}

/**
 * The path integral of H = E − Γ·ΣX in P slices: a walk over Σₖ E(sₖ) − J·Σₖ Σᵢ sₖᵢ·sₖ₊₁ᵢ at the temperature P·T, with
 * e^(−2J/PT) = tanh(Γ/PT). Γ falls in equal steps to 0 over 200 sweeps, and the slices grow into one; then all begins
 * again from new random bits.
 *
 * @param problem  any
 * @param ask      seed, budget, and where to stop, which is looked at after each descent
 * @returns        the best slice at the end of any descent, ended by single flips that lower it
 * @throws         never
 * @cost           8 sweeps of a walk alone for each sweep
 * @source         R. Martoňák, G. E. Santoro, E. Tosatti, Phys. Rev. B 66 (2002) 094203
 */
function annealed(problem: Qubo, { seed, flips, target = Number.NEGATIVE_INFINITY, tell }: Ask): Answer {
  const { n } = problem;
  const random = randomOf(seed);
  const heat = HEAT * temperaturesOf(problem).hot;
  let best = answerOf(problem, { bits: new Uint8Array(n), proven: n === 0, flips: 0 });
  let weighed = 0;
  while (n > 0 && weighed + n * SLICES <= flips && best.energy > target) {
    const slices = Array.from({ length: SLICES }, () => walkFrom(problem, random));
    const sweeps = Math.min(SWEEPS, Math.floor((flips - weighed) / (n * SLICES)));
    for (let sweep = 0; sweep < sweeps; sweep++) {
      sweepRing({ slices, random, heat }, tanh(FIELD * (1 - (sweep + 1) / sweeps)));
    }
    weighed += sweeps * n * SLICES;
    for (const slice of slices) descend(slice);
    const { best: bits } = slices.reduce((least, slice) => (slice.least < least.least ? slice : least));
    const found = answerOf(problem, { bits, proven: false, flips: weighed });
    if (found.energy < best.energy) best = found;
    tell?.({ flips: weighed, energy: best.energy });
  }
  return { ...best, flips: weighed };
}

/** (1 − e^(−2x))/(1 + e^(−2x)), the same bits everywhere; x ≥ 0. */
function tanh(x: number): number {
  const square = expNegative(2 * x);
  return (1 - square) / (1 + square);
}

/**
 * Weighs each flip of each slice once, and makes it with probability min(1, e^(−ΔE/PT)·w^c), where c is sₖᵢ times the
 * sum of its two neighbours in the ring, and so −2, 0 or 2.
 *
 * @param ring  its slices are moved on, and their best places noted
 * @param weak  w = tanh(Γ/PT): 1 for slices that do not know each other, 0 for slices that are one
 * @returns     nothing
 * @throws      never
 * @cost        a comparison for each variable and slice, and the neighbours of each flip that is made
 * @source      as `annealed`; N. Metropolis et al., J. Chem. Phys. 21 (1953)
 */
export function sweepRing({ slices, random, heat }: Ring, weak: number): void {
  const count = slices.length;
  slices.forEach((slice, k) => {
    const before = slices[(k + count - 1) % count]!.bits;
    const after = slices[(k + 1) % count]!.bits;
    sweepSlice(slice, { before, after, random, heat, weak });
    if (slice.energy >= slice.least) return;
    slice.least = slice.energy;
    slice.best.set(slice.bits);
  });
}

interface Ties extends Omit<Ring, 'slices'> {
  readonly before: Bits;
  readonly after: Bits;
  readonly weak: number;
}

function sweepSlice(slice: Walk, { before, after, random, heat, weak }: Ties): void {
  const { bits, fields } = slice;
  const square = weak * weak;
  for (let i = 0; i < bits.length; i++) {
    const rise = bits[i] === 1 ? -fields[i]! : fields[i]!;
    const tied = (bits[i] === before[i] ? 1 : 0) + (bits[i] === after[i] ? 1 : 0);
    // The chance is high/low: each factor below 1 stands on its own side, so that nothing overflows.
    const high = (rise > 0 ? expNegative(rise / heat) : 1) * (tied === 2 ? square : 1);
    const low = (rise < 0 ? expNegative(-rise / heat) : 1) * (tied === 0 ? square : 1);
    if (high >= low || random.nextFloat() * low < high) turnBit(slice, i);
  }
}
