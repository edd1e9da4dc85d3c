import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { simulatorOf } from '../../pipelines/quantum/layers.ts';
import { qaoaState, slopeOf } from '../../pipelines/quantum/qaoa.ts';
import { probabilitiesOf, sampled } from '../../pipelines/quantum/statevector.ts';
import { tailOf } from '../../pipelines/quantum/tail.ts';
import { randomQubos } from '../solvers/problems.ts';

const ANGLES = { gammas: [0.031, -0.07], betas: [0.4, -0.3] };
const { qubo } = randomQubos(1, 7)[0]!;
const DIAGONAL = diagonalOf(qubo);

describe('the tail', () => {
  it('is the mean of the best shots', () => {
    const state = qaoaState(simulatorOf(DIAGONAL), ANGLES);
    const energies = [...sampled(state, { shots: 200_000, seed: 1 })].map((x) => DIAGONAL[x]!);
    energies.sort((a, b) => a - b);
    for (const share of [0.05, 0.3, 1]) {
      const best = energies.slice(0, Math.round(share * energies.length));
      const mean = best.reduce((sum, energy) => sum + energy, 0) / best.length;
      expect(Math.abs(tailOf(DIAGONAL, share)(state).value - mean)).toBeLessThan(0.3);
    }
  });

  it('takes a share of an index where the edge runs through it', () => {
    const state = { n: 1, re: Float64Array.of(Math.sqrt(0.2), Math.sqrt(0.8)), im: new Float64Array(2) };
    // A fifth at −3 and a fifth at 5, of the two fifths that count.
    expect(tailOf(Float64Array.of(-3, 5), 0.4)(state).value).toBeCloseTo(1, 12);
    expect(tailOf(Float64Array.of(-3, 5), 0.1)(state).value).toBeCloseTo(-3, 12);
  });

  it('has the slope of central differences', () => {
    const simulator = simulatorOf(DIAGONAL, { registers: 2 });
    const tail = tailOf(DIAGONAL, 0.2);
    const slope = slopeOf(simulator, ANGLES, tail);
    for (const side of ['gammas', 'betas'] as const) {
      ANGLES[side].forEach((angle, k) => {
        const at = (moved: number) =>
          tail(qaoaState(simulator, { ...ANGLES, [side]: ANGLES[side].with(k, moved) })).value;
        expect(slope[side][k]).toBeCloseTo((at(angle + 1e-6) - at(angle - 1e-6)) / 2e-6, 3);
      });
    }
  });

  it('is refused for no share and for more than all', () => {
    for (const share of [0, -1, 1.01, Number.NaN]) expect(() => tailOf(DIAGONAL, share)).toThrow(RangeError);
  });

  it('is that of all where all count', () => {
    const random = randomOf(2);
    const state = qaoaState(simulatorOf(DIAGONAL), { gammas: [random.nextFloat()], betas: [0.2] });
    const mean = probabilitiesOf(state).reduce((sum, share, x) => sum + share * DIAGONAL[x]!, 0);
    expect(tailOf(DIAGONAL, 1)(state).value).toBeCloseTo(mean, 10);
  });
});
