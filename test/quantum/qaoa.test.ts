import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  FIXED_DEPTH_MOST,
  fixedAngles,
  fixedRatio,
  interpolated,
  rampAngles,
  scaleOf,
} from '../../pipelines/quantum/angles.ts';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { simulatorOf } from '../../pipelines/quantum/layers.ts';
import { qaoaState, slopeOf, tuned } from '../../pipelines/quantum/qaoa.ts';
import { expectationOf, probabilitiesOf, sampled } from '../../pipelines/quantum/statevector.ts';
import { tailOf } from '../../pipelines/quantum/tail.ts';
import { isingOf } from '../../pipelines/solvers/ising.ts';
import { quboOfCut } from '../../pipelines/solvers/max-cut.ts';
import { quboOf, type Coupling, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { bitsOf, randomDense, randomQubos, smallest, valueAt } from '../solvers/problems.ts';
import { Register } from './gates.ts';

const PUBLISHED = path.resolve(import.meta.dirname, '../../../shared/data/qaoa/fixed_angles.json');
const Published = z.record(
  z.string(),
  z.object({
    d: z.number(),
    p: z.number(),
    gamma: z.array(z.number()),
    beta: z.array(z.number()),
    AR: z.number(),
  }),
);

const ANGLES = { gammas: [0.31, -0.07, 0.22], betas: [0.4, -1.3, 0.9] };

/** The same circuit, gate by gate. */
function byGates(problem: Qubo, { gammas, betas }: typeof ANGLES): readonly number[] {
  const { n, fields, couplings } = isingOf(problem);
  const register = new Register(n);
  for (let q = 0; q < n; q++) register.hadamard(q);
  gammas.forEach((gamma, k) => {
    fields.forEach((field, q) => register.rotateZ([q], 2 * gamma * field));
    for (const { i, j, weight } of couplings) register.rotateZ([i, j], 2 * gamma * weight);
    for (let q = 0; q < n; q++) register.rx(q, 2 * betas[k]!);
  });
  return register.probabilities();
}

/** A circle with random chords between its opposite halves, so that every vertex has three neighbours. */
function cubicGraph(n: number, seed: number): readonly Coupling[] {
  const random = randomOf(seed);
  const edges = Array.from({ length: n }, (_, i) => ({ i, j: (i + 1) % n, weight: 1 }));
  const free = Array.from({ length: n }, (_, i) => i);
  while (free.length > 0) {
    const first = free.shift() ?? 0;
    const far = free.filter((other) => other - first > 1 && other - first < n - 1);
    const other = far.length === 0 ? free[0]! : far[random.nextBelow(far.length)]!;
    free.splice(free.indexOf(other), 1);
    edges.push({ i: first, j: other, weight: 1 });
  }
  return edges;
}

describe('the diagonal', () => {
  it('holds the value of every assignment', () => {
    for (const { dense, qubo } of [...randomQubos(6, 8), ...randomQubos(2, 1), ...randomQubos(1, 0)]) {
      diagonalOf(qubo).forEach((value, x) => expect(value).toBe(valueAt(dense, bitsOf(x, dense.n))));
    }
  });

  it('is refused for more qubits than memory holds', () => {
    expect(() => diagonalOf(quboOf({ n: 25, couplings: [] }))).toThrowFault(problemUnfit);
  });
});

describe('the simulator', () => {
  it('gives the distribution of the same circuit made gate by gate', () => {
    for (const { qubo } of randomQubos(4, 6)) {
      const wanted = byGates(qubo, ANGLES);
      probabilitiesOf(qaoaState(simulatorOf(diagonalOf(qubo)), ANGLES)).forEach((found, x) =>
        expect(Math.abs(found - wanted[x]!)).toBeLessThan(1e-12),
      );
    }
  });

  it('keeps the norm at 1 within 10⁻¹⁰ through 200 layers', () => {
    const { qubo } = randomQubos(1, 10)[0]!;
    const diagonal = diagonalOf(qubo);
    const simulator = simulatorOf(diagonal);
    simulator.begin(0);
    for (let layer = 0; layer < 200; layer++) simulator.apply(0, { gamma: 0.37, beta: 0.81 });
    expect(
      Math.abs(probabilitiesOf(simulator.registers[0]!).reduce((sum, share) => sum + share, 0) - 1),
    ).toBeLessThan(1e-10);
  });

  it('begins with the mean of all values', () => {
    const { qubo } = randomQubos(1, 9)[0]!;
    const diagonal = diagonalOf(qubo);
    const mean = diagonal.reduce((sum, value) => sum + value, 0) / diagonal.length;
    const simulator = simulatorOf(diagonal);
    simulator.begin(0);
    expect(expectationOf(simulator.registers[0]!, diagonal)).toBeCloseTo(mean, 10);
  });

  it('measures each index about as often as its probability says, and the same ones for a seed', () => {
    const { qubo } = randomQubos(1, 5)[0]!;
    const state = qaoaState(simulatorOf(diagonalOf(qubo)), ANGLES);
    const shots = sampled(state, { shots: 40_000, seed: 5 });
    const counts = new Float64Array(32);
    for (const x of shots) counts[x]!++;
    const squared = probabilitiesOf(state).reduce(
      (sum, share, x) =>
        sum + (share < 1e-9 ? counts[x]! : (counts[x]! - 40_000 * share) ** 2 / (40_000 * share)),
      0,
    );
    // The 99.9th percentile of chi-squared with 31 degrees of freedom.
    expect(squared).toBeLessThan(61.1);
    expect(sampled(state, { shots: 40_000, seed: 5 })).toEqual(shots);
  });
});

describe('the gradient', () => {
  it('is that of central differences', () => {
    const { qubo } = randomQubos(1, 7)[0]!;
    const diagonal = diagonalOf(qubo);
    const valueOf = (angles: typeof ANGLES) =>
      expectationOf(qaoaState(simulatorOf(diagonal), angles), diagonal);
    const slope = slopeOf(simulatorOf(diagonal, { registers: 2 }), ANGLES);
    expect(slope.value).toBeCloseTo(valueOf(ANGLES), 10);
    for (const side of ['gammas', 'betas'] as const) {
      ANGLES[side].forEach((angle, k) => {
        const at = (moved: number) => valueOf({ ...ANGLES, [side]: ANGLES[side].with(k, moved) });
        const wanted = (at(angle + 1e-5) - at(angle - 1e-5)) / 2e-5;
        expect(slope[side][k]).toBeCloseTo(wanted, 4);
      });
    }
  });
});

describe('fixed angles', () => {
  it.each([1, 3, 5, 8, FIXED_DEPTH_MOST])(
    'at depth %i cut 3-regular graphs as well as their table says',
    (depth) => {
      const edges = cubicGraph(14, 3);
      const qubo = quboOfCut({ n: 14, edges });
      const diagonal = diagonalOf(qubo);
      const value = expectationOf(qaoaState(simulatorOf(diagonal), fixedAngles(qubo, depth)), diagonal);
      const ratio = value / Math.min(...diagonal);
      expect(ratio).toBeGreaterThan(fixedRatio(depth));
      expect(ratio).toBeLessThan(1);
    },
  );

  it('mean the same when all weights are doubled', () => {
    const edges = cubicGraph(8, 1);
    const twice = edges.map((edge) => ({ ...edge, weight: 2 }));
    const of = (some: readonly Coupling[]) => fixedAngles(quboOfCut({ n: 8, edges: some }), 2).gammas;
    expect(of(twice)).toEqual(of(edges).map((gamma) => gamma / 2));
    expect(scaleOf(quboOf({ n: 1, couplings: [] }))).toBe(1);
  });

  it('are known to a depth, and not beyond', () => {
    const qubo = quboOf({ n: 1, couplings: [] });
    expect(() => fixedAngles(qubo, FIXED_DEPTH_MOST + 1)).toThrow(RangeError);
    expect(() => fixedRatio(0)).toThrow(RangeError);
  });
});

describe.skipIf(!existsSync(PUBLISHED))(
  'the table of fixed angles (skipped where ../shared is absent)',
  () => {
    it('is the one that its authors publish, for every depth of 3-regular graphs', () => {
      const published = Published.parse(JSON.parse(readFileSync(PUBLISHED, 'utf8')));
      const cubic = Object.values(published).filter(({ d }) => d === 3);
      expect(cubic.map(({ p }) => p)).toEqual(Array.from({ length: FIXED_DEPTH_MOST }, (_, at) => at + 1));
      const qubo = quboOfCut({ n: 8, edges: cubicGraph(8, 1) });
      for (const { p, gamma, beta, AR } of cubic) {
        const found = fixedAngles(qubo, p);
        // Theirs turn by γ/2 for an edge, and towards the largest cut.
        gamma.forEach((angle, k) => expect(found.gammas[k]).toBeCloseTo(angle / 2, 9));
        beta.forEach((angle, k) => expect(found.betas[k]).toBeCloseTo(-angle, 9));
        expect(found.gammas).toHaveLength(p);
        expect(Math.abs(fixedRatio(p) - AR)).toBeLessThan(1e-4);
      }
    });
  },
);

describe('a ramp', () => {
  it('goes up for the problem and down for the mixer, by hand', () => {
    const cut = quboOfCut({ n: 2, edges: [{ i: 0, j: 1, weight: 1 }] });
    // One coupling of 1/2 in the Ising form: its scale is 1/2.
    const { gammas, betas } = rampAngles(cut, { depth: 2, gamma: 0.4, beta: 0.8 });
    [0.2, 0.6].forEach((wanted, k) => expect(gammas[k]).toBeCloseTo(wanted, 12));
    [-0.6, -0.2].forEach((wanted, k) => expect(betas[k]).toBeCloseTo(wanted, 12));
  });

  it('leads a tuning to within two percent of the way from depth to depth, with a fraction of the circuits', () => {
    for (const { qubo } of randomQubos(4, 9)) {
      const patient = tuned(qubo, { depth: 6, seed: 1 });
      const quick = tuned(qubo, { depth: 6, seed: 1, begin: 'ramp' });
      const mean = diagonalOf(qubo).reduce((sum, value) => sum + value, 0) / 2 ** qubo.n;
      expect((mean - quick.value) / (mean - patient.value)).toBeGreaterThan(0.98);
      expect(quick.evaluations).toBeLessThan(patient.evaluations / 2);
      expect(tuned(qubo, { depth: 6, seed: 99, begin: 'ramp' })).toEqual(quick);
    }
  });
});

describe('angles of the next depth', () => {
  it('lie on the straight line between those before', () => {
    const { gammas, betas } = interpolated({ gammas: [0.2, 0.5], betas: [0.6, 0.2] });
    [0.2, 0.35, 0.5].forEach((wanted, k) => expect(gammas[k]).toBeCloseTo(wanted, 12));
    [0.6, 0.4, 0.2].forEach((wanted, k) => expect(betas[k]).toBeCloseTo(wanted, 12));
    expect(interpolated({ gammas: [0.7], betas: [0.3] })).toEqual({ gammas: [0.7, 0.7], betas: [0.3, 0.3] });
  });
});

describe('tuned angles', () => {
  it('get closer to the smallest value with every layer, and are the same for a seed', () => {
    const dense = randomDense(8, { density: 0.6, random: randomOf(31) });
    const qubo = quboOf(dense);
    const values = [1, 2, 4].map((depth) => tuned(qubo, { depth, seed: 1 }).value);
    expect(values[1]!).toBeLessThan(values[0]!);
    expect(values[2]!).toBeLessThan(values[1]!);
    expect(values[2]!).toBeGreaterThan(smallest(dense));
    expect(tuned(qubo, { depth: 2, seed: 1 })).toEqual(tuned(qubo, { depth: 2, seed: 1 }));
  });

  it('find the best of a ring of 4 at depth 1: three quarters of the edges', () => {
    const edges = [0, 1, 2, 3].map((i) => ({ i, j: (i + 1) % 4, weight: 1 }));
    // Farhi, Goldstone and Gutmann: depth p cuts (2p + 1)/(2p + 2) of a long ring; a ring of 4 is short of long.
    expect(tuned(quboOfCut({ n: 4, edges }), { depth: 1, seed: 1 }).value).toBeCloseTo(-3, 5);
  });

  it('show the smallest value among 1,000 shots in 95 of 100 problems of 12 variables, of 200', () => {
    let found = 0;
    for (const { qubo } of randomQubos(200, 12)) {
      const diagonal = diagonalOf(qubo);
      const { angles } = tuned(qubo, { depth: 2, seed: 2, starts: 2 });
      const shots = sampled(qaoaState(simulatorOf(diagonal), angles), { shots: 1000, seed: 3 });
      if (Math.min(...shots.map((x) => diagonal[x]!)) === Math.min(...diagonal)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(190);
  });

  it('make the best tenth of the shots better when it alone counts than when all do', () => {
    const bestTenth = (qubo: Qubo, share: number): number => {
      const diagonal = diagonalOf(qubo);
      const { angles } = tuned(qubo, { depth: 1, seed: 2, share });
      return tailOf(diagonal, 0.1)(qaoaState(simulatorOf(diagonal), angles)).value;
    };
    const total = (share: number) =>
      randomQubos(12, 9).reduce((sum, { qubo }) => sum + bestTenth(qubo, share), 0);
    expect(total(0.1)).toBeLessThan(total(1));
  });

  it('show the smallest value among 1,000 shots of small problems', () => {
    let found = 0;
    for (const { dense, qubo } of randomQubos(10, 8)) {
      const diagonal = diagonalOf(qubo);
      const { angles } = tuned(qubo, { depth: 2, seed: 2, starts: 2 });
      const shots = sampled(qaoaState(simulatorOf(diagonal), angles), { shots: 1000, seed: 3 });
      if (Math.min(...shots.map((x) => diagonal[x]!)) === smallest(dense)) found++;
    }
    expect(found).toBe(10);
  });

  it('want at least one start', () => {
    expect(() => tuned(quboOf({ n: 1, couplings: [] }), { depth: 1, seed: 1, starts: 0 })).toThrow(
      RangeError,
    );
  });
});
