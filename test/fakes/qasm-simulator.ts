/** Runs OpenQASM as Amazon Braket's services take it, gate by gate; what they refuse, it refuses. */
import { Register } from '../quantum/gates.ts';

/** A program that the service does not take, in its own words. */
export class QasmError extends Error {}

const NUMBER = String.raw`-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const GATE = new RegExp(`^(\\w+)(?:\\((${NUMBER})\\))? q\\[(\\d+)\\](?:, q\\[(\\d+)\\])?;$`);

export interface Ran {
  readonly n: number;
  /** By index; bit q of the index is qubit q. */
  readonly probabilities: readonly number[];
}

export function ranQasm(source: string): Ran {
  const lines = source.split('\n').filter((line) => line.trim() !== '');
  if (!/^OPENQASM 3(\.0)?;$/.test(lines[0] ?? '')) throw new QasmError('the version must be OPENQASM 3');
  const n = Number(/^qubit\[(\d+)\] q;$/.exec(lines[1] ?? '')?.[1] ?? Number.NaN);
  if (!(n > 0) || lines[2] !== `bit[${n}] b;`) throw new QasmError(`no register: ${lines[1]} ${lines[2]}`);
  const register = new Register(n);
  const measured: number[] = [];
  for (const line of lines.slice(3)) {
    const measure = /^b\[(\d+)\] = measure q\[(\d+)\];$/.exec(line);
    if (measure === null) {
      if (measured.length > 0) throw new QasmError(`a gate after a measurement: ${line}`);
      applied(register, line, n);
    } else if (measure[1] === measure[2]) measured.push(Number(measure[2]));
    else throw new QasmError(`bits in another order: ${line}`);
  }
  if (measured.length !== n) throw new QasmError(`${measured.length} of ${n} qubits are measured`);
  return { n, probabilities: register.probabilities() };
}

function applied(register: Register, line: string, n: number): void {
  const told = GATE.exec(line);
  if (told === null) throw new QasmError(`not understood: ${line}`);
  const [, name, angle, first, second] = told;
  const qubits = [first, second].flatMap((text) => (text === undefined ? [] : [Number(text)]));
  const [q = 0] = qubits;
  if (qubits.some((qubit) => qubit >= n)) throw new QasmError(`no such qubit: ${line}`);
  const turn = Number(angle);
  const takes = { h: [1, 0], x: [1, 0], rx: [1, 1], rz: [1, 1], zz: [2, 1] }[name ?? ''];
  if (takes === undefined || takes[0] !== qubits.length || (takes[1] === 1) !== (angle !== undefined)) {
    throw new QasmError(`no such gate: ${line}`);
  }
  if (name === 'h') register.hadamard(q);
  if (name === 'rx' || name === 'x') register.rx(q, name === 'x' ? Math.PI : turn);
  if (name === 'rz' || name === 'zz') register.rotateZ(qubits, turn);
}
