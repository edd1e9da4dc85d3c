/** The value of every assignment at once: the diagonal of a problem's operator. */
import { problemUnfit } from '../faults.ts';
import type { Qubo } from '../solvers/qubo.ts';

/** 2²⁴ values are 128 MiB, and a state takes two times as much. */
export const QUBITS_MOST = 24;

/**
 * diagonal[x] = E(x), where bit i of the index x is variable i. By doubling: with bit k as the highest one set,
 * E(x + 2ᵏ) = E(x) + linearₖ + Σ_{i<k} weightᵢₖ·xᵢ, and the last sum doubles in the same way.
 *
 * @param problem  any
 * @param qubits   up to 24; variables beyond these are 0; all of them unless told
 * @returns        2^qubits values; exact while coefficients are integers and sums below 2⁵³
 * @throws         problemUnfit beyond 24 qubits
 * @cost           3·2ⁿ additions
 * @source         the definition
 */
export function diagonalOf(problem: Qubo, qubits = problem.n): Float64Array {
  const { offset, linear, starts, neighbours, weights } = problem;
  if (qubits > QUBITS_MOST) {
    throw problemUnfit({ wanted: `at most ${QUBITS_MOST} variables to simulate`, found: String(qubits) });
  }
  const diagonal = new Float64Array(2 ** qubits);
  const field = new Float64Array(2 ** Math.max(0, qubits - 1));
  diagonal[0] = offset;
  for (let k = 0; k < qubits; k++) {
    const half = 2 ** k;
    const row = new Float64Array(k);
    // What lies beyond the row's end is left out: those neighbours come later.
    for (let at = starts[k]!; at < starts[k + 1]!; at++) row[neighbours[at]!] = weights[at]!;
    field[0] = linear[k]!;
    for (let i = 0; i < k; i++) {
      const below = 2 ** i;
      for (let x = 0; x < below; x++) field[x + below] = field[x]! + row[i]!;
    }
    for (let x = 0; x < half; x++) diagonal[x + half] = diagonal[x]! + field[x]!;
  }
  return diagonal;
}
