/** Constraints as penalties whose size is proven, and answers decoded back to what the constraints allow. */
import { constraintImpossible, problemUnfit } from '../faults.ts';
import { boundsOf, couplingsOf, quboOf, type Bits, type Coupling, type Qubo } from './qubo.ts';
import { repaired } from './repair.ts';

export interface Term {
  readonly variable: number;
  /** An integer, so that a broken constraint is broken by 1 at least. */
  readonly coefficient: number;
}

/** Σ coefficient·x equals the bound, or is at most it. */
export interface Constraint {
  readonly terms: readonly Term[];
  readonly relation: 'equals' | 'at-most';
  readonly bound: number;
}

export interface Constrained {
  readonly objective: Qubo;
  readonly constraints: readonly Constraint[];
}

export interface PenaltyForm {
  readonly problem: Constrained;
  /** Over the variables of the objective, then the slack bits. */
  readonly qubo: Qubo;
  /** What breaking a constraint by 1 costs at least. */
  readonly penalty: number;
}

export interface Decoded {
  /** Of the objective's variables alone. */
  readonly bits: Bits;
  /** Whether they meet every constraint, after repair. */
  readonly feasible: boolean;
  /** Whether they had to be changed to meet them. */
  readonly repaired: boolean;
}

/**
 * Exactly one of the variables.
 *
 * @param variables  at least one
 * @returns          Σ x = 1
 * @throws           never
 * @cost             their number
 * @source           the definition
 */
export function exactlyOne(variables: readonly number[]): Constraint {
  return { terms: variables.map(unit), relation: 'equals', bound: 1 };
}

/**
 * At most one of the variables.
 *
 * @param variables  any number
 * @returns          Σ x ≤ 1
 * @throws           never
 * @cost             their number
 * @source           the definition
 */
export function atMostOne(variables: readonly number[]): Constraint {
  return { terms: variables.map(unit), relation: 'at-most', bound: 1 };
}

function unit(variable: number): Term {
  return { variable, coefficient: 1 };
}

/**
 * E(x, s) = objective(x) + P·Σ (Σ a·x + slack(s) − bound)², with P = 1 + high − low of the objective. Coefficients are
 * integers, so a broken constraint adds P at least: E ≥ low + P = high + 1, more than any x that meets them all. The
 * slack of an inequality runs from 0 to exactly bound − min Σ a·x; at most one of several takes Σ xᵢ·xⱼ and none, and
 * x ≤ y takes x·(1 − y) and none.
 *
 * @param problem  integer coefficients and bounds; variables of the objective
 * @returns        a function whose smallest value is the objective's best over what meets all constraints, if
 *                 anything does
 * @throws         problemUnfit for a coefficient that is no integer, a variable that does not exist or an objective
 *                 without finite bounds; constraintImpossible when a constraint alone cannot be met
 * @cost           t² terms and log₂ of the slack's range bits for a constraint of t terms
 * @source         F. Glover, G. Kochenberger, Y. Du, "Quantum bridge analytics I", 4OR 17 (2019), §3 and §4
 */
export function penaltyFormOf(problem: Constrained): PenaltyForm {
  const { objective, constraints } = problem;
  const { low, high } = boundsOf(objective);
  const penalty = high - low + 1;
  if (!Number.isFinite(penalty)) {
    throw problemUnfit({ wanted: 'an objective with finite bounds', found: `${low} to ${high}` });
  }
  const couplings: Coupling[] = [...couplingsOf(objective)];
  let [n, offset] = [objective.n, objective.offset];
  constraints.forEach((constraint, index) => {
    checkTerms(constraint, objective.n);
    const range = reachOf(constraint, index);
    if (constraint.relation === 'at-most' && range.high <= constraint.bound) return;
    if (isAtMostOne(constraint)) {
      for (const coupling of productsOf(constraint.terms, penalty)) couplings.push(coupling);
      return;
    }
    const implied = impliedBy(constraint);
    if (implied !== null) {
      const [i, j] = implied;
      couplings.push({ i, j: i, weight: penalty }, { i, j, weight: -penalty });
      return;
    }
    const slack = constraint.relation === 'equals' ? [] : slackSizes(constraint.bound - range.low);
    const slackTerms = slack.map((coefficient, k) => ({ variable: n + k, coefficient }));
    const square = squareOf([...constraint.terms, ...slackTerms], constraint.bound, penalty);
    for (const coupling of square) couplings.push(coupling);
    offset += penalty * constraint.bound ** 2;
    n += slack.length;
  });
  return { problem, qubo: quboOf({ n, offset, linear: objective.linear, couplings }), penalty };
}

function checkTerms({ terms, bound }: Constraint, n: number): void {
  if (!Number.isSafeInteger(bound)) {
    throw problemUnfit({ wanted: 'constraints with integer bounds', found: String(bound) });
  }
  for (const { variable, coefficient } of terms) {
    if (!Number.isSafeInteger(coefficient)) {
      throw problemUnfit({ wanted: 'constraints with integer coefficients', found: String(coefficient) });
    }
    if (!Number.isInteger(variable) || variable < 0 || variable >= n) {
      throw problemUnfit({ wanted: `constraints on variables 0 to ${n - 1}`, found: String(variable) });
    }
  }
}

function reachOf({ terms, relation, bound }: Constraint, index: number): { low: number; high: number } {
  let [low, high] = [0, 0];
  for (const { coefficient } of terms) {
    low += Math.min(0, coefficient);
    high += Math.max(0, coefficient);
  }
  if (low > bound || (relation === 'equals' && high < bound)) {
    const wanted = `${relation === 'equals' ? 'exactly' : 'at most'} ${bound}`;
    throw constraintImpossible({ constraint: index + 1, wanted, low, high });
  }
  return { low, high };
}

function isAtMostOne({ terms, relation, bound }: Constraint): boolean {
  const distinct = new Set(terms.map(({ variable }) => variable)).size === terms.length;
  return relation === 'at-most' && bound === 1 && distinct && terms.every((term) => term.coefficient === 1);
}

/** x − y ≤ 0, as P·x·(1 − y), takes no slack either; null for any other. */
function impliedBy({ terms, relation, bound }: Constraint): readonly [number, number] | null {
  const [x, y] = terms.toSorted((a, b) => b.coefficient - a.coefficient);
  if (x === undefined || y === undefined || terms.length !== 2 || x.variable === y.variable) return null;
  const isImplication = relation === 'at-most' && bound === 0 && x.coefficient === 1 && y.coefficient === -1;
  return isImplication ? [x.variable, y.variable] : null;
}

/** P·Σ xᵢ·xⱼ: 0 for at most one, else P at least. */
function productsOf(terms: readonly Term[], penalty: number): readonly Coupling[] {
  return terms.flatMap((a, at) =>
    terms.slice(at + 1).map((b) => ({ i: a.variable, j: b.variable, weight: penalty })),
  );
}

/** Sizes whose subset sums are exactly 0 … range: powers of two, the last one cut down. */
function slackSizes(range: number): readonly number[] {
  const sizes: number[] = [];
  for (let left = range, size = 1; left > 0; size *= 2) {
    sizes.push(Math.min(size, left));
    left -= Math.min(size, left);
  }
  return sizes;
}

/** P·((Σ a·x)² − 2·bound·Σ a·x); the constant P·bound² is left to the caller. */
function squareOf(terms: readonly Term[], bound: number, penalty: number): readonly Coupling[] {
  return terms.flatMap((a, at) => [
    { i: a.variable, j: a.variable, weight: penalty * a.coefficient * (a.coefficient - 2 * bound) },
    ...terms.slice(at + 1).map((b) => ({
      i: a.variable,
      j: b.variable,
      weight: 2 * penalty * a.coefficient * b.coefficient,
    })),
  ]);
}

/**
 * The objective's bits of an answer. Those that break a constraint are repaired: flips of one or two bits that lessen
 * by how much the constraints are broken, the cheapest of the most helpful first; then flips that lessen the objective
 * and break nothing.
 *
 * @param form    as `penaltyFormOf` made it
 * @param answer  a bit for every variable of its function
 * @returns       bits that meet every constraint, or `feasible: false` where the repair got stuck
 * @throws        never
 * @cost          n²·c for every flip, with c constraints
 * @source        steepest descent on Σ |Σ a·x − bound|
 */
export function decoded({ problem }: PenaltyForm, answer: Bits): Decoded {
  const before = answer.slice(0, problem.objective.n);
  const { bits, feasible } = repaired(problem, before);
  return { bits, feasible, repaired: bits.some((bit, i) => bit !== before[i]) };
}
