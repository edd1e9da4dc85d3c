import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemUnfit } from '../../pipelines/faults.ts';
import { layOutInScript } from '../../pipelines/kernels/space.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { annealing, temperaturesOf } from '../../pipelines/solvers/annealing.ts';
import { expNegative } from '../../pipelines/solvers/boltzmann.ts';
import { exhaustive, exhaustiveIn } from '../../pipelines/solvers/exhaustive.ts';
import { SOLVERS } from '../../pipelines/solvers/index.ts';
import { quboOfCut } from '../../pipelines/solvers/max-cut.ts';
import { hashOf, quboOf } from '../../pipelines/solvers/qubo.ts';
import type { Way } from '../../pipelines/solvers/solver.ts';
import { tabu } from '../../pipelines/solvers/tabu.ts';
import { randomDense, randomQubos, smallest, valueAt } from './problems.ts';

const GSET = path.resolve(import.meta.dirname, '../../../shared/data/gset');

const BIG = randomQubos(1, 40)[0]!;
const BIG_WHOLE = randomQubos(1, 60)[0]!;

/** What each solver makes of the same problem and seed, on every machine. */
const PINNED: Readonly<Record<string, string>> = {
  exhaustive: '11110010001111',
  anneal: '0001111000101111000111011010110110001111',
  tempering: '0001111000101111000111011010110110001111',
  sqa: '0001111000101111000111011010110110001111',
  tabu: '1010100010010111000110110001101110000100',
};

describe.each(SOLVERS)('the solver $name', (solver) => {
  it('finds the smallest value of small problems, and calls proven only what is', () => {
    for (const n of [1, 2, 5, 9]) {
      for (const { dense, qubo } of randomQubos(8, n)) {
        const { bits, energy, proven } = solver.solve(qubo, { seed: n, flips: 20_000 });
        expect(energy).toBe(valueAt(dense, bits));
        expect(energy).toBe(smallest(dense));
        expect(proven).toBe(solver.name === 'exhaustive');
      }
    }
  });

  it('gives the same bits for the same seed, and leaves the problem as it was', () => {
    const { qubo } = randomQubos(1, 14)[0]!;
    const before = hashOf(qubo);
    const ask = { seed: 7, flips: 5000 };
    expect(solver.solve(qubo, ask)).toEqual(solver.solve(qubo, ask));
    expect(hashOf(qubo)).toBe(before);
  });

  it('gives the same answer when it is watched, and tells values that only fall', () => {
    const { qubo } = BIG_WHOLE;
    const ask = { seed: 5, flips: 400_000 };
    const told: Way[] = [];
    const watched = solver.variablesMost < qubo.n ? randomQubos(1, 12)[0]!.qubo : qubo;
    const answer = solver.solve(watched, { ...ask, tell: (way) => told.push(way) });
    expect(answer).toEqual(solver.solve(watched, ask));
    expect(told.every(({ energy }, at) => energy <= (told[at - 1]?.energy ?? Infinity))).toBe(true);
    expect(told.every(({ energy, flips }) => energy >= answer.energy && flips <= answer.flips)).toBe(true);
    expect(told.length > 0).toBe(solver.name !== 'exhaustive');
  });

  it('gives the answer pinned for every machine', () => {
    const { qubo } = solver.name === 'exhaustive' ? randomQubos(1, 14)[0]! : BIG;
    const { bits } = solver.solve(qubo, { seed: 11, flips: solver.name === 'sqa' ? 640 : 200 });
    expect(bits.join('')).toBe(PINNED[solver.name]);
  });

  it('answers a problem without variables, and one without couplings', () => {
    const none = solver.solve(quboOf({ n: 0, offset: 5, couplings: [] }), { seed: 1, flips: 100 });
    expect([none.energy, none.bits.length, none.proven]).toEqual([5, 0, true]);
    const linear = [3, -1, 0, -2.5];
    const alone = solver.solve(quboOf({ n: 4, linear, couplings: [] }), { seed: 1, flips: 1000 });
    expect(alone.energy).toBe(-3.5);
  });

  it('refuses more variables than it takes', () => {
    const most = solver.variablesMost;
    if (most < 2 ** 20) {
      const problem = quboOf({ n: most + 1, couplings: [] });
      expect(() => solver.solve(problem, { seed: 1, flips: 1 })).toThrowFault(problemUnfit);
    }
  });
});

describe('the exhaustive search', () => {
  it('finds the smallest value over many blocks, the same without kernels', () => {
    for (const { dense, qubo } of [...randomQubos(2, 15), ...randomQubos(1, 12), ...randomQubos(1, 13)]) {
      const { bits, energy } = exhaustive.solve(qubo, { seed: 1, flips: 1 });
      expect(energy).toBe(smallest(dense));
      expect(exhaustiveIn(layOutInScript).solve(qubo, { seed: 1, flips: 1 }).bits).toEqual(bits);
    }
  });

  it('agrees with the diagonal of 20 variables whose numbers are broken', () => {
    const random = randomOf(8);
    const couplings = randomDense(20, { density: 0.5, random }).couplings.map((term) => ({
      ...term,
      weight: term.weight * (1 + random.nextFloat()),
    }));
    const qubo = quboOf({ n: 20, linear: couplings.slice(0, 20).map(({ weight }) => -weight), couplings });
    const least = diagonalOf(qubo).reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
    expect(exhaustive.solve(qubo, { seed: 1, flips: 1 }).energy).toBeCloseTo(least, 9);
  });
});

describe.each(SOLVERS.filter((solver) => solver !== exhaustive))('the heuristic $name', (solver) => {
  it('keeps within a sweep of its budget, and takes 10,000 variables', () => {
    const couplings = Array.from({ length: 10_000 }, (_, i) => ({ i, j: (i + 1) % 10_000, weight: -2 }));
    const qubo = quboOf({ n: 10_000, linear: new Float64Array(10_000).fill(1), couplings });
    const { flips, energy } = solver.solve(qubo, { seed: 1, flips: 10e6 });
    expect(flips).toBeLessThanOrEqual(10e6);
    expect(energy).toBeLessThan(0);
  });

  it('stops when the target is met', () => {
    const { flips } = solver.solve(BIG.qubo, { seed: 1, flips: 1e9, target: 0 });
    expect(flips).toBeLessThan(1e6);
  });
});

describe.skipIf(!existsSync(GSET))('graphs of the Gset (skipped where ../shared/data is absent)', () => {
  const read = (name: string) => {
    const [[n = 0] = [], ...rows] = readFileSync(path.join(GSET, `${name}.txt`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return quboOfCut({
      n,
      edges: rows.map(([i = 0, j = 0, weight = 0]) => ({ i: i - 1, j: j - 1, weight })),
    });
  };

  it.each([
    { name: 'G1', cut: 11_624, seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    { name: 'G3', cut: 11_622, seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    { name: 'G43', cut: 6660, seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    { name: 'G48', cut: 6000, seeds: [1, 2, 3] },
    { name: 'G14', cut: 3064, seeds: [3] },
    { name: 'G22', cut: 13_359, seeds: [6] },
  ])('$name is cut as well as anyone ever did by annealing, with seeds $seeds', ({ name, cut, seeds }) => {
    const problem = read(name);
    for (const seed of seeds) {
      const { energy, flips } = annealing.solve(problem, { seed, flips: 1e9, target: -cut });
      expect(energy).toBe(-cut);
      expect(flips).toBeLessThan(1e9);
    }
  });

  it('G48 is cut whole by tabu', () => {
    expect(tabu.solve(read('G48'), { seed: 1, flips: 100e6, target: -6000 }).energy).toBe(-6000);
  });
});

describe('the temperatures', () => {
  it('are some where nothing depends on anything', () => {
    expect(temperaturesOf(quboOf({ n: 3, couplings: [] }))).toEqual({ hot: 1, cold: 1 });
  });

  it('grow with the coefficients', () => {
    const of = (weight: number) => temperaturesOf(quboOf({ n: 2, couplings: [{ i: 0, j: 1, weight }] }));
    expect(of(1000).hot).toBeCloseTo(1000 * of(1).hot, 9);
    expect(of(1000).cold).toBeCloseTo(1000 * of(1).cold, 9);
  });
});

describe('the exponential', () => {
  it('is that of Math.exp within 10⁻¹⁰, and 0 far out', () => {
    for (let x = 0; x < 32; x += 0.013) {
      expect(Math.abs(expNegative(x) / Math.exp(-x) - 1)).toBeLessThan(1e-10);
    }
    expect([expNegative(32), expNegative(Infinity), expNegative(0)]).toEqual([0, 0, 1]);
  });
});
