import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, layOutInScript, type LayOut } from '../../pipelines/kernels/space.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { annealing, annealingIn } from '../../pipelines/solvers/annealing.ts';
import { quboOfIsing } from '../../pipelines/solvers/ising.ts';
import { quboOfCut } from '../../pipelines/solvers/max-cut.ts';
import { energyOf, quboOf, type Bits, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { REPLICAS, replicasOf, type Replicas } from '../../pipelines/solvers/replicas.ts';
import { wholeFormOf, type WholeForm } from '../../pipelines/solvers/whole-form.ts';
import { bitsOf, randomDense, randomQubos } from './problems.ts';

function replicas(problem: Qubo, { seed, lay }: { seed: number; lay: LayOut }): Replicas {
  const form = wholeFormOf(problem);
  if (form === null) throw new Error('wanted a problem of whole numbers');
  return replicasOf(form, randomOf(seed), lay);
}

/** By the definition of the form. */
function changeBy({ unit, own, starts, neighbours, weights }: WholeForm, bits: Bits, i: number): number {
  const spin = (of: number) => 1 - 2 * bits[of]!;
  let sum = own[i]!;
  for (let at = starts[2 * i]!; at < starts[2 * i + 2]!; at++) sum += weights[at]! * spin(neighbours[at]!);
  return unit * spin(i) * sum;
}

/** A graph whose edges all weigh the same but for their sign, as bytes hold it; or of any weights, for words. */
const graphs = fc
  .record({ n: fc.integer({ min: 1, max: 24 }), seed: fc.nat(), weighted: fc.boolean() })
  .map(({ n, seed, weighted }) => {
    const { couplings } = randomDense(n, { density: 0.5, random: randomOf(seed) });
    const edges = couplings.map((edge) => (weighted ? edge : { ...edge, weight: edge.weight < 0 ? -3 : 3 }));
    return { weighted, problem: quboOfCut({ n, edges }) };
  });

describe('a problem in whole numbers', () => {
  it('tells what each flip changes', () => {
    for (const { qubo } of randomQubos(6, 9)) {
      for (const code of [0, 77, 300, 511]) {
        const bits = bitsOf(code, 9);
        for (let i = 0; i < 9; i++) {
          const change = energyOf(qubo, bits.with(i, 1 - bits[i]!)) - energyOf(qubo, bits);
          expect(changeBy(wholeFormOf(qubo)!, bits, i)).toBeCloseTo(change, 12);
        }
      }
    }
  });

  it('takes bytes where they do, and words for unequal weights and for many neighbours', () => {
    const star = (leaves: number, weight: number) =>
      wholeFormOf(
        quboOfCut({
          n: leaves + 1,
          edges: Array.from({ length: leaves }, (_, i) => ({ i, j: leaves, weight: i === 0 ? weight : 5 })),
        }),
      );
    expect([star(127, 5)?.bytes, star(127, 5)?.unit]).toEqual([true, 5]);
    expect([star(127, -5)?.bytes, star(128, 5)?.bytes, star(9, 10)?.bytes]).toEqual([true, false, false]);
  });

  it('is none where coefficients are broken, or their sum is beyond 16 bits', () => {
    const pair = (weight: number, other: number) =>
      wholeFormOf(
        quboOfIsing({
          n: 2,
          offset: 0,
          fields: Float64Array.of(other, 0),
          couplings: [{ i: 0, j: 1, weight }],
        }),
      );
    expect(pair(0.1, 0.2)).toBeNull();
    expect(pair(32_766, 1)).not.toBeNull();
    expect(pair(32_767, 1)).toBeNull();
  });
});

describe('sixteen walks', () => {
  it('take the same steps by the kernels as in script', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), fc.double({ min: 0, max: 20, noNaN: true }), ({ problem }, seed, hot) => {
        const [fast, slow] = [layOut, layOutInScript].map((lay) => replicas(problem, { seed, lay }));
        const temperatures = Array.from({ length: 40 }, (_, sweep) => (hot * (39 - sweep)) / 39);
        for (const walks of [fast!, slow!]) {
          walks.sweep(temperatures);
          walks.copy(Array.from({ length: REPLICAS }, (_, lane) => lane % 5));
          walks.sweep(temperatures.slice(20));
        }
        for (let lane = 0; lane < REPLICAS; lane++) expect(fast!.bitsOf(lane)).toEqual(slow!.bitsOf(lane));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['bytes', [1, -1, 1, 1, -1]],
    ['words', [3, -2, 1, 4, -1]],
  ])('come by each assignment as often as Boltzmann says, in %s', (_, weights) => {
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const;
    const edges = pairs.map(([i, j], at) => ({ i, j, weight: weights[at]! }));
    const problem = quboOfCut({ n: 4, edges });
    const walks = replicas(problem, { seed: 3, lay: layOut });
    const temperature = 1.7;
    const counts = new Float64Array(16);
    walks.sweep(Array.from({ length: 50 }, () => temperature));
    for (let round = 0; round < 4000; round++) {
      walks.sweep([temperature, temperature, temperature]);
      for (let lane = 0; lane < REPLICAS; lane++) {
        counts[walks.bitsOf(lane).reduce((code, bit, i) => code + (bit << i), 0)]!++;
      }
    }
    const shares = Array.from(counts, (_, code) =>
      Math.exp(-energyOf(problem, bitsOf(code, 4)) / temperature),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    const distance =
      shares.reduce((sum, share, code) => sum + Math.abs(share / total - counts[code]! / 64_000), 0) / 2;
    // 64,000 draws without any memory would come within 0.01; the walks remember a little.
    expect(distance).toBeLessThan(0.015);
  });

  it('begin at random, and differ from lane to lane', () => {
    const { qubo } = randomQubos(1, 40)[0]!;
    const walks = replicas(qubo, { seed: 1, lay: layOut });
    const texts = Array.from({ length: REPLICAS }, (_, lane) => walks.bitsOf(lane).join(''));
    expect(new Set(texts).size).toBe(REPLICAS);
    walks.copy(Array.from({ length: REPLICAS }, () => 6));
    for (let lane = 0; lane < REPLICAS; lane++) expect(walks.bitsOf(lane).join('')).toBe(texts[6]);
    walks.sweep([9, 9]);
    expect(
      new Set(Array.from({ length: REPLICAS }, (_, lane) => walks.bitsOf(lane).join(''))).size,
    ).toBeGreaterThan(9);
  });
});

describe('annealing', () => {
  it('gives the same answer where there are no kernels', () => {
    for (const { qubo } of randomQubos(3, 30)) {
      const ask = { seed: 5, flips: 200_000 };
      expect(annealingIn(layOutInScript).solve(qubo, ask)).toEqual(annealing.solve(qubo, ask));
    }
  });

  it('walks alone where numbers are broken', () => {
    const couplings = [
      { i: 0, j: 1, weight: 0.1 },
      { i: 1, j: 2, weight: -0.25 },
    ];
    const problem = quboOf({ n: 3, linear: [-0.3, 0.1, 0.05], couplings });
    const least = Math.min(...Array.from({ length: 8 }, (_, code) => energyOf(problem, bitsOf(code, 3))));
    expect(annealing.solve(problem, { seed: 1, flips: 100_000 }).energy).toBe(least);
  });
});
