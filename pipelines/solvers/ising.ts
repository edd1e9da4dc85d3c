/** The same functions over spins: what annealers and quantum machines speak. */
import { couplingsOf, quboOf, type Bits, type Coupling, type Qubo } from './qubo.ts';

/** H(s) = offset + Σᵢ fieldsᵢ·sᵢ + Σ_{i<j} weightᵢⱼ·sᵢ·sⱼ with spins s of +1 and −1; smaller is better. */
export interface Ising {
  readonly n: number;
  readonly offset: number;
  readonly fields: Float64Array;
  /** i < j, ascending, none 0. */
  readonly couplings: readonly Coupling[];
}

/**
 * x = (1 − s)/2: bit 0 is spin +1 and bit 1 is spin −1, as Pauli's Z has it.
 *
 * @param qubo  any
 * @returns     H with H(s) = E(x) for every x; exact while coefficients are integers below 2⁵⁰, since only quarters arise
 * @throws      never
 * @cost        n + m
 * @source      A. Lucas, "Ising formulations of many NP problems", Frontiers in Physics 2 (2014), §1
 */
export function isingOf(qubo: Qubo): Ising {
  const pairs = couplingsOf(qubo);
  const fields = qubo.linear.map((coefficient) => -coefficient / 2 + 0);
  let offset = qubo.offset;
  for (const coefficient of qubo.linear) offset += coefficient / 2;
  for (const { i, j, weight } of pairs) {
    offset += weight / 4;
    fields[i]! -= weight / 4;
    fields[j]! -= weight / 4;
  }
  const couplings = pairs.map(({ i, j, weight }) => ({ i, j, weight: weight / 4 }));
  return { n: qubo.n, offset, fields, couplings };
}

/**
 * s = 1 − 2x, the way back.
 *
 * @param ising  any; couplings in any order
 * @returns      E with E(x) = H(s) for every s
 * @throws       problemUnfit where `quboOf` does
 * @cost         that of `quboOf`
 * @source       as `isingOf`
 */
export function quboOfIsing({ n, offset, fields, couplings }: Ising): Qubo {
  const linear = Float64Array.from({ length: n }, (_, i) => -2 * (fields[i] ?? 0));
  let constant = offset;
  for (const field of fields) constant += field;
  for (const { i, j, weight } of couplings) {
    constant += weight;
    if (i < n) linear[i]! -= 2 * weight;
    if (j < n) linear[j]! -= 2 * weight;
  }
  const products = couplings.map(({ i, j, weight }) => ({ i, j, weight: 4 * weight }));
  return quboOf({ n, offset: constant, linear, couplings: products });
}

/**
 * Whether turning all spins around leaves every value as it is, so that one spin may be fixed.
 *
 * @param ising  any
 * @returns      true when there are no fields
 * @throws       never
 * @cost         n
 * @source       s → −s changes the sign of the fields' terms alone
 */
export function isSymmetric({ fields }: Ising): boolean {
  return fields.every((field) => field === 0);
}

/**
 * H(s) where sᵢ = 1 − 2·bitᵢ.
 *
 * @param ising  any
 * @param bits   n of them
 * @returns      the value
 * @throws       never
 * @cost         n + m
 * @source       the definition
 */
export function energyOfSpins({ offset, fields, couplings }: Ising, bits: Bits): number {
  let energy = offset;
  fields.forEach((field, i) => (energy += bits[i] === 1 ? -field : field));
  for (const { i, j, weight } of couplings) energy += bits[i] === bits[j] ? weight : -weight;
  return energy;
}

/**
 * A bound below every value: offset − Σ|fields| − Σ|weights|. A cut of all edges reaches it.
 *
 * @param ising  any
 * @returns      no more than H(s) for every s
 * @throws       never
 * @cost         n + m
 * @source       each product of spins is −1 or +1
 */
export function floorOf({ offset, fields, couplings }: Ising): number {
  let floor = offset;
  for (const field of fields) floor -= Math.abs(field);
  for (const { weight } of couplings) floor -= Math.abs(weight);
  return floor;
}
