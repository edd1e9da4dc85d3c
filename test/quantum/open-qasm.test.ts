import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { simulatorOf } from '../../pipelines/quantum/layers.ts';
import { openQasm, type Dialect } from '../../pipelines/quantum/open-qasm.ts';
import { qaoaState } from '../../pipelines/quantum/qaoa.ts';
import { probabilitiesOf } from '../../pipelines/quantum/statevector.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { randomQubos } from '../solvers/problems.ts';

const PAIR = quboOf({ n: 2, linear: [2, 0], couplings: [{ i: 0, j: 1, weight: -4 }] });
const ONE_LAYER = { gammas: [0.5], betas: [0.25] };

/** Whether Python here has what runs a dialect. */
function has(modules: string): boolean {
  return spawnSync('python3', ['-c', `import ${modules}`]).status === 0;
}

const SIMULATORS: readonly (readonly [Dialect, string, string])[] = [
  ['braket', 'amazon-braket-default-simulator', 'braket.default_simulator'],
  ['ibm', 'qiskit and qiskit-qasm3-import', 'qiskit, qiskit_qasm3_import'],
];

describe('a circuit as OpenQASM 3', () => {
  it('reads so for Braket', () => {
    expect(openQasm(PAIR, ONE_LAYER, 'braket')).toBe(
      [
        'OPENQASM 3.0;',
        'qubit[2] q;',
        'bit[2] b;',
        'h q[0];',
        'h q[1];',
        'zz(-1) q[0], q[1];',
        'rz(1) q[1];',
        'rx(0.5) q[0];',
        'rx(0.5) q[1];',
        'b[0] = measure q[0];',
        'b[1] = measure q[1];',
        '',
      ].join('\n'),
    );
  });

  it('reads so for IBM', () => {
    expect(openQasm(PAIR, ONE_LAYER, 'ibm')).toBe(
      [
        'OPENQASM 3.0;',
        'include "stdgates.inc";',
        'qubit[2] q;',
        'bit[2] b;',
        'h q[0];',
        'h q[1];',
        'cx q[0], q[1];',
        'rz(-1) q[1];',
        'cx q[0], q[1];',
        'rz(1) q[1];',
        'rx(0.5) q[0];',
        'rx(0.5) q[1];',
        'b[0] = measure q[0];',
        'b[1] = measure q[1];',
        '',
      ].join('\n'),
    );
  });

  it('has at least one qubit', () => {
    expect(() => openQasm(quboOf({ n: 0, couplings: [] }), ONE_LAYER, 'ibm')).toThrow(RangeError);
  });
});

describe.each(SIMULATORS)('a program for %s', (dialect, packages, modules) => {
  it('has our distribution in a simulator of other people, within 10⁻⁹', (context) => {
    if (!has(modules)) context.skip(`python3 here has no ${packages}`);
    const { qubo } = randomQubos(1, 5)[0]!;
    const angles = { gammas: [0.31, 0.12], betas: [-0.4, 0.7] };
    const program = openQasm(qubo, angles, dialect);
    const script = path.join(import.meta.dirname, 'run-qasm.py');
    const { stdout, stderr } = spawnSync('python3', [script, dialect], { input: program, encoding: 'utf8' });
    const found: readonly number[] = stdout === '' ? [] : JSON.parse(stdout);
    expect(found.length, stderr).toBe(32);
    probabilitiesOf(qaoaState(simulatorOf(diagonalOf(qubo)), angles)).forEach((share, x) =>
      expect(Math.abs(share - found[x]!)).toBeLessThan(1e-9),
    );
  });
});
