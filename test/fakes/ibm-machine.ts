/** One of IBM's machines, as far as programs can tell: takes OpenQASM 3 in its own gates, and runs it gate by gate. */
import { HEAVY_HEX } from '../quantum/heavy-hex.ts';
import { Register } from '../quantum/gates.ts';

/** What the machine does not take, in words like its own. */
export class NotIsa extends Error {}

export interface Shown {
  /** Bits of the classical register. */
  readonly n: number;
  /** The name of that register. */
  readonly register: string;
  /** By index; bit k of an index is bit k of the register, the least significant first. */
  readonly shares: readonly number[];
}

const NUMBER = String.raw`-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const GATE = new RegExp(String.raw`^(\w+)(?:\((${NUMBER})\))? \$(\d+)(?:, \$(\d+))?;$`);
const MEASURE = /^(\w+)\[(\d+)\] = measure \$(\d+);$/;
const TURNS = ['rz', 'rx', 'rzz'];
const LINKS = new Set(HEAVY_HEX.flatMap(([a, b]) => [`${a},${b}`, `${b},${a}`]));

interface Step {
  readonly name: string;
  readonly angle: number;
  readonly qubits: readonly number[];
}

/** @throws NotIsa */
export function shownBy(source: string, gates: readonly string[]): Shown {
  const lines = source.split('\n').filter((line) => line !== '');
  if (!/^OPENQASM 3(\.\d+)?;$/.test(lines[0] ?? '')) throw new NotIsa('the version must be OPENQASM 3');
  const body = lines.slice(1).filter((line) => line !== 'include "stdgates.inc";');
  const [, count = '', register = ''] = /^bit\[(\d+)\] (\w+);$/.exec(body[0] ?? '') ?? [];
  const n = Number(count);
  if (!(n > 0)) throw new NotIsa(`no register of bits: ${body[0]}`);
  const steps: Step[] = [];
  const measured = new Map<number, number>();
  for (const line of body.slice(1)) {
    const [, into, bit, from] = MEASURE.exec(line) ?? [];
    if (into === undefined) {
      if (measured.size > 0) throw new NotIsa(`a gate after a measurement: ${line}`);
      steps.push(stepOf(line, gates));
    } else if (into === register && Number(bit) < n) measured.set(Number(bit), Number(from));
    else throw new NotIsa(`no such bit: ${line}`);
  }
  if (measured.size !== n) throw new NotIsa(`${measured.size} of ${n} bits are measured`);
  return { n, register, shares: sharesOf(steps, measured) };
}

function stepOf(line: string, gates: readonly string[]): Step {
  const [, name = '', angle, first = '', second] = GATE.exec(line) ?? [];
  if (!gates.includes(name)) throw new NotIsa(`The instruction is not supported by the target: ${line}`);
  if (TURNS.includes(name) !== (angle !== undefined)) throw new NotIsa(`wrong parameters: ${line}`);
  const qubits = second === undefined ? [Number(first)] : [Number(first), Number(second)];
  if (['cz', 'rzz'].includes(name) !== (qubits.length === 2)) throw new NotIsa(`wrong qubits: ${line}`);
  if (qubits.length === 2 && !LINKS.has(qubits.join())) throw new NotIsa(`not coupled: ${line}`);
  if (qubits.some((qubit) => qubit > 155)) throw new NotIsa(`no such qubit: ${line}`);
  const turn = Number(angle ?? 0);
  if (name === 'rzz' && !(turn > 0 && turn <= Math.PI / 2)) {
    throw new NotIsa(`angle outside (0, pi/2]: ${line}`);
  }
  return { name, angle: turn, qubits };
}

/** Only the qubits that are used are simulated. */
function sharesOf(steps: readonly Step[], measured: ReadonlyMap<number, number>): readonly number[] {
  const used = [...new Set([...steps.flatMap(({ qubits }) => qubits), ...measured.values()])];
  const register = new Register(used.length);
  for (const { name, angle, qubits } of steps) {
    const [a = 0, b = a] = qubits.map((qubit) => used.indexOf(qubit));
    if (name === 'cz') register.cz(a, b);
    else if (name === 'rzz') register.rotateZ([a, b], angle);
    else if (name === 'rz') register.rotateZ([a], angle);
    else if (name === 'rx') register.rx(a, angle);
    else if (name === 'sx') register.sx(a);
    else register.x(a);
  }
  const shares = Array.from({ length: 2 ** measured.size }, () => 0);
  register.probabilities().forEach((share, x) => {
    let index = 0;
    for (const [bit, qubit] of measured) index |= ((x >> used.indexOf(qubit)) & 1) << bit;
    shares[index]! += share;
  });
  return shares;
}
