import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenChecks, type Check, type Checklist } from '../../pipelines/choices/checks.ts';
import { problemUnfit } from '../../pipelines/faults.ts';
import { bitsOf } from '../solvers/problems.ts';

const ASK = { seed: 1, flips: 1_000_000 };
const TASKS = ['a', 'b', 'c', 'd'];

function listsOf(costs: fc.Arbitrary<number>, budget: fc.Arbitrary<number>): fc.Arbitrary<Checklist> {
  const check = fc.record({
    value: fc.nat({ max: 30 }),
    needs: fc.uniqueArray(fc.constantFrom(...TASKS), { maxLength: 3 }),
    required: fc.nat({ max: 4 }).map((one) => one === 0),
  });
  return fc.record({
    checks: fc
      .array(check, { minLength: 1, maxLength: 6 })
      .map((all) => all.map((one, at): Check => ({ ...one, name: `check ${at}` }))),
    costs: fc
      .tuple(costs, costs, costs, costs)
      .map((all) => new Map(TASKS.map((task, at) => [task, all[at]!]))),
    budget,
  });
}

interface Way {
  readonly value: number;
  readonly cost: number;
}

/** Every subset that has the required checks, by the definition. */
function everyWay({ checks, costs }: Checklist): readonly Way[] {
  return Array.from({ length: 2 ** checks.length }, (_, code) => bitsOf(code, checks.length))
    .map((bits) => checks.filter((_, i) => bits[i] === 1))
    .filter((some) => checks.every((check) => !check.required || some.includes(check)))
    .map((some) => ({
      value: some.reduce((sum, { value }) => sum + value, 0),
      cost: [...new Set(some.flatMap(({ needs }) => needs))].reduce(
        (sum, task) => sum + (costs.get(task) ?? 0),
        0,
      ),
    }));
}

function valueOf({ checks }: Checklist, names: readonly string[]): number {
  return checks.reduce((sum, { name, value }) => sum + (names.includes(name) ? value : 0), 0);
}

describe('checks under a budget', () => {
  it('are worth as much as the best of all choices that fit', () => {
    fc.assert(
      fc.property(listsOf(fc.nat({ max: 20 }), fc.nat({ max: 40 })), (list) => {
        const { chosen, cost, proven } = chosenChecks(list, ASK);
        const fitting = everyWay(list).filter((way) => way.cost <= list.budget);
        if (fitting.length === 0) return;
        expect(proven).toBe(true);
        expect(cost).toBeLessThanOrEqual(list.budget);
        expect(valueOf(list, chosen)).toBe(Math.max(...fitting.map(({ value }) => value)));
      }),
      { numRuns: 200 },
    );
  });

  it('never leave out a required one, nor one that costs nothing more', () => {
    fc.assert(
      fc.property(listsOf(fc.nat({ max: 20 }), fc.integer({ min: -5, max: 10 })), (list) => {
        const { chosen, leftOut } = chosenChecks(list, ASK);
        const { checks, costs } = list;
        const done = new Set(
          checks.filter(({ name }) => chosen.includes(name)).flatMap(({ needs }) => needs),
        );
        for (const { name, required, needs } of checks) {
          if (required) expect(chosen).toContain(name);
          if (leftOut.includes(name)) {
            expect(needs.some((task) => !done.has(task) && (costs.get(task) ?? 0) > 0)).toBe(true);
          }
        }
        expect([...chosen, ...leftOut].sort()).toEqual(checks.map(({ name }) => name).sort());
      }),
      { numRuns: 200 },
    );
  });

  it('stay within a budget of milliseconds, and near the best of all choices', () => {
    const ms = fc.integer({ min: 1, max: 3_000_000 });
    fc.assert(
      fc.property(listsOf(ms, ms), (list) => {
        const { chosen, cost } = chosenChecks(list, ASK);
        // Each task is rounded up to a thousandth of the budget at most.
        const sure = everyWay(list).filter((way) => way.cost <= list.budget * (1 - 5 / 1000));
        if (sure.length === 0) return;
        expect(cost).toBeLessThanOrEqual(list.budget);
        expect(valueOf(list, chosen)).toBeGreaterThanOrEqual(Math.max(...sure.map(({ value }) => value)));
      }),
      { numRuns: 60 },
    );
  });

  it('fit where there are too many to search whole', () => {
    const checks = Array.from({ length: 60 }, (_, i) => ({
      name: `${i}`,
      value: 1 + ((i * 37) % 23),
      needs: [`${i % 30}`, `${(i * 7) % 30}`],
      required: i === 3,
    }));
    const costs = new Map(Array.from({ length: 30 }, (_, i) => [`${i}`, 5 + ((i * 11) % 17)]));
    const list = { checks, costs, budget: 150 };
    const { chosen, cost, proven } = chosenChecks(list, ASK);
    expect(proven).toBe(false);
    expect(chosen).toContain('3');
    expect(cost).toBeLessThanOrEqual(150);
    expect(valueOf(list, chosen)).toBeGreaterThan(0);
  });

  it('refuse a value that is no number', () => {
    const check = { name: 'x', value: Number.NaN, needs: ['a'], required: false };
    expect(() => chosenChecks({ checks: [check], costs: new Map([['a', 5]]), budget: 1 }, ASK)).toThrowFault(
      problemUnfit,
    );
  });
});
