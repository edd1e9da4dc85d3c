import { describe, expect, it } from 'vitest';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf, shuffle } from '../../pipelines/maths/random.ts';
import { energyOfSpins, isingOf, isSymmetric, quboOfIsing } from '../../pipelines/solvers/ising.ts';
import { bitsOfHalves, cutFormOf, cutOf, quboOfCut } from '../../pipelines/solvers/max-cut.ts';
import { brokenBy, maxSatOf, quboOfMaxSat, type Clause } from '../../pipelines/solvers/max-sat.ts';
import { boundsOf, couplingsOf, energyOf, fieldsOf, hashOf, quboOf } from '../../pipelines/solvers/qubo.ts';
import { bitsOf, everyAnswer, randomQubos, valueAt } from './problems.ts';

const FEW = randomQubos(12, 7);

describe('a quadratic function of bits', () => {
  it('has the value of its terms at every assignment, and stays within its bounds', () => {
    for (const { dense, qubo } of FEW) {
      const { low, high } = boundsOf(qubo);
      for (const bits of everyAnswer(dense.n)) {
        const value = valueAt(dense, bits);
        expect(energyOf(qubo, bits)).toBe(value);
        expect(low <= value && value <= high).toBe(true);
      }
    }
  });

  it('has fields that tell what one flip changes', () => {
    const { dense, qubo } = FEW[5]!;
    const bits = bitsOf(0b1011001, 7);
    fieldsOf(qubo, bits).forEach((field, i) => {
      const [zero, one] = [bits.slice(), bits.slice()];
      zero[i] = 0;
      one[i] = 1;
      expect(field).toBe(valueAt(dense, one) - valueAt(dense, zero));
    });
  });

  it('has one hash for the same function, whatever the order and the splitting of its terms', () => {
    const { dense, qubo } = FEW[11]!;
    const split = dense.couplings.flatMap(({ i, j, weight }) => [
      { i: j, j: i, weight: weight - 0.5 },
      { i, j, weight: 0.5 },
    ]);
    const terms = [...split, ...dense.linear.map((weight, i) => ({ i, j: i, weight }))];
    shuffle(terms, randomOf(3));
    const other = quboOf({ n: dense.n, offset: dense.offset, couplings: terms });
    expect(hashOf(other)).toBe(hashOf(qubo));
    expect(couplingsOf(other)).toEqual(dense.couplings.filter(({ weight }) => weight !== 0));
    expect(hashOf(quboOf({ ...dense, offset: dense.offset + 1 }))).not.toBe(hashOf(qubo));
    expect(hashOf(quboOf({ ...dense, n: dense.n + 1 }))).not.toBe(hashOf(qubo));
  });

  it('is the same sum whatever the order of terms that do not add up exactly', () => {
    const weights = [0.1, 0.2, 0.3, 1e16, -1e16];
    const couplings = weights.map((weight) => ({ i: 0, j: 1, weight }));
    expect(hashOf(quboOf({ n: 2, couplings: couplings.toReversed() }))).toBe(
      hashOf(quboOf({ n: 2, couplings })),
    );
  });

  it('may have no variable at all', () => {
    expect(energyOf(quboOf({ n: 0, offset: 3, couplings: [] }), new Uint8Array(0))).toBe(3);
  });

  it.each([
    ['a weight that is no number', { n: 2, couplings: [{ i: 0, j: 1, weight: Number.NaN }] }],
    ['an infinite weight', { n: 2, couplings: [{ i: 0, j: 1, weight: Infinity }] }],
    [
      'weights that overflow together',
      { n: 2, couplings: [1e308, 1e308].map((weight) => ({ i: 0, j: 1, weight })) },
    ],
    ['an infinite offset', { n: 1, offset: -Infinity, couplings: [] }],
    ['a linear coefficient that is no number', { n: 1, linear: [Number.NaN], couplings: [] }],
    ['a variable that does not exist', { n: 2, couplings: [{ i: 0, j: 2, weight: 1 }] }],
    ['a negative count', { n: -1, couplings: [] }],
    ['too many variables', { n: 2 ** 21, couplings: [] }],
  ])('is refused with %s', (_, terms) => {
    expect(() => quboOf(terms)).toThrowFault(problemUnfit);
  });

  it('wants as many bits as variables', () => {
    expect(() => energyOf(FEW[0]!.qubo, new Uint8Array(3))).toThrow(RangeError);
  });
});

describe('spins', () => {
  it('have the same value as bits, there and back, exactly', () => {
    for (const { dense, qubo } of FEW) {
      const ising = isingOf(qubo);
      for (const bits of everyAnswer(dense.n)) expect(energyOfSpins(ising, bits)).toBe(valueAt(dense, bits));
      expect(hashOf(quboOfIsing(ising))).toBe(hashOf(qubo));
    }
  });

  it('are symmetric without fields, as cuts are', () => {
    const edges = [{ i: 0, j: 1, weight: 3 }];
    expect(isSymmetric(isingOf(quboOfCut({ n: 2, edges })))).toBe(true);
    expect(isSymmetric(isingOf(FEW[0]!.qubo))).toBe(false);
  });

  it('refuse a coupling of a spin that does not exist', () => {
    const ising = { n: 1, offset: 0, fields: new Float64Array(1), couplings: [{ i: 0, j: 1, weight: 1 }] };
    expect(() => quboOfIsing(ising)).toThrowFault(problemUnfit);
  });
});

describe('cuts', () => {
  it('are the value of their function with the sign turned, with several edges of a pair and loops', () => {
    const random = randomOf(4);
    const edges = Array.from({ length: 20 }, () => ({
      i: random.nextBelow(6),
      j: random.nextBelow(6),
      weight: random.nextBelow(9) - 4,
    }));
    const qubo = quboOfCut({ n: 6, edges });
    for (const bits of everyAnswer(6)) {
      const cut = edges.reduce((sum, { i, j, weight }) => sum + weight * Math.abs(bits[i]! - bits[j]!), 0);
      expect(cutOf({ n: 6, edges }, bits)).toBe(cut);
      expect(energyOf(qubo, bits)).toBe(0 - cut);
    }
  });

  it('tell the values of any function, with one vertex more, from both of its halves', () => {
    for (const { dense, qubo } of FEW) {
      const form = cutFormOf(qubo);
      for (const halves of everyAnswer(dense.n + 1)) {
        const value = form.constant - cutOf(form.graph, halves);
        expect(value).toBe(valueAt(dense, bitsOfHalves(form, halves)));
      }
    }
  });
});

/** By the definition, clause by clause. */
function costOf(clauses: readonly Clause[], bits: ArrayLike<number>, hard: number): number {
  const broken = clauses.filter(({ literals }) =>
    literals.every((literal) => (literal > 0 ? bits[literal - 1] === 0 : bits[-literal - 1] === 1)),
  );
  return broken.reduce((sum, { weight }) => sum + (weight ?? hard), 0);
}

describe('weighted maximum satisfiability', () => {
  it('costs what is broken, for every assignment and the best auxiliary bits, with clauses of up to 5', () => {
    const random = randomOf(9);
    for (let round = 0; round < 12; round++) {
      const clauses = Array.from({ length: 4 }, (_, at): Clause => {
        const literals = Array.from(
          { length: random.nextBelow(round < 10 ? 4 : 6) },
          () => (1 + random.nextBelow(5)) * (random.nextBelow(2) === 0 ? -1 : 1),
        );
        return { literals, weight: at === 0 ? null : 1 + random.nextBelow(9) };
      });
      const { qubo, variables, hard } = quboOfMaxSat({ variables: 5, clauses, offset: 0 });
      expect(hard).toBeGreaterThan(
        costOf(
          clauses.slice(1).map((c) => ({ ...c, literals: [] })),
          [],
          0,
        ),
      );
      const others = everyAnswer(qubo.n - variables);
      for (const bits of everyAnswer(variables)) {
        const energies = others.map((other) => energyOf(qubo, Uint8Array.of(...bits, ...other)));
        expect(Math.min(...energies)).toBe(costOf(clauses, bits, hard));
        const { cost, hardBroken } = brokenBy({ variables, clauses, offset: 0 }, bits);
        expect(cost + hard * hardBroken).toBe(costOf(clauses, bits, hard));
      }
    }
  });

  it('takes no auxiliary for short clauses, and one for the pair that long ones share', () => {
    const of = (...literals: readonly (readonly number[])[]) =>
      quboOfMaxSat({
        variables: 4,
        offset: 0,
        clauses: literals.map((each) => ({ literals: each, weight: 1 })),
      }).qubo.n;
    expect(of([1, 2], [-3])).toBe(4);
    expect(of([1, 2, 3], [1, 2, 4])).toBe(5);
    expect(of([1, -1, 2, 3])).toBe(4);
  });

  it('writes any function as clauses of one or two literals', () => {
    for (const { dense, qubo } of FEW) {
      const problem = maxSatOf(qubo);
      expect(problem.clauses.every(({ weight }) => weight !== null && weight > 0)).toBe(true);
      for (const bits of everyAnswer(dense.n)) {
        expect(problem.offset + costOf(problem.clauses, bits, 0)).toBe(valueAt(dense, bits));
      }
    }
  });

  it.each([
    ['a literal of no variable', [3], 1],
    ['the literal 0', [0], 1],
    ['a negative weight', [1], -1],
    ['a weight that is no number', [1], Number.NaN],
  ])('refuses %s', (_, literals, weight) => {
    const problem = { variables: 2, clauses: [{ literals, weight }], offset: 0 };
    expect(() => quboOfMaxSat(problem)).toThrowFault(problemUnfit);
  });
});
