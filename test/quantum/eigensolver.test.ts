import { describe, expect, it } from 'vitest';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { groundState, type Operator } from '../../pipelines/quantum/eigensolver.ts';
import { probabilitiesOf, sampled } from '../../pipelines/quantum/statevector.ts';
import { randomQubos, smallest } from '../solvers/problems.ts';

/** H = −ΣZZ over neighbours of an open chain − field·ΣX. */
function chain(n: number, field: number): Operator {
  const diagonal = Float64Array.from({ length: 2 ** n }, (_, x) => {
    let energy = 0;
    for (let i = 0; i + 1 < n; i++) energy -= ((x >> i) & 1) === ((x >> (i + 1)) & 1) ? 1 : -1;
    return energy;
  });
  return { diagonal, field };
}

/** The smallest eigenvalue, by turning far enough into the lowest state: power iteration of c − H. */
function lowest({ diagonal, field }: Operator): number {
  const shift = 20;
  let vector = new Float64Array(diagonal.length).fill(1);
  let norm = 0;
  for (let step = 0; step < 20_000; step++) {
    const next = vector.map((own, x) => (shift - diagonal[x]!) * own);
    for (let stride = 1; stride < vector.length; stride *= 2) {
      for (let x = 0; x < vector.length; x++) next[x]! += field * vector[x ^ stride]!;
    }
    norm = Math.hypot(...next);
    vector = next.map((own) => own / norm);
  }
  return shift - norm;
}

describe('the eigensolver', () => {
  it.each([0.3, 1, 2])(
    'finds the lowest energy of a chain of 4 spins in a field of %f, within 10⁻³',
    (field) => {
      const operator = chain(4, field);
      const { energy } = groundState(operator, { depth: 4, seed: 1 });
      expect(energy - lowest(operator)).toBeLessThan(1e-3);
      expect(energy - lowest(operator)).toBeGreaterThan(-1e-9);
    },
  );

  it('knows the critical chain of 4: 1 − 1/sin(π/18)', () => {
    // P. Pfeuty, Annals of Physics 57 (1970): open chain at field 1, E = 1 − 1/sin(π/(2·(2n + 1))).
    expect(lowest(chain(4, 1))).toBeCloseTo(1 - 1 / Math.sin(Math.PI / 18), 9);
  });

  it('finds the smallest value of nine in ten diagonal problems of 10 variables in its shots', () => {
    let found = 0;
    for (const { dense, qubo } of randomQubos(20, 10)) {
      const diagonal = diagonalOf(qubo);
      const { state } = groundState(
        { diagonal, field: 0 },
        { depth: 1, seed: 4, starts: 3, iterationsMost: 50 },
      );
      const shots = sampled(state, { shots: 1000, seed: 1 });
      if (Math.min(...shots.map((x) => diagonal[x]!)) === smallest(dense)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(18);
  });

  it('gives a state of norm 1 whose energy it tells, and the same one for a seed', () => {
    const { qubo } = randomQubos(1, 5)[0]!;
    const diagonal = diagonalOf(qubo);
    const ask = { depth: 2, seed: 9, starts: 1, iterationsMost: 5 };
    const ground = groundState({ diagonal, field: 0 }, ask);
    const shares = probabilitiesOf(ground.state);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(shares.reduce((sum, share, x) => sum + share * diagonal[x]!, 0)).toBeCloseTo(ground.energy, 9);
    expect(groundState({ diagonal, field: 0 }, ask)).toEqual(ground);
    expect(ground.angles).toHaveLength(15);
  });

  it('wants at least one start', () => {
    expect(() => groundState(chain(2, 1), { depth: 1, seed: 1, starts: 0 })).toThrow(RangeError);
  });
});
