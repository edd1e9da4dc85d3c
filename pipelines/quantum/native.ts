/** Turns circuits into the gates that IBM's machines have: cz between neighbours, rz, sx and x. */
import type { Circuit, Gate } from './circuit.ts';
import * as turns from './turns.ts';

export interface Native {
  /** Whether the machine also has rx(t) for any t and zz(t) for 0 < t ≤ π/2, which it calls rzz. */
  readonly fractional: boolean;
}

/**
 * The same operator, but for its phase, of cz, rz, sx and x, and of rx and zz where the machine has them. Gates of one
 * qubit between two of its cz become one, of at most two sx; what only turns around Z waits behind the cz, since it
 * commutes with it. A zz takes two cz, a swap three, and both together three.
 *
 * @param circuit  of any gates
 * @param native   what the machine has
 * @returns        angles of rz above −π and up to π, none 0; those of zz above 0 and up to π/2
 * @throws         never
 * @cost           one step a gate
 * @source         D. McKay et al., Phys. Rev. A 96 (2017) 022330: rz costs nothing, two roots of x make any gate
 */
export function nativeCircuit({ gates, measured }: Circuit, native: Native): Circuit {
  const pen: Pen = { ...native, gates: [], waiting: new Map() };
  gates.forEach((gate, at) => {
    if (gate.name === 'zz' && isExchanged(gate, gates[at + 1])) exchange(pen, gate);
    else if (gate.name === 'swap' && !isExchanged(gates[at - 1], gate)) exchange(pen, { ...gate, angle: 0 });
    else write(pen, gate);
  });
  for (const qubit of pen.waiting.keys()) finish(pen, qubit);
  return { gates: pen.gates, measured };
}

/** Whether one is a zz and the other the swap of its pair. */
function isExchanged(one: Gate | undefined, other: Gate | undefined): boolean {
  if (one?.name !== 'zz' || other?.name !== 'swap') return false;
  const [a, b] = one.qubits;
  return other.qubits.includes(a) && other.qubits.includes(b);
}

interface Pen extends Native {
  readonly gates: Gate[];
  /** What each qubit has still to be turned by. */
  readonly waiting: Map<number, turns.Turn>;
}

type Pair = readonly [number, number];

function write(pen: Pen, gate: Gate): void {
  const { name, qubits } = gate;
  if (name === 'cz') cz(pen, gate.qubits);
  else if (name === 'zz') (pen.fractional ? fractionalZz : zz)(pen, gate);
  else if (name === 'rx') turn(pen, qubits[0], turns.aroundX(gate.angle));
  else if (name === 'rz') turn(pen, qubits[0], turns.aroundZ(gate.angle));
  else if (name === 'h') turn(pen, qubits[0], turns.HADAMARD);
  else if (name === 'x') turn(pen, qubits[0], turns.FLIP);
  else if (name === 'sx') turn(pen, qubits[0], turns.ROOT_OF_FLIP);
}

function turn({ waiting }: Pen, qubit: number, by: turns.Turn): void {
  waiting.set(qubit, turns.joined(waiting.get(qubit) ?? turns.STILL, by));
}

function hadamard(pen: Pen, qubit: number): void {
  turn(pen, qubit, turns.HADAMARD);
}

function cz(pen: Pen, qubits: Pair): void {
  for (const qubit of qubits) settle(pen, qubit);
  pen.gates.push({ name: 'cz', qubits });
}

interface Coupling {
  readonly qubits: Pair;
  readonly angle: number;
}

/** cx(a, b), rz on b, cx(a, b), where a cx is a cz between two H of its target, and rz between two H is rx. */
function zz(pen: Pen, { qubits, angle }: Coupling): void {
  const [, b] = qubits;
  if (turns.wrapped(angle) === 0) return;
  hadamard(pen, b);
  cz(pen, qubits);
  turn(pen, b, turns.aroundX(angle));
  cz(pen, qubits);
  hadamard(pen, b);
}

/** zz and then swap: cx(a, b), rz on b, cx(b, a), cx(a, b). */
function exchange(pen: Pen, { qubits, angle }: Coupling): void {
  const [a, b] = qubits;
  hadamard(pen, b);
  cz(pen, qubits);
  turn(pen, b, turns.aroundX(angle));
  hadamard(pen, b);
  hadamard(pen, a);
  cz(pen, qubits);
  hadamard(pen, a);
  hadamard(pen, b);
  cz(pen, qubits);
  hadamard(pen, b);
}

/** zz(t + π) is Z on both and zz(t); zz(−t) is zz(t) between two flips of one of them. */
function fractionalZz(pen: Pen, { qubits, angle }: Coupling): void {
  const halves = Math.round(angle / Math.PI);
  const rest = turns.wrapped(angle - halves * Math.PI);
  if (halves % 2 !== 0) for (const qubit of qubits) turn(pen, qubit, turns.aroundZ(Math.PI));
  if (rest === 0) return;
  if (rest < 0) turn(pen, qubits[0], turns.FLIP);
  for (const qubit of qubits) settle(pen, qubit);
  pen.gates.push({ name: 'zz', angle: Math.min(Math.abs(rest), Math.PI / 2), qubits });
  if (rest < 0) turn(pen, qubits[0], turns.FLIP);
}

/** Writes all that waits but the last turn around Z, which commutes with what couples. */
function settle(pen: Pen, qubit: number): void {
  const { before, around, after } = turns.eulerOf(pen.waiting.get(qubit) ?? turns.STILL);
  const one = around === Math.PI / 2 || around === Math.PI;
  let last = after;
  if (one || (pen.fractional && around !== 0)) {
    rz(pen, qubit, before);
    if (one) pen.gates.push({ name: around === Math.PI ? 'x' : 'sx', qubits: [qubit] });
    else pen.gates.push({ name: 'rx', angle: around, qubits: [qubit] });
  } else if (around !== 0) {
    // sx·rz(t + π)·sx is rz(π)·ry(t) but for its phase, and rx(t) is rz(−π/2)·ry(t)·rz(π/2).
    rz(pen, qubit, before + Math.PI / 2);
    pen.gates.push({ name: 'sx', qubits: [qubit] });
    rz(pen, qubit, around + Math.PI);
    pen.gates.push({ name: 'sx', qubits: [qubit] });
    last = after + Math.PI / 2;
  }
  pen.waiting.set(qubit, turns.aroundZ(last));
}

function finish(pen: Pen, qubit: number): void {
  settle(pen, qubit);
  rz(pen, qubit, turns.eulerOf(pen.waiting.get(qubit) ?? turns.STILL).after);
}

function rz({ gates }: Pen, qubit: number, angle: number): void {
  const rest = turns.wrapped(angle);
  if (rest !== 0) gates.push({ name: 'rz', angle: rest, qubits: [qubit] });
}
