import { describe, expect, it } from 'vitest';
import { constraintImpossible, problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  atMostOne,
  decoded,
  exactlyOne,
  penaltyFormOf,
  type Constrained,
  type Constraint,
} from '../../pipelines/solvers/penalties.ts';
import { energyOf, quboOf, type Bits } from '../../pipelines/solvers/qubo.ts';
import { bitsOf, everyAnswer, randomDense, valueAt } from './problems.ts';

function meets(constraints: readonly Constraint[], bits: Bits): boolean {
  return constraints.every(({ terms, relation, bound }) => {
    const sum = terms.reduce((all, { variable, coefficient }) => all + coefficient * bits[variable]!, 0);
    return relation === 'equals' ? sum === bound : sum <= bound;
  });
}

const CONSTRAINTS: Readonly<Record<string, readonly Constraint[]>> = {
  'exactly one of each row': [exactlyOne([0, 1, 2]), exactlyOne([3, 4, 5])],
  'at most one': [atMostOne([0, 1, 2, 3, 4, 5])],
  'a capacity': [
    {
      terms: [3, 5, 2, 4, 1, 6].map((coefficient, variable) => ({ variable, coefficient })),
      relation: 'at-most',
      bound: 9,
    },
  ],
  'a lower bound, as negative coefficients': [
    { terms: [0, 1, 2].map((variable) => ({ variable, coefficient: -2 })), relation: 'at-most', bound: -3 },
  ],
  'one that implies two others': [
    {
      terms: [
        { variable: 0, coefficient: 1 },
        { variable: 1, coefficient: -1 },
      ],
      relation: 'at-most',
      bound: 0,
    },
    {
      terms: [
        { variable: 2, coefficient: -1 },
        { variable: 0, coefficient: 1 },
      ],
      relation: 'at-most',
      bound: 0,
    },
  ],
  'a bound that is always kept': [
    { terms: [{ variable: 0, coefficient: 1 }], relation: 'at-most', bound: 4 },
  ],
};

describe.each(Object.entries(CONSTRAINTS))('a penalty for %s', (_, constraints) => {
  it('puts everything that breaks it above everything that meets it, and leaves the latter as they are', () => {
    const random = randomOf(17);
    for (let round = 0; round < 4; round++) {
      const dense = randomDense(6, { density: 0.7, random });
      const { qubo } = penaltyFormOf({ objective: quboOf(dense), constraints });
      const slacks = everyAnswer(qubo.n - 6);
      let [worstMeeting, bestBreaking] = [-Infinity, Infinity];
      for (const bits of everyAnswer(6)) {
        const least = Math.min(...slacks.map((slack) => energyOf(qubo, Uint8Array.of(...bits, ...slack))));
        if (meets(constraints, bits)) {
          expect(least).toBe(valueAt(dense, bits));
          worstMeeting = Math.max(worstMeeting, least);
        } else bestBreaking = Math.min(bestBreaking, least);
      }
      expect(bestBreaking).toBeGreaterThan(worstMeeting);
    }
  });

  it('decodes every answer into one that meets it, and leaves a best one alone', () => {
    const dense = randomDense(6, { density: 0.7, random: randomOf(18) });
    const form = penaltyFormOf({ objective: quboOf(dense), constraints });
    const best = Math.min(
      ...everyAnswer(6)
        .filter((bits) => meets(constraints, bits))
        .map((bits) => valueAt(dense, bits)),
    );
    for (const bits of everyAnswer(6)) {
      const answer = Uint8Array.of(...bits, ...new Uint8Array(form.qubo.n - 6));
      const found = decoded(form, answer);
      expect(found.feasible).toBe(true);
      expect(meets(constraints, found.bits)).toBe(true);
      if (meets(constraints, bits) && valueAt(dense, bits) === best) expect(found.repaired).toBe(false);
      if (meets(constraints, bits)) {
        expect(valueAt(dense, found.bits)).toBeLessThanOrEqual(valueAt(dense, bits));
      }
    }
  });
});

describe('constraints', () => {
  const objective = quboOf({ n: 2, couplings: [] });
  const both: Constrained = {
    objective,
    constraints: [
      exactlyOne([0]),
      { terms: [{ variable: 0, coefficient: 1 }], relation: 'equals', bound: 0 },
    ],
  };

  it('that contradict each other leave no feasible answer', () => {
    expect(decoded(penaltyFormOf(both), bitsOf(0, 2)).feasible).toBe(false);
  });

  it.each([
    ['equals', 3],
    ['at-most', -1],
  ] as const)('that cannot be met alone are refused: %s %i', (relation, bound) => {
    const terms = [0, 1].map((variable) => ({ variable, coefficient: 1 }));
    expect(() => penaltyFormOf({ objective, constraints: [{ terms, relation, bound }] })).toThrowFault(
      constraintImpossible,
    );
  });

  it.each([
    ['a coefficient that is no integer', 0, 0.5, 1],
    ['a bound that is no integer', 0, 1, 0.5],
    ['a variable that does not exist', 2, 1, 1],
  ])('with %s are refused', (_, variable, coefficient, bound) => {
    const constraint = { terms: [{ variable, coefficient }], relation: 'at-most', bound } as const;
    expect(() => penaltyFormOf({ objective, constraints: [constraint] })).toThrowFault(problemUnfit);
  });

  it('on an objective without finite bounds are refused, since no penalty would be large enough', () => {
    const huge = quboOf({ n: 2, linear: [1.7e308, 1.7e308], couplings: [] });
    expect(() => penaltyFormOf({ objective: huge, constraints: [exactlyOne([0, 1])] })).toThrowFault(
      problemUnfit,
    );
  });
});
