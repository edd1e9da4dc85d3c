import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { lineOf } from '../../pipelines/quantum/line.ts';
import { nativeCircuit } from '../../pipelines/quantum/native.ts';
import { simulatorOf } from '../../pipelines/quantum/layers.ts';
import { nativeQasm, openQasm } from '../../pipelines/quantum/open-qasm.ts';
import { placedCircuit } from '../../pipelines/quantum/placed.ts';
import { qaoaState } from '../../pipelines/quantum/qaoa.ts';
import { expectationOf, probabilitiesOf } from '../../pipelines/quantum/statevector.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { bitsOf, randomQubos, valueAt, type Dense } from '../solvers/problems.ts';
import { HEAVY_HEX } from './heavy-hex.ts';

const PAIR = quboOf({ n: 2, linear: [2, 0], couplings: [{ i: 0, j: 1, weight: -4 }] });
const ONE_LAYER = { gammas: [0.5], betas: [0.25] };

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

interface Program {
  readonly name: string;
  readonly dense: Dense;
  readonly angles: { readonly gammas: readonly number[]; readonly betas: readonly number[] };
  readonly dialect: 'braket' | 'ibm';
  readonly source: string;
  /** What it must be fit for; null: a machine that takes any gate between any two qubits. */
  readonly machine: { readonly links: typeof HEAVY_HEX; readonly fractional: boolean } | null;
}

interface Shown {
  readonly probabilities: readonly number[];
  readonly counts: readonly number[];
  readonly foreign: readonly string[];
}

const SHOTS = 4000;

/** One variable alone, two that are coupled, and then random problems of up to seven, some of them sparse. */
const PROBLEMS: readonly Dense[] = [
  { n: 1, offset: 0, linear: [-1.5], couplings: [] },
  { n: 2, offset: 0, linear: [2, 0], couplings: [{ i: 0, j: 1, weight: -4 }] },
  ...[3, 4, 5, 6, 7].flatMap((n) => randomQubos(2, n).map(({ dense }) => dense)),
];

/** Angles of one layer to three; the signs and sizes differ, so that no two are mistaken for each other. */
const programs: readonly Program[] = PROBLEMS.flatMap((dense, at) => {
  const depth = 1 + (at % 3);
  const angles = {
    gammas: Array.from({ length: depth }, (_, k) => 0.31 - 0.17 * k + 0.01 * at),
    betas: Array.from({ length: depth }, (_, k) => -0.4 + 0.55 * k - 0.03 * at),
  };
  const qubo = quboOf(dense);
  const links = HEAVY_HEX.map((qubits) => ({ qubits, error: 0.01 - 0.00001 * qubits[0] }));
  const placed = placedCircuit(qubo, { angles, line: lineOf(links, dense.n)! });
  const written = (fractional: boolean) => ({
    dialect: 'ibm' as const,
    source: nativeQasm(nativeCircuit(placed, { fractional })),
    machine: { links: HEAVY_HEX, fractional },
  });
  const size = `${dense.n} variables, ${dense.couplings.length} couplings, ${depth} deep`;
  return [
    { dialect: 'braket' as const, source: openQasm(qubo, angles, 'braket'), machine: null },
    { dialect: 'ibm' as const, source: openQasm(qubo, angles, 'ibm'), machine: null },
    written(false),
    written(true),
  ].map((program, kind) => ({ name: `${size}, program ${kind}`, dense, angles, ...program }));
});

/** What a simulator of other people shows of some programs; all of them in one process, since it takes long to begin. */
function shown(some: readonly Program[]): readonly Shown[] {
  const script = path.join(import.meta.dirname, 'run-qasm.py');
  const input = some.map((program) => JSON.stringify({ ...program, shots: SHOTS })).join('\n');
  const lines = peer([script], { input }).trim().split('\n');
  expect(lines.length).toBe(some.length);
  return lines.map((line): Shown => JSON.parse(line));
}

/** Pearson's statistic and how many bins it is over; bins that expect fewer than five shots are put together. */
function pearsonOf(counts: readonly number[], shares: ArrayLike<number>): { value: number; bins: number } {
  let [value, bins, rest, seen] = [0, 0, 0, 0];
  counts.forEach((count, x) => {
    const wanted = SHOTS * shares[x]!;
    if (wanted < 5) [rest, seen] = [rest + wanted, seen + count];
    else [value, bins] = [value + (count - wanted) ** 2 / wanted, bins + 1];
  });
  if (rest >= 5) [value, bins] = [value + (seen - rest) ** 2 / rest, bins + 1];
  else expect(seen).toBeLessThan(rest + 6 * Math.sqrt(rest) + 10);
  return { value, bins };
}

describe('programs for Braket and for IBM, run by simulators of other people', () => {
  const missing = peerMissing('braket.default_simulator', 'qiskit', 'qiskit_qasm3_import');
  const about =
    `are taken by all machines that they are for, and show what ours shows ${missing ?? ''}`.trim();

  it.skipIf(missing !== null)(about, () => {
    const ill = programs.find(({ machine, dense }) => machine?.fractional === true && dense.n === 2)!;
    const strange = { ...ill, machine: { links: [[0, 1]] as const, fractional: false } };
    const [refused, ...found] = shown([strange, ...programs]);
    // The check itself can fail: this machine has neither the gates nor the links.
    expect(refused?.foreign.join()).toMatch(/rx.*rzz|rzz.*rx/);
    found.forEach(({ probabilities, counts, foreign }, at) => {
      const { name, dense, angles } = programs[at]!;
      expect(foreign, name).toEqual([]);
      const diagonal = diagonalOf(quboOf(dense));
      const state = qaoaState(simulatorOf(diagonal), angles);
      const ours = probabilitiesOf(state);
      expect(probabilities.length, name).toBe(ours.length);
      probabilities.forEach((share, x) => expect(Math.abs(share - ours[x]!), name).toBeLessThan(1e-9));
      const theirs = probabilities.reduce(
        (sum, share, x) => sum + share * valueAt(dense, bitsOf(x, dense.n)),
        0,
      );
      expect(Math.abs(theirs - expectationOf(state, diagonal)), name).toBeLessThan(1e-9);
      // Five standard deviations and more: no seed of theirs is that unlucky.
      const { value, bins } = pearsonOf(counts, ours);
      expect(value, name).toBeLessThan(bins + 5 * Math.sqrt(2 * bins) + 10);
    });
  });
});
