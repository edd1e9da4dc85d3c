/** Quantum circuits as values: gates in order, and the qubit that each bit is measured from. */
import { isingOf } from '../solvers/ising.ts';
import type { Qubo } from '../solvers/qubo.ts';
import type { Angles } from './angles.ts';

type One = readonly [number];
type Two = readonly [number, number];

/**
 * rx(t) = e^(−i·t/2·X), rz(t) = e^(−i·t/2·Z) and zz(t) = e^(−i·t/2·ZZ) with angles in radians; sx is the root of x
 * that IBM has, cz turns the sign of |11⟩.
 */
export type Gate =
  | { readonly name: 'h' | 'sx' | 'x'; readonly qubits: One }
  | { readonly name: 'rx' | 'rz'; readonly angle: number; readonly qubits: One }
  | { readonly name: 'cz'; readonly qubits: Two }
  | { readonly name: 'swap'; readonly qubits: Two }
  | { readonly name: 'zz'; readonly angle: number; readonly qubits: Two };

/** All qubits begin as 0, and all that count are measured in the end. */
export interface Circuit {
  readonly gates: readonly Gate[];
  /** Bit k, which is variable k, is measured from qubit `measured[k]`. */
  readonly measured: readonly number[];
}

/**
 * H on every qubit, then for each layer e^(−iγJ·ZZ) = zz(2γJ), e^(−iγh·Z) = rz(2γh) and e^(−iβX) = rx(2β), with J and
 * h of the Ising form. What only turns the phase of the whole is left out. Qubit i is variable i, and couplings go
 * between any two qubits.
 *
 * @param problem  at least one variable
 * @param angles   as for `qaoaState`
 * @returns        n + p·(m + 2n) gates at most
 * @throws         RangeError for a problem without variables: a programmer's error
 * @cost           one step a gate
 * @source         E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028
 */
export function qaoaCircuit(problem: Qubo, angles: Angles): Circuit {
  const { n, fields, couplings } = isingOf(problem);
  if (n === 0) throw new RangeError('a circuit has at least one qubit');
  const qubits = Array.from({ length: n }, (_, i) => i);
  const layers = angles.gammas.flatMap((gamma, k): readonly Gate[] => [
    ...couplings.map(({ i, j, weight }): Gate => ({ name: 'zz', angle: 2 * gamma * weight, qubits: [i, j] })),
    ...qubits
      .filter((i) => fields[i] !== 0)
      .map((i): Gate => ({ name: 'rz', angle: 2 * gamma * fields[i]!, qubits: [i] })),
    ...qubits.map((i): Gate => ({ name: 'rx', angle: 2 * (angles.betas[k] ?? 0), qubits: [i] })),
  ]);
  return { gates: [...qubits.map((i): Gate => ({ name: 'h', qubits: [i] })), ...layers], measured: qubits };
}
