/** Lays a circuit of QAOA on a line of qubits, where only neighbours can be coupled. */
import { isingOf } from '../solvers/ising.ts';
import type { Qubo } from '../solvers/qubo.ts';
import type { Angles } from './angles.ts';
import type { Circuit, Gate } from './circuit.ts';
import { networkOf } from './routing.ts';

/**
 * The circuit of `qaoaCircuit` for qubits that stand in a line: variables that are coupled meet through `networkOf`,
 * and each layer goes through the network in the direction opposite to the one before.
 *
 * @param problem  at least one variable
 * @param given    angles as for `qaoaState`, and n qubits, each coupled with the next
 * @returns        gates h, rx, rz, zz and swap, the last two between neighbours on the line; a zz stands right before
 *                 the swap of its pair
 * @throws         RangeError where the line has not n qubits, or there are none: a programmer's error
 * @cost           that of `networkOf`, and one step a gate
 * @source         B. O'Gorman et al., arXiv:1905.05118, §2: swap networks for QAOA
 */
export function placedCircuit(
  problem: Qubo,
  { angles, line }: { readonly angles: Angles; readonly line: readonly number[] },
): Circuit {
  const { n, fields, couplings } = isingOf(problem);
  if (n === 0 || line.length !== n) {
    throw new RangeError(`wanted a line of ${n} qubits, found ${line.length}`);
  }
  const { order, rounds } = networkOf(n, couplings);
  const weights = new Map(couplings.map(({ i, j, weight }) => [i * n + j, weight]));
  const standing = [...order];
  const gates: Gate[] = line.map((qubit) => ({ name: 'h', qubits: [qubit] }));
  angles.gammas.forEach((gamma, k) => {
    for (const { at, variables, coupled, exchange } of (k % 2 === 0 ? rounds : rounds.toReversed()).flat()) {
      const [a, b] = [Math.min(...variables), Math.max(...variables)];
      const qubits = [line[at]!, line[at + 1]!] as const;
      const weight = weights.get(a * n + b) ?? 0;
      if (coupled) gates.push({ name: 'zz', angle: 2 * gamma * weight, qubits });
      if (!exchange) continue;
      gates.push({ name: 'swap', qubits });
      [standing[at], standing[at + 1]] = [standing[at + 1]!, standing[at]!];
    }
    standing.forEach((variable, at) => {
      const qubits = [line[at]!] as const;
      if (fields[variable] !== 0) gates.push({ name: 'rz', angle: 2 * gamma * fields[variable]!, qubits });
      gates.push({ name: 'rx', angle: 2 * (angles.betas[k] ?? 0), qubits });
    });
  });
  const measured: number[] = [];
  standing.forEach((variable, at) => (measured[variable] = line[at]!));
  return { gates, measured };
}
