import { describe, expect, it } from 'vitest';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { annealing } from '../../pipelines/solvers/annealing.ts';
import { exhaustive } from '../../pipelines/solvers/exhaustive.ts';
import { floorOf, isingOf } from '../../pipelines/solvers/ising.ts';
import { quboOfCut } from '../../pipelines/solvers/max-cut.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { solvedWhole } from '../../pipelines/solvers/whole.ts';
import { randomDense, randomQubos, smallest, valueAt } from './problems.ts';

const ASK = { seed: 1, flips: 100_000 };

describe('solving by parts', () => {
  it('finds and proves the smallest value of small problems, dense or sparse', () => {
    const random = randomOf(41);
    for (let round = 0; round < 40; round++) {
      const dense = randomDense(1 + random.nextBelow(10), { density: random.nextFloat(), random });
      const { bits, energy, proof } = solvedWhole(quboOf(dense), { ask: ASK });
      expect(energy).toBe(smallest(dense));
      expect(valueAt(dense, bits)).toBe(energy);
      expect(proof).toBe('every part was proven');
    }
  });

  it('anneals what is too large to search, and proves a cut of all edges by its floor', () => {
    const edges = Array.from({ length: 64 }, (_, at) => ({
      i: at % 8,
      j: 8 + Math.floor(at / 8) * 3,
      weight: 1,
    }));
    const { energy, proof, solvers } = solvedWhole(quboOfCut({ n: 40, edges }), {
      ask: ASK,
      solver: annealing,
    });
    expect([energy, proof, solvers]).toEqual([-64, 'no sum of its terms is smaller', ['anneal']]);
  });

  it('proves nothing that a heuristic found above the floor', () => {
    const { qubo } = randomQubos(1, 30)[0]!;
    expect(solvedWhole(qubo, { ask: ASK }).proof).toBe(null);
  });

  it('shares the flips among the parts', () => {
    const { dense } = randomQubos(1, 30)[0]!;
    const twice = dense.couplings.flatMap((term) => [term, { ...term, i: term.i + 30, j: term.j + 30 }]);
    const { flips } = solvedWhole(quboOf({ n: 60, couplings: twice }), { ask: ASK });
    expect(flips).toBeLessThanOrEqual(100_000 + 60);
  });

  it('refuses a part that is too large for the solver', () => {
    const { qubo } = randomQubos(1, 36)[0]!;
    expect(() => solvedWhole(qubo, { ask: ASK, solver: exhaustive })).toThrowFault(problemUnfit);
  });
});

describe('the floor', () => {
  it('is below every value', () => {
    for (const { dense, qubo } of randomQubos(10, 7)) {
      expect(floorOf(isingOf(qubo))).toBeLessThanOrEqual(smallest(dense));
    }
  });
});
