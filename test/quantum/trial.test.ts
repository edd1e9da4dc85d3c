import { describe, expect, it } from 'vitest';
import { problemUnfit } from '../../pipelines/faults.ts';
import { tried } from '../../pipelines/quantum/trial.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { reduced } from '../../pipelines/solvers/reduce.ts';
import { randomQubos, smallest, valueAt } from '../solvers/problems.ts';

const ASK = { depth: 2, shots: 500, seed: 1 };

describe('a trial', () => {
  it('finds the smallest value of small problems, of two parts too, and tells what it cost', () => {
    for (const { dense } of randomQubos(10, 7).slice(0, 2)) {
      // Every bit is drawn down and every two repel each other, so that no bit is forced.
      const one = dense.couplings.map((term) => ({ ...term, weight: 2 + (Math.abs(term.weight) % 3) }));
      const half = { n: 7, offset: 0, linear: Array.from({ length: 7 }, () => -6), couplings: one };
      const couplings = one.flatMap((term) => [term, { ...term, i: term.i + 7, j: term.j + 7 }]);
      const both = { n: 14, offset: 1, linear: [...half.linear, ...half.linear], couplings };
      const problem = quboOf(both);
      const parts = reduced(problem);
      const { quantum, guessed, shots, evaluations, qubits } = tried(problem, { parts, ask: ASK });
      expect(quantum.energy).toBe(1 + 2 * smallest(half));
      expect(valueAt(both, quantum.bits)).toBe(quantum.energy);
      expect(valueAt(both, guessed.bits)).toBe(guessed.energy);
      expect(guessed.energy).toBeGreaterThanOrEqual(quantum.energy);
      expect(shots).toBe(500 * parts.parts.length);
      expect(evaluations).toBeGreaterThan(0);
      expect(qubits).toBe(parts.parts[0]!.qubo.n);
    }
  });

  it('takes published angles without running a circuit to find them, and a ramp with few', () => {
    const problem = quboOf(randomQubos(1, 8)[0]!.dense);
    const parts = reduced(problem);
    const of = (angles: 'fixed' | 'ramp' | 'interp') => tried(problem, { parts, ask: { ...ASK, angles } });
    expect(of('fixed')).toMatchObject({ evaluations: 0, shots: 500 });
    expect(of('ramp').evaluations).toBeLessThan(of('interp').evaluations);
    expect(of('ramp').evaluations).toBeGreaterThan(8);
    expect(of('interp')).toEqual(tried(problem, { parts, ask: ASK }));
  });

  it('has nothing to do where reductions leave nothing', () => {
    const problem = quboOf({ n: 2, linear: [-1, 2], couplings: [] });
    const { quantum, shots, angles } = tried(problem, { parts: reduced(problem), ask: ASK });
    expect([quantum.energy, shots, angles]).toEqual([-1, 0, null]);
  });

  it('is refused for parts of more qubits than can be simulated', () => {
    const { qubo } = randomQubos(1, 30)[0]!;
    expect(() => tried(qubo, { parts: reduced(qubo), ask: ASK })).toThrowFault(problemUnfit);
  });
});
