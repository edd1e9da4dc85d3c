/** Weighted maximum satisfiability: clauses to break as little of as can be, as a function of bits and back. */
import { problemUnfit } from '../faults.ts';
import { couplingsOf, quboOf, type Bits, type Coupling, type Qubo } from './qubo.ts';

/** Literals as DIMACS writes them: v for variable v being true, −v for it being false, v from 1. */
export interface Clause {
  readonly literals: readonly number[];
  /** What breaking it costs; null: it must not be broken. */
  readonly weight: number | null;
}

export interface MaxSat {
  readonly variables: number;
  readonly clauses: readonly Clause[];
  /** Added to what the broken clauses cost. */
  readonly offset: number;
}

export interface MaxSatForm {
  readonly qubo: Qubo;
  /** Variables of the problem come first, then auxiliary ones, each the product of two before it. */
  readonly variables: number;
  /** What stands for a clause that must not be broken: more than all others together. */
  readonly hard: number;
}

/** base + sign·x of one variable: 1 where a literal is broken, else 0. */
interface Broken {
  readonly variable: number;
  readonly negated: boolean;
}

interface Building {
  readonly terms: Coupling[];
  readonly auxiliaries: Map<string, number>;
  offset: number;
  n: number;
}

/**
 * E(x) = Σ weight·Π(literal broken). Products of more than two factors take auxiliary variables y = a·b, held by
 * weight·(a·b − 2·a·y − 2·b·y + 3·y), which is 0 when y = a·b and at least the weight otherwise. Since a clause can
 * gain at most its weight by a wrong y, min over y of E(x, y) is what x breaks, for every x. Hard clauses weigh
 * 1 + Σ soft weights: breaking one costs more than all soft ones together.
 *
 * @param problem  weights finite and not negative; literals within ±variables and not 0
 * @returns        a function over the variables and their auxiliaries
 * @throws         problemUnfit when a weight or literal is outside of these
 * @cost           one auxiliary for every literal of a clause beyond the second, fewer where clauses share products
 * @source         I. G. Rosenberg, "Reduction of bivalent maximization to the quadratic case", Cahiers du Centre
 *                 d'Études de Recherche Opérationnelle 17 (1975)
 */
export function quboOfMaxSat({ variables, clauses, offset }: MaxSat): MaxSatForm {
  let soft = 0;
  for (const { weight } of clauses) soft += checkedWeight(weight);
  const hard = soft + 1;
  const building: Building = { terms: [], auxiliaries: new Map(), offset, n: variables };
  for (const { literals, weight } of clauses) {
    const factors = brokenFactors(literals, variables);
    if (factors !== null) addProduct(building, factors, weight ?? hard);
  }
  const qubo = quboOf({ n: building.n, offset: building.offset, couplings: building.terms });
  return { qubo, variables, hard };
}

function checkedWeight(weight: number | null): number {
  if (weight === null) return 0;
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw problemUnfit({ wanted: 'clauses with finite weights that are not negative', found: String(weight) });
}

/** Null for a clause that holds a literal and its opposite, which nothing breaks. */
function brokenFactors(literals: readonly number[], variables: number): readonly Broken[] | null {
  const distinct = new Set(literals);
  for (const literal of distinct) {
    if (!Number.isInteger(literal) || literal === 0 || Math.abs(literal) > variables) {
      throw problemUnfit({ wanted: `literals within ±${variables} that are not 0`, found: String(literal) });
    }
    if (distinct.has(-literal)) return null;
  }
  return [...distinct]
    .sort((a, b) => Math.abs(a) - Math.abs(b))
    .map((literal) => ({ variable: Math.abs(literal) - 1, negated: literal > 0 }));
}

/** Folds the first two factors into an auxiliary until two are left. */
function addProduct(building: Building, factors: readonly Broken[], weight: number): void {
  const [first, second, ...rest] = factors;
  if (first === undefined) building.offset += weight;
  else if (second === undefined) addPair(building, [first, first], weight);
  else if (rest.length === 0) addPair(building, [first, second], weight);
  else addProduct(building, [auxiliaryOf(building, [first, second], weight), ...rest], weight);
}

type Pair = readonly [Broken, Broken];

function auxiliaryOf(building: Building, [a, b]: Pair, weight: number): Broken {
  const key = [a, b].map(({ variable, negated }) => `${negated ? '-' : ''}${variable}`).join();
  const variable = building.auxiliaries.get(key) ?? building.n++;
  building.auxiliaries.set(key, variable);
  const y: Broken = { variable, negated: false };
  addPair(building, [a, b], weight);
  addPair(building, [a, y], -2 * weight);
  addPair(building, [b, y], -2 * weight);
  addPair(building, [y, y], 3 * weight);
  return y;
}

/** weight·a·b, where a negated one is 1 − x. */
function addPair(building: Building, [a, b]: Pair, weight: number): void {
  const [i, j] = [a.variable, b.variable];
  const sign = (a.negated ? -1 : 1) * (b.negated ? -1 : 1);
  if (i === j) {
    if (a.negated) building.offset += weight;
    building.terms.push({ i, j, weight: a.negated ? -weight : weight });
    return;
  }
  if (a.negated && b.negated) building.offset += weight;
  if (a.negated) building.terms.push({ i: j, j, weight: b.negated ? -weight : weight });
  if (b.negated) building.terms.push({ i, j: i, weight: a.negated ? -weight : weight });
  building.terms.push({ i, j, weight: sign * weight });
}

/** What a choice of bits breaks. */
export interface Broke {
  /** Offset and the weights of broken soft clauses. */
  readonly cost: number;
  readonly hardBroken: number;
}

/**
 * What an assignment breaks; bits beyond the variables, such as auxiliary ones, are not looked at.
 *
 * @param problem  any
 * @param bits     at least one a variable
 * @returns        its cost, and how many hard clauses it breaks
 * @throws         never
 * @cost           one pass over the literals
 * @source         the definition
 */
export function brokenBy({ clauses, offset }: MaxSat, bits: Bits): Broke {
  let [cost, hardBroken] = [offset, 0];
  for (const { literals, weight } of clauses) {
    if (literals.some((literal) => (bits[Math.abs(literal) - 1] === 1) === literal > 0)) continue;
    if (weight === null) hardBroken++;
    else cost += weight;
  }
  return { cost, hardBroken };
}

/**
 * Any function as clauses of one or two literals: w·x costs w where (¬x) breaks, −w·x is −w + w where (x) breaks,
 * w·x·y costs w where (¬x ∨ ¬y) breaks, and −w·x·y is −w·x + w where (¬x ∨ y) breaks.
 *
 * @param qubo  any
 * @returns     soft clauses with E(x) = offset + broken weights for every x
 * @throws      never
 * @cost        n + m
 * @source      P. L. Hammer's posiforms: E. Boros, P. L. Hammer, "Pseudo-Boolean optimization", Discrete Applied
 *              Mathematics 123 (2002), §4
 */
export function maxSatOf(qubo: Qubo): MaxSat {
  const linear = qubo.linear.slice();
  const clauses: Clause[] = [];
  for (const { i, j, weight } of couplingsOf(qubo)) {
    if (weight < 0) linear[i]! += weight;
    clauses.push({ literals: [-(i + 1), weight > 0 ? -(j + 1) : j + 1], weight: Math.abs(weight) });
  }
  let offset = qubo.offset;
  linear.forEach((coefficient, i) => {
    offset += Math.min(0, coefficient);
    if (coefficient !== 0) {
      clauses.push({ literals: [coefficient > 0 ? -(i + 1) : i + 1], weight: Math.abs(coefficient) });
    }
  });
  return { variables: qubo.n, clauses, offset };
}
