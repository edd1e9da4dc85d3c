/** Random problems, and the slowest way to the truth about them: every assignment, by the definition. */
import { randomOf, type Random } from '../../pipelines/maths/random.ts';
import { quboOf, type Bits, type Coupling, type Qubo } from '../../pipelines/solvers/qubo.ts';

export interface Dense {
  readonly n: number;
  readonly offset: number;
  readonly linear: readonly number[];
  readonly couplings: readonly Coupling[];
}

/** Integer coefficients from −9 to 9; about the share `density` of all pairs are coupled. */
export function randomDense(n: number, { density, random }: { density: number; random: Random }): Dense {
  const whole = () => random.nextBelow(19) - 9;
  const couplings: Coupling[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (random.nextFloat() < density) couplings.push({ i, j, weight: whole() });
    }
  }
  return { n, offset: whole(), linear: Array.from({ length: n }, whole), couplings };
}

export function valueAt({ offset, linear, couplings }: Dense, bits: ArrayLike<number>): number {
  const own = linear.reduce((sum, weight, i) => sum + weight * (bits[i] ?? 0), offset);
  return couplings.reduce((sum, { i, j, weight }) => sum + weight * (bits[i] ?? 0) * (bits[j] ?? 0), own);
}

export function bitsOf(code: number, n: number): Bits {
  return Uint8Array.from({ length: n }, (_, i) => (code >>> i) & 1);
}

export function everyAnswer(n: number): readonly Bits[] {
  return Array.from({ length: 2 ** n }, (_, code) => bitsOf(code, n));
}

/** The smallest value there is, from all 2ⁿ. */
export function smallest(dense: Dense): number {
  return Math.min(...everyAnswer(dense.n).map((bits) => valueAt(dense, bits)));
}

/** From dense to sparse. */
export function randomQubos(count: number, n: number): readonly { dense: Dense; qubo: Qubo }[] {
  const random = randomOf(count * 1000 + n);
  return Array.from({ length: count }, (_, at) => {
    const dense = randomDense(n, { density: 1 - (0.8 * at) / count, random });
    return { dense, qubo: quboOf(dense) };
  });
}
