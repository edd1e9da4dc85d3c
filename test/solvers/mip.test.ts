import { describe, expect, it } from 'vitest';
import { packageMissing, problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { mipSolver } from '../../pipelines/solvers/mip.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { randomDense, randomQubos, smallest, valueAt } from './problems.ts';

const mip = await mipSolver();
const ASK = { seed: 1, flips: 4e7 };

/** Four problems that share no variable, shifted behind each other and mixed. */
function scattered() {
  const random = randomOf(4);
  const parts = Array.from({ length: 4 }, () => randomDense(9, { density: 0.6, random }));
  const place = (part: number, i: number): number => 4 * i + part;
  const linear = Array.from({ length: 36 }, (_, at) => parts[at % 4]!.linear[Math.floor(at / 4)]!);
  const couplings = parts.flatMap((dense, part) =>
    dense.couplings.map(({ i, j, weight }) => ({ i: place(part, i), j: place(part, j), weight })),
  );
  const least = parts.reduce((sum, dense) => sum + smallest(dense) - dense.offset, 0);
  return { dense: { n: 36, offset: 0, linear, couplings }, least };
}

describe('the mixed-integer program', () => {
  it('proves the smallest value of small problems, signs and offsets and all', () => {
    for (const n of [1, 2, 5, 9]) {
      for (const { dense, qubo } of randomQubos(4, n)) {
        const { bits, energy, proven } = mip.solve(qubo, ASK);
        expect(energy).toBe(valueAt(dense, bits));
        expect([energy, proven]).toEqual([smallest(dense), true]);
      }
    }
  });

  it('proves what exhaustive search has no time for: 36 variables', () => {
    const { dense, least } = scattered();
    expect(mip.solve(quboOf(dense), ASK)).toMatchObject({ energy: least, proven: true });
  });

  it('calls nothing proven whose numbers are broken or large', () => {
    for (const scale of [0.1, 1e7]) {
      const { dense } = randomQubos(1, 6)[0]!;
      const couplings = dense.couplings.map((term) => ({ ...term, weight: term.weight * scale }));
      const scaled = { ...dense, offset: 0, linear: dense.linear.map((own) => own * scale), couplings };
      const { energy, proven } = mip.solve(quboOf(scaled), ASK);
      expect(energy).toBeCloseTo(smallest(scaled), 6);
      expect(proven).toBe(false);
    }
  });

  it('ends where its budget does, with bits that have the value it tells', () => {
    const dense = randomDense(24, { density: 1, random: randomOf(40) });
    const { bits, energy, proven } = mip.solve(quboOf(dense), { seed: 1, flips: 1 });
    expect(energy).toBe(valueAt(dense, bits));
    expect(proven).toBe(false);
  });

  it('answers a problem without variables, and one without couplings', () => {
    expect(mip.solve(quboOf({ n: 0, offset: 5, couplings: [] }), ASK)).toMatchObject({
      energy: 5,
      proven: true,
    });
    const linear = [3, -1, 0, -2];
    expect(mip.solve(quboOf({ n: 4, linear, couplings: [] }), ASK)).toMatchObject({
      energy: -3,
      proven: true,
    });
  });

  it('refuses more variables than it takes, and says what is missing where its package is', async () => {
    const large = quboOf({ n: 301, couplings: [] });
    expect(() => mip.solve(large, ASK)).toThrowFault(problemUnfit);
    const missing = () => Promise.reject(new Error('Cannot find package'));
    await expect(mipSolver(missing)).rejects.toThrowFault(packageMissing);
  });
});
