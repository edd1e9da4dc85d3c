import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { sweepRing } from '../../pipelines/solvers/quantum-annealing.ts';
import { walkFrom } from '../../pipelines/solvers/walk.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { bitsOf, everyAnswer, valueAt } from './problems.ts';

const DENSE = { n: 2, offset: 0, linear: [-1, 1], couplings: [{ i: 0, j: 1, weight: 2 }] };
const [SLICES, HEAT, WEAK] = [3, 2.5, 0.4];

/** The mean of all slices’ values, and how many links of the ring hold, by the definition: all 2^(n·P) places. */
function exact() {
  const answers = everyAnswer(DENSE.n);
  let [total, energy, held] = [0, 0, 0];
  for (let code = 0; code < answers.length ** SLICES; code++) {
    const ring = Array.from(
      { length: SLICES },
      (_, k) => Math.floor(code / answers.length ** k) % answers.length,
    );
    const values = ring.map((slice) => valueAt(DENSE, bitsOf(slice, DENSE.n)));
    const links = ring.flatMap((slice, k) => {
      const next = ring[(k + 1) % SLICES]!;
      return [0, 1].map((i) => ((slice >> i) & 1) === ((next >> i) & 1));
    });
    const broken = links.filter((held_) => !held_).length;
    const weight = Math.exp(-values.reduce((sum, value) => sum + value, 0) / HEAT) * WEAK ** broken;
    total += weight;
    energy += (weight * values.reduce((sum, value) => sum + value, 0)) / SLICES;
    held += weight * (links.length - broken);
  }
  return { energy: energy / total, held: held / total };
}

describe('the ring of simulated quantum annealing', () => {
  it('settles in the path integral of the quantum problem, as summed over every place', () => {
    const problem = quboOf(DENSE);
    const random = randomOf(3);
    const slices = Array.from({ length: SLICES }, () => walkFrom(problem, random));
    const [sweeps, wanted] = [200_000, exact()];
    let [energy, held] = [0, 0];
    for (let sweep = 0; sweep < sweeps; sweep++) {
      sweepRing({ slices, random, heat: HEAT }, WEAK);
      energy += slices.reduce((sum, slice) => sum + valueAt(DENSE, slice.bits), 0) / SLICES;
      slices.forEach((slice, k) => {
        const next = slices[(k + 1) % SLICES]!;
        held += [0, 1].filter((i) => slice.bits[i] === next.bits[i]).length;
      });
    }
    // Some ten sweeps lie between two that know nothing of each other, so 4 σ is about 0.03.
    expect(Math.abs(energy / sweeps - wanted.energy)).toBeLessThan(0.03);
    expect(Math.abs(held / sweeps - wanted.held)).toBeLessThan(0.05);
    // Without the tie, or with one of the other sign, both would lie far off.
    expect(wanted.held).toBeGreaterThan(4);
  });
});
