/** Which checks to run when the time is short: as much value as fits, with everything that each of them needs. */
import { penaltyFormOf, type Constraint } from '../solvers/penalties.ts';
import { quboOf } from '../solvers/qubo.ts';
import type { Ask } from '../solvers/solver.ts';
import { solvedWhole } from '../solvers/whole.ts';

export interface Check {
  readonly name: string;
  /** What running it is worth: an integer from 0. */
  readonly value: number;
  /** Tasks, by name, that must be done for it; several checks may share one. */
  readonly needs: readonly string[];
  /** Never left out, whatever it costs. */
  readonly required: boolean;
}

export interface Checklist {
  readonly checks: readonly Check[];
  /** What each task costs, in any unit, from 0; those that are not named cost nothing. */
  readonly costs: ReadonlyMap<string, number>;
  /** What all tasks together may cost. */
  readonly budget: number;
}

export interface ChosenChecks {
  /** Names, in the order of the checks. */
  readonly chosen: readonly string[];
  readonly leftOut: readonly string[];
  readonly cost: number;
  /** Whether no other choice within the budget is worth more. */
  readonly proven: boolean;
}

/** A larger part is annealed: it would take seconds to search whole. */
const SEARCHED_TO = 22;

/** Costs are told in at most so many units, so that ten bits of slack are enough. */
const UNITS = 1000;

/**
 * Required checks are taken, with what comes free beside them. Of the others, max Σ value·x over x and tasks y with
 * x ≤ y for each task that a check needs and Σ cost·y ≤ what is left, as a QUBO with penalties. Costs are rounded up and
 * the budget down, so that the budget holds; then what still fits is added.
 *
 * @param list  values and costs finite and not negative
 * @param ask   what the search may take, where a search of all choices is not enough
 * @returns     all required checks, and others while their tasks and those of the required ones fit into the budget;
 *              over it where the required ones alone are
 * @throws      problemUnfit for a value or a cost that is no number
 * @cost        2ⁿ to 22 variables: open checks, their tasks, and 10 bits of slack; beyond, `ask.flips`
 * @source      the knapsack problem with precedences; penalties as in `penaltyFormOf`
 */
export function chosenChecks(list: Checklist, ask: Ask): ChosenChecks {
  const { checks, costs, budget } = list;
  const required = checks.filter((check) => check.required);
  const paid = new Set(required.flatMap(({ needs }) => needs));
  const open = checks.filter((check) => !check.required);
  const { kept, proven } = keptWithin(
    { checks: open, costs: unpaid(costs, paid), budget: budget - sumOf(costs, paid) },
    ask,
  );
  const taken = new Set([...required, ...kept]);
  return {
    chosen: checks.filter((check) => taken.has(check)).map(({ name }) => name),
    leftOut: checks.filter((check) => !taken.has(check)).map(({ name }) => name),
    cost: sumOf(costs, tasksOf([...taken])),
    proven,
  };
}

function tasksOf(checks: readonly Check[]): ReadonlySet<string> {
  return new Set(checks.flatMap(({ needs }) => needs));
}

function sumOf(costs: Checklist['costs'], tasks: Iterable<string>): number {
  return [...tasks].reduce((sum, task) => sum + (costs.get(task) ?? 0), 0);
}

function unpaid(costs: Checklist['costs'], paid: ReadonlySet<string>): Checklist['costs'] {
  return new Map([...costs].filter(([task, cost]) => !paid.has(task) && cost > 0));
}

interface Kept {
  readonly kept: readonly Check[];
  readonly proven: boolean;
}

function keptWithin(list: Checklist, ask: Ask): Kept {
  const { checks, costs, budget } = list;
  const total = sumOf(
    costs,
    [...tasksOf(checks)].filter((task) => costs.has(task)),
  );
  if (total <= budget) return { kept: checks, proven: true };
  if (budget < 0) return { kept: checks.filter(({ needs }) => sumOf(costs, needs) === 0), proven: true };
  const form = formOf(list);
  const { qubo } = penaltyFormOf(form.problem);
  const { bits, proof } = solvedWhole(qubo, { ask, searchedTo: SEARCHED_TO });
  const found = checks.filter((_, i) => bits[i] === 1);
  const kept = mended(list, found);
  return { kept, proven: proof !== null && form.exact && worthOf(kept) === worthOf(found) };
}

function worthOf(checks: readonly Check[]): number {
  return checks.reduce((sum, { value }) => sum + value, 0);
}

/** Variables of the checks come first, then those of tasks that cost something. */
function formOf({ checks, costs, budget }: Checklist) {
  const tasks = [...tasksOf(checks)].filter((task) => costs.has(task));
  const whole = [budget, ...tasks.map((task) => costs.get(task) ?? 0)].every(Number.isInteger);
  const unit = whole && budget <= UNITS ? 1 : budget / UNITS;
  const place = new Map(tasks.map((task, at) => [task, checks.length + at]));
  const scaled = (task: string): number => Math.ceil((costs.get(task) ?? 0) / unit);
  const bound = Math.floor(budget / unit);
  const needs = checks.flatMap(({ needs: all }, i): readonly Constraint[] =>
    all.flatMap((task) => {
      const at = place.get(task);
      return at === undefined ? [] : [implies(i, at)];
    }),
  );
  const capacity: Constraint = {
    terms: tasks.map((task) => ({
      variable: place.get(task) ?? 0,
      coefficient: Math.min(scaled(task), bound + 1),
    })),
    relation: 'at-most',
    bound,
  };
  const linear = [...checks.map(({ value }) => -value), ...tasks.map(() => 0)];
  const objective = quboOf({ n: linear.length, linear, couplings: [] });
  return { problem: { objective, constraints: [...needs, capacity] }, exact: unit === 1 };
}

/** x ≤ y. */
function implies(x: number, y: number): Constraint {
  const terms = [
    { variable: x, coefficient: 1 },
    { variable: y, coefficient: -1 },
  ];
  return { terms, relation: 'at-most', bound: 0 };
}

/** Leaves out what is worth least for what it frees until the rest fits; then adds what still does, dearest first. */
function mended({ checks, costs, budget }: Checklist, found: readonly Check[]): readonly Check[] {
  let kept = found;
  const costOf = (some: readonly Check[]): number => sumOf(costs, tasksOf(some));
  while (costOf(kept) > budget) {
    const [least] = kept
      .map((check) => {
        const freed = costOf(kept) - costOf(kept.filter((other) => other !== check));
        return { check, worth: freed === 0 ? Number.POSITIVE_INFINITY : check.value / freed };
      })
      .sort((a, b) => a.worth - b.worth);
    kept = kept.filter((check) => check !== least?.check);
  }
  const left = checks.filter((check) => !kept.includes(check)).sort((a, b) => b.value - a.value);
  for (const check of left) if (costOf([...kept, check]) <= budget) kept = [...kept, check];
  return kept;
}
