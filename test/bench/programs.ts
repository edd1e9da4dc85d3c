/** Measures programs for machines: how many couplers a circuit takes on real links, and how deep it is, beside Qiskit. */
import path from 'node:path';
import * as z from 'zod';
import { lineOf } from '../../pipelines/quantum/line.ts';
import { nativeCircuit } from '../../pipelines/quantum/native.ts';
import { openQasm } from '../../pipelines/quantum/open-qasm.ts';
import { placedCircuit } from '../../pipelines/quantum/placed.ts';
import { quboOf, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { HEAVY_HEX } from '../quantum/heavy-hex.ts';
import { atLeast, type Figure } from './figure.ts';

const ANGLES = { gammas: [0.37], betas: [-0.21] };

interface Subject {
  readonly name: string;
  readonly problem: Qubo;
  /** How many times fewer couplers than Qiskit; null where nothing is promised. */
  readonly fewer: number | null;
  /** How many times less deep. */
  readonly flatter: number;
}

const SUBJECTS: readonly Subject[] = [
  { name: '12 variables, all coupled', problem: coupled(12, () => true), fewer: 1.1, flatter: 2.5 },
  { name: '20 variables, all coupled', problem: coupled(20, () => true), fewer: 1.1, flatter: 2.5 },
  { name: '20 variables, three each', problem: coupled(20, isLadder), fewer: null, flatter: 2 },
];

function coupled(n: number, isCoupled: (apart: number, n: number) => boolean): Qubo {
  const couplings = Array.from({ length: n }, (_, j) =>
    Array.from({ length: j }, (__, i) => ({
      i,
      j,
      weight: isCoupled(j - i, n) ? 1 + ((i + j) % 7) / 10 : 0,
    })),
  ).flat();
  return quboOf({ n, couplings });
}

/** A Möbius ladder: each with the next, and with the one across. */
function isLadder(apart: number, n: number): boolean {
  return apart === 1 || apart === n - 1 || apart === n / 2;
}

interface Size {
  readonly cz: number;
  /** In cz. */
  readonly depth: number;
}

function sizeOf(problem: Qubo): Size {
  const line = lineOf(
    HEAVY_HEX.map((qubits) => ({ qubits, error: 0.01 })),
    problem.n,
  );
  if (line === null) throw new Error(`no line of ${problem.n} qubits`);
  const placed = placedCircuit(problem, { angles: ANGLES, line });
  const depths = new Map<number, number>();
  let cz = 0;
  for (const { name, qubits } of nativeCircuit(placed, { fractional: false }).gates) {
    if (name !== 'cz') continue;
    cz++;
    const depth = 1 + Math.max(...qubits.map((qubit) => depths.get(qubit) ?? 0));
    for (const qubit of qubits) depths.set(qubit, depth);
  }
  return { cz, depth: Math.max(...depths.values()) };
}

const Told = z.array(z.object({ cz: z.int(), depth: z.int() }));

export function measurePrograms(): readonly Figure[] {
  const missing = peerMissing('qiskit', 'qiskit_qasm3_import');
  const ours = SUBJECTS.map(({ problem }) => sizeOf(problem));
  if (missing !== null) return SUBJECTS.map(({ name }, at) => alone(name, ours[at], missing));
  const programs = SUBJECTS.map(({ problem }) => openQasm(problem, ANGLES, 'ibm'));
  const input = JSON.stringify({ links: HEAVY_HEX, programs });
  const theirs = Told.parse(
    JSON.parse(peer([path.join(import.meta.dirname, 'peer-transpile.py')], { input })),
  );
  return SUBJECTS.flatMap((subject, at) => beside(subject, { ours: ours[at], theirs: theirs[at] }));
}

function alone(name: string, size: Size | undefined, why: string): Figure {
  const found = `${size?.cz ?? 0} cz, ${size?.depth ?? 0} deep`;
  return { what: `circuit for 156 qubits, ${name}`, found, target: '–', met: null, peer: why };
}

function beside(
  { name, fewer, flatter }: Subject,
  { ours, theirs }: { readonly ours: Size | undefined; readonly theirs: Size | undefined },
): readonly Figure[] {
  if (ours === undefined || theirs === undefined) throw new Error(`nothing was told of ${name}`);
  const told = `${ours.cz} cz, ${ours.depth} deep; Qiskit's best of five at level 3: ${theirs.cz} cz, ${theirs.depth} deep`;
  const what = `circuit for 156 qubits, ${name}`;
  const fewerFound = theirs.cz / ours.cz;
  const couplers: Figure =
    fewer === null
      ? {
          what: `${what}: cz, times fewer than Qiskit`,
          found: `${fewerFound.toFixed(2)} times`,
          target: '–',
          met: null,
          peer: `${told}, on more than a line`,
        }
      : atLeast(
          `${what}: cz, times fewer than Qiskit`,
          { value: fewerFound, target: fewer, unit: 'times' },
          told,
        );
  const depth = atLeast(
    `${what}: depth in cz, times less than Qiskit`,
    { value: theirs.depth / ours.depth, target: flatter, unit: 'times' },
    told,
  );
  return [couplers, depth];
}
