/** Quadratic functions of bits: what every problem of this room becomes, and every solver of it minimizes. */
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { problemUnfit } from '../faults.ts';

/** weight·xᵢ·xⱼ, or weight·xᵢ where both are the same. */
export interface Coupling {
  readonly i: number;
  readonly j: number;
  readonly weight: number;
}

/** E(x) = offset + Σᵢ linearᵢ·xᵢ + Σ_{i<j} weightᵢⱼ·xᵢ·xⱼ with bits x; smaller is better. */
export interface Qubo {
  readonly n: number;
  readonly offset: number;
  readonly linear: Float64Array;
  /** The neighbours of i stand at `starts[i]` to `starts[i + 1]`, ascending; every coupling stands at both its ends. */
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
}

export interface QuboTerms {
  readonly n: number;
  readonly offset?: number;
  readonly linear?: ArrayLike<number>;
  readonly couplings: Iterable<Coupling>;
}

/** One bit a variable, 0 or 1. */
export type Bits = Uint8Array;

/** More would not fit into the memory that a solver may take. */
export const VARIABLES_MOST = 2 ** 20;

/**
 * A function from its terms. Terms of the same pair are added, smallest first, so that their order does not matter;
 * those that add up to 0 are left out; those of i with itself are linear, since x² = x.
 *
 * @param terms  n from 0 to 2²⁰; indices from 0 to n − 1; finite weights
 * @returns      a function whose value equals the sum of the terms for every x
 * @throws       problemUnfit when an index, a count or a coefficient is outside of these
 * @cost         m·log m for m terms
 * @source       the definition
 */
export function quboOf({ n, offset = 0, linear, couplings }: QuboTerms): Qubo {
  if (!Number.isInteger(n) || n < 0 || n > VARIABLES_MOST) {
    throw problemUnfit({ wanted: `0 to ${VARIABLES_MOST} variables`, found: String(n) });
  }
  finite(offset, 'offset');
  const own = new Float64Array(n);
  for (let i = 0; i < n; i++) own[i] = finite(linear?.[i] ?? 0, `coefficient of variable ${i}`);
  const pairs = merged(n, couplings);
  const offDiagonal = pairs.filter(({ i, j, weight }) => {
    if (i === j) own[i] = finite(own[i]! + weight, `coefficient of variable ${i}`);
    return i !== j;
  });
  return { n, offset: offset + 0, linear: own, ...adjacency(n, offDiagonal) };
}

function finite(value: number, what: string): number {
  if (Number.isFinite(value)) return value + 0;
  throw problemUnfit({ wanted: `a finite ${what}`, found: String(value) });
}

function merged(n: number, couplings: Iterable<Coupling>): readonly Coupling[] {
  const ordered: Coupling[] = [];
  for (const { i, j, weight } of couplings) {
    if (!(Number.isInteger(i) && Number.isInteger(j) && Math.min(i, j) >= 0 && Math.max(i, j) < n)) {
      throw problemUnfit({ wanted: `variables 0 to ${n - 1}`, found: `a term of ${i} and ${j}` });
    }
    ordered.push({ i: Math.min(i, j), j: Math.max(i, j), weight: finite(weight, `weight of ${i} and ${j}`) });
  }
  ordered.sort((a, b) => a.i - b.i || a.j - b.j || a.weight - b.weight);
  const sums: { i: number; j: number; weight: number }[] = [];
  for (const term of ordered) {
    const last = sums.at(-1);
    if (last !== undefined && last.i === term.i && last.j === term.j) last.weight += term.weight;
    else sums.push({ ...term });
  }
  for (const { i, j, weight } of sums) finite(weight, `weight of ${i} and ${j}`);
  return sums.filter(({ weight }) => weight !== 0);
}

/** Rows in order come out ascending because the pairs are sorted by their smaller end first. */
function adjacency(n: number, pairs: readonly Coupling[]): Pick<Qubo, 'starts' | 'neighbours' | 'weights'> {
  const starts = new Int32Array(n + 1);
  for (const { i, j } of pairs) {
    starts[i + 1]!++;
    starts[j + 1]!++;
  }
  for (let i = 0; i < n; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const neighbours = new Int32Array(2 * pairs.length);
  const weights = new Float64Array(2 * pairs.length);
  const put = (at: number, other: number, weight: number): void => {
    const place = next[at]!++;
    neighbours[place] = other;
    weights[place] = weight;
  };
  // Smaller neighbours first, then larger ones; each of the two passes is ascending.
  for (const { i, j, weight } of pairs) put(j, i, weight);
  for (const { i, j, weight } of pairs) put(i, j, weight);
  return { starts, neighbours, weights };
}

/**
 * The couplings of a function, each once.
 *
 * @param qubo  any
 * @returns     i < j, ascending by i and then j
 * @throws      never
 * @cost        one pass
 * @source      the definition
 */
export function couplingsOf({ n, starts, neighbours, weights }: Qubo): readonly Coupling[] {
  const found: Coupling[] = [];
  for (let i = 0; i < n; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      if (neighbours[at]! > i) found.push({ i, j: neighbours[at]!, weight: weights[at]! });
    }
  }
  return found;
}

/**
 * E(x).
 *
 * @param qubo  any
 * @param bits  n of them
 * @returns     the value, summed in ascending order; exact while coefficients are integers and sums below 2⁵³
 * @throws      RangeError when there are not n bits: a programmer's error
 * @cost        n + m
 * @source      the definition
 */
export function energyOf({ n, offset, linear, starts, neighbours, weights }: Qubo, bits: Bits): number {
  if (bits.length !== n) throw new RangeError(`${n} variables have ${n} bits, not ${bits.length}`);
  let energy = offset;
  for (let i = 0; i < n; i++) {
    if (bits[i] === 0) continue;
    energy += linear[i]!;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      if (neighbours[at]! > i && bits[neighbours[at]!] === 1) energy += weights[at]!;
    }
  }
  return energy;
}

/**
 * fieldᵢ = linearᵢ + Σⱼ weightᵢⱼ·xⱼ: setting bit i adds it to E, clearing the bit takes it away.
 *
 * @param qubo  any
 * @param bits  n of them
 * @returns     n fields
 * @throws      never
 * @cost        n + 2m
 * @source      the derivative of E by xᵢ
 */
export function fieldsOf({ n, linear, starts, neighbours, weights }: Qubo, bits: Bits): Float64Array {
  const fields = linear.slice();
  for (let i = 0; i < n; i++) {
    if (bits[i] === 0) continue;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += weights[at]!;
  }
  return fields;
}

/**
 * Bounds that every value keeps: offset + Σ min(0, c) ≤ E(x) ≤ offset + Σ max(0, c) over all coefficients c.
 *
 * @param qubo  any
 * @returns     low ≤ high, both reached only in the simplest functions
 * @throws      never
 * @cost        n + m
 * @source      each product of bits is 0 or 1
 */
export function boundsOf(qubo: Qubo): { readonly low: number; readonly high: number } {
  let [low, high] = [qubo.offset, qubo.offset];
  const take = (coefficient: number): void => {
    low += Math.min(0, coefficient);
    high += Math.max(0, coefficient);
  };
  for (const coefficient of qubo.linear) take(coefficient);
  for (const { weight } of couplingsOf(qubo)) take(weight);
  return { low, high };
}

/**
 * A name for the function: two lists of terms that add up to the same coefficients have the same one.
 *
 * @param qubo  any
 * @returns     SHA-256 of the coefficients in ascending order, numbers in their shortest decimal form
 * @throws      never
 * @cost        one pass over the terms as text
 * @source      ECMA-262, Number::toString: the shortest form is unique
 */
export function hashOf(qubo: Qubo): Digest {
  const linear = [...qubo.linear].flatMap((weight, i) => (weight === 0 ? [] : [`${i} ${weight}\n`]));
  const couplings = couplingsOf(qubo).map(({ i, j, weight }) => `${i} ${j} ${weight}\n`);
  return digestOf(`qubo ${qubo.n} ${qubo.offset}\n${linear.join('')}${couplings.join('')}`);
}
