/** Writes circuits as OpenQASM 3, as Amazon Braket and as IBM Quantum read it. */
import type { Qubo } from '../solvers/qubo.ts';
import type { Angles } from './angles.ts';
import { qaoaCircuit, type Circuit, type Gate } from './circuit.ts';

/** `braket`: its own gate names and no include; `ibm`: the gates of stdgates.inc, which its transpiler takes. */
export type Dialect = 'braket' | 'ibm';

interface Words {
  readonly head: readonly string[];
  /** null: qubits of the machine itself, which nobody declares. */
  readonly register: 'q' | null;
  readonly bits: string;
  readonly coupled: (angle: number, pair: readonly [string, string]) => readonly string[];
}

const STANDARD = ['OPENQASM 3.0;', 'include "stdgates.inc";'];

const WORDS: Readonly<Record<Dialect | 'machine', Words>> = {
  braket: {
    head: ['OPENQASM 3.0;'],
    register: 'q',
    bits: 'b',
    coupled: (angle, [a, b]) => [`zz(${angle}) ${a}, ${b};`],
  },
  ibm: {
    head: STANDARD,
    register: 'q',
    bits: 'b',
    coupled: (angle, [a, b]) => [`cx ${a}, ${b};`, `rz(${angle}) ${b};`, `cx ${a}, ${b};`],
  },
  machine: {
    head: STANDARD,
    register: null,
    bits: 'c',
    coupled: (angle, [a, b]) => [`rzz(${angle}) ${a}, ${b};`],
  },
};

/**
 * The circuit of `qaoaCircuit`, whose couplings go between any two qubits: a machine whose qubits are not all connected
 * needs its own transpiler, or `nativeQasm`.
 *
 * @param problem  at least one variable
 * @param angles   as for `qaoaState`
 * @param dialect  whose words
 * @returns        a program that ends with a line break; numbers in their shortest decimal form; a measured 1 of bit i
 *                 is a variable i of 1
 * @throws         RangeError for a problem without variables: a programmer's error
 * @cost           n + m lines a layer
 * @source         OpenQASM 3.0 specification; Amazon Braket developer guide, supported OpenQASM features
 */
export function openQasm(problem: Qubo, angles: Angles, dialect: Dialect): string {
  return written(qaoaCircuit(problem, angles), WORDS[dialect]);
}

/**
 * A program for the qubits `$k` of one of IBM's machines, whose register `c` has variable i as bit i, the least
 * significant first.
 *
 * @param circuit  of `nativeCircuit`
 * @returns        a program that ends with a line break, without inputs, loops or gates of its own
 * @throws         never
 * @cost           one line a gate
 * @source         IBM Quantum documentation, OpenQASM 3 feature table and fractional gates
 */
export function nativeQasm(circuit: Circuit): string {
  return written(circuit, WORDS.machine);
}

function written({ gates, measured }: Circuit, words: Words): string {
  const { head, register, bits } = words;
  const named = (qubit: number): string => (register === null ? `$${qubit}` : `${register}[${qubit}]`);
  const lines = [
    ...head,
    ...(register === null ? [] : [`qubit[${measured.length}] ${register};`]),
    `bit[${measured.length}] ${bits};`,
    ...gates.flatMap((gate) => lineOf(gate, { words, named })),
    ...measured.map((qubit, k) => `${bits}[${k}] = measure ${named(qubit)};`),
  ];
  return `${lines.join('\n')}\n`;
}

function lineOf(
  gate: Gate,
  { words, named }: { readonly words: Words; readonly named: (qubit: number) => string },
): readonly string[] {
  if (gate.name === 'zz') return words.coupled(gate.angle, [named(gate.qubits[0]), named(gate.qubits[1])]);
  const angle = 'angle' in gate ? `(${gate.angle})` : '';
  return [`${gate.name}${angle} ${gate.qubits.map(named).join(', ')};`];
}
