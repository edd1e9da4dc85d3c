import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { couplingsOf, energyOf, quboOf, type Bits, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { reduced } from '../../pipelines/solvers/reduce.ts';
import { everyAnswer, randomDense, smallest, valueAt } from './problems.ts';

function bestOf(qubo: Qubo): Bits {
  const all = everyAnswer(qubo.n);
  return all.reduce((best, bits) => (energyOf(qubo, bits) < energyOf(qubo, best) ? bits : best));
}

describe('reducing a problem', () => {
  it('keeps its smallest value and finds bits that have it, dense or sparse', () => {
    const random = randomOf(21);
    for (let round = 0; round < 150; round++) {
      const dense = randomDense(1 + random.nextBelow(9), { density: random.nextFloat(), random });
      const { offset, parts, lift, forced, folded } = reduced(quboOf(dense));
      const answers = parts.map(({ qubo }) => bestOf(qubo));
      const sum = parts.reduce((all, { qubo }, at) => all + energyOf(qubo, answers[at]!), offset);
      expect(sum).toBe(smallest(dense));
      expect(valueAt(dense, lift(answers))).toBe(sum);
      expect(forced + folded + parts.reduce((all, { qubo }) => all + qubo.n, 0)).toBe(dense.n);
    }
  });

  it('solves trees and rings alone', () => {
    const random = randomOf(22);
    const whole = () => random.nextBelow(19) - 9;
    const tree = Array.from({ length: 11 }, (_, i) => ({
      i: i + 1,
      j: random.nextBelow(i + 1),
      weight: whole(),
    }));
    const ring = Array.from({ length: 12 }, (_, i) => ({ i, j: (i + 1) % 12, weight: whole() }));
    for (const couplings of [tree, ring]) {
      const dense = { n: 12, offset: 0, linear: Array.from({ length: 12 }, whole), couplings };
      const { parts, offset, lift } = reduced(quboOf(dense));
      expect(parts).toEqual([]);
      expect(offset).toBe(smallest(dense));
      expect(valueAt(dense, lift([]))).toBe(offset);
    }
  });

  it('splits what is not connected, the largest first, and leaves what has no forced bit', () => {
    const clique = (first: number, size: number) =>
      Array.from({ length: size * size }, (_, at) => ({
        i: first + Math.floor(at / size),
        j: first + (at % size),
        weight: 4,
      })).filter(({ i, j }) => i < j);
    const couplings = [...clique(0, 4), ...clique(4, 5)];
    const qubo = quboOf({ n: 9, linear: new Float64Array(9).fill(-6), couplings });
    const { parts } = reduced(qubo);
    expect(parts.map(({ variables }) => [...variables])).toEqual([
      [4, 5, 6, 7, 8],
      [0, 1, 2, 3],
    ]);
    expect(parts.map((part) => couplingsOf(part.qubo).length)).toEqual([10, 6]);
  });

  it('does nothing to a problem without variables', () => {
    const { parts, offset, lift } = reduced(quboOf({ n: 0, offset: -2, couplings: [] }));
    expect([parts.length, offset, lift([]).length]).toEqual([0, -2, 0]);
  });
});
