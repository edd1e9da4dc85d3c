/** Writes a circuit of QAOA as OpenQASM 3, as Amazon Braket and as IBM Quantum read it. */
import { isingOf } from '../solvers/ising.ts';
import type { Qubo } from '../solvers/qubo.ts';
import type { Angles } from './angles.ts';

/** `braket`: its own gate names and no include; `ibm`: the gates of stdgates.inc, which its transpiler takes. */
export type Dialect = 'braket' | 'ibm';

interface Words {
  readonly head: readonly string[];
  readonly coupled: (angle: number, pair: string) => readonly string[];
}

const WORDS: Readonly<Record<Dialect, Words>> = {
  braket: { head: ['OPENQASM 3.0;'], coupled: (angle, pair) => [`zz(${angle}) ${pair};`] },
  ibm: {
    head: ['OPENQASM 3.0;', 'include "stdgates.inc";'],
    coupled: (angle, pair) => [`cx ${pair};`, `rz(${angle}) ${pair.split(', ')[1]};`, `cx ${pair};`],
  },
};

/**
 * H on every qubit, then for each layer e^(−iγJ·ZZ) = zz(2γJ), e^(−iγh·Z) = rz(2γh) and e^(−iβX) = rx(2β), with J and
 * h of the Ising form; then all qubits are measured into `b`. What only turns the phase of the whole is left out.
 * Qubit i is variable i, and a measured 1 is a bit of 1. Couplings go between any two qubits: a machine whose qubits
 * are not all connected needs its own transpiler.
 *
 * @param problem  at least one variable
 * @param angles   as for `qaoaState`
 * @param dialect  whose words
 * @returns        a program that ends with a line break; numbers in their shortest decimal form
 * @throws         RangeError for a problem without variables: a programmer's error
 * @cost           n + m lines a layer
 * @source         OpenQASM 3.0 specification; Amazon Braket developer guide, supported OpenQASM features
 */
export function openQasm(problem: Qubo, angles: Angles, dialect: Dialect): string {
  const { n, fields, couplings } = isingOf(problem);
  if (n === 0) throw new RangeError('a circuit has at least one qubit');
  const { head, coupled } = WORDS[dialect];
  const each = (line: (qubit: string, i: number) => readonly string[]): readonly string[] =>
    Array.from({ length: n }, (_, i) => line(`q[${i}]`, i)).flat();
  const layers = angles.gammas.flatMap((gamma, k) => [
    ...couplings.flatMap(({ i, j, weight }) => coupled(2 * gamma * weight, `q[${i}], q[${j}]`)),
    ...each((qubit, i) => (fields[i] === 0 ? [] : [`rz(${2 * gamma * fields[i]!}) ${qubit};`])),
    ...each((qubit) => [`rx(${2 * (angles.betas[k] ?? 0)}) ${qubit};`]),
  ]);
  const lines = [
    ...head,
    `qubit[${n}] q;`,
    `bit[${n}] b;`,
    ...each((qubit) => [`h ${qubit};`]),
    ...layers,
    ...each((qubit, i) => [`b[${i}] = measure ${qubit};`]),
  ];
  return `${lines.join('\n')}\n`;
}
