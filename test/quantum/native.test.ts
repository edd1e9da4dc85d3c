import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qaoaCircuit, type Circuit, type Gate } from '../../pipelines/quantum/circuit.ts';
import { nativeCircuit } from '../../pipelines/quantum/native.ts';
import { nativeQasm } from '../../pipelines/quantum/open-qasm.ts';
import { placedCircuit } from '../../pipelines/quantum/placed.ts';
import { greedyNetworks } from '../../pipelines/quantum/greedy-network.ts';
import { couplersOf } from '../../pipelines/quantum/meetings.ts';
import { networkOf } from '../../pipelines/quantum/routing.ts';
import { swapNetwork } from '../../pipelines/quantum/swap-network.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import { Register, productOf } from './gates.ts';

/** So far from 1 may |⟨a|b⟩| be after some hundred gates of double precision. */
const ROUNDING = 1e-11;

const angle = fc.oneof(
  fc.double({ min: -20, max: 20, noNaN: true }),
  // Where gates fall together: multiples of π/4.
  fc.integer({ min: -9, max: 9 }).map((k) => (k * Math.PI) / 4),
);

function gateOf(n: number): fc.Arbitrary<Gate> {
  const one = fc.nat({ max: n - 1 }).map((q) => [q] as const);
  const two = fc.nat({ max: n - 2 }).chain((q) => fc.constantFrom([q, q + 1] as const, [q + 1, q] as const));
  return fc.oneof(
    fc.record({ name: fc.constantFrom('h', 'sx', 'x'), qubits: one }),
    fc.record({ name: fc.constantFrom('rx', 'rz'), angle, qubits: one }),
    fc.record({ name: fc.constant('cz' as const), qubits: two }),
    fc.record({ name: fc.constant('swap' as const), qubits: two }),
    fc.record({ name: fc.constant('zz' as const), angle, qubits: two }),
  );
}

/** ⟨a|b⟩ for what two lists of gates make of each index: all of size 1, and all the same, where they are one operator. */
function phases(n: number, a: readonly Gate[], b: readonly Gate[]): readonly (readonly [number, number])[] {
  return Array.from({ length: 2 ** n }, (_, x) =>
    productOf(new Register(n, x).perform(a).amplitudes, new Register(n, x).perform(b).amplitudes),
  );
}

describe.each([{ fractional: false }, { fractional: true }])(
  'native gates, $fractional',
  ({ fractional }) => {
    it('are the same operator but for one phase, by a simulator that goes gate by gate', () => {
      const circuits = fc
        .integer({ min: 2, max: 4 })
        .chain((n) => fc.record({ n: fc.constant(n), gates: fc.array(gateOf(n), { maxLength: 20 }) }));
      fc.assert(
        fc.property(circuits, ({ n, gates }) => {
          const found = nativeCircuit({ gates, measured: [] }, { fractional }).gates;
          const [first, ...others] = phases(n, gates, found);
          expect(Math.abs(Math.hypot(...first!) - 1)).toBeLessThan(ROUNDING);
          for (const [re, im] of others) {
            expect(Math.hypot(re - first![0], im - first![1])).toBeLessThan(ROUNDING);
          }
        }),
        { numRuns: 150, seed: 7 },
      );
    });

    it('are those that the machine has, with angles that it takes', () => {
      const names = fractional ? ['rz', 'sx', 'x', 'cz', 'rx', 'zz'] : ['rz', 'sx', 'x', 'cz'];
      fc.assert(
        fc.property(fc.array(gateOf(3), { maxLength: 30 }), (gates) => {
          for (const gate of nativeCircuit({ gates, measured: [] }, { fractional }).gates) {
            expect(names).toContain(gate.name);
            if (gate.name === 'rz') expect(Math.abs(gate.angle)).toBeLessThanOrEqual(Math.PI);
            if (gate.name === 'zz') {
              expect(gate.angle).toBeGreaterThan(0);
              expect(gate.angle).toBeLessThanOrEqual(Math.PI / 2);
            }
          }
        }),
        { numRuns: 100, seed: 8 },
      );
    });

    it('are at most two sx between two cz of a qubit', () => {
      const turns: readonly Gate[] = ['h', 'sx', 'h', 'x', 'sx', 'h'].map((name) => ({
        name: name === 'h' ? 'h' : name === 'x' ? 'x' : 'sx',
        qubits: [0],
      }));
      const { gates } = nativeCircuit({ gates: turns, measured: [0] }, { fractional });
      expect(gates.filter(({ name }) => name === 'sx' || name === 'x').length).toBeLessThanOrEqual(2);
    });
  },
);

describe('a circuit on a line', () => {
  const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
  const problems = fc.integer({ min: 1, max: 5 }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      linear: fc.array(fc.option(coefficient, { nil: 0 }), { minLength: n, maxLength: n }),
      couplings: fc.array(
        fc.record({ i: fc.nat({ max: n - 1 }), j: fc.nat({ max: n - 1 }), weight: coefficient }),
        { maxLength: 10 },
      ),
    }),
  );
  const layers = fc.array(fc.record({ gamma: coefficient, beta: coefficient }), {
    minLength: 1,
    maxLength: 3,
  });

  /** The amplitudes of the variables, as measured; qubits that are not measured must be 0. */
  function measuredState(
    { gates, measured }: Circuit,
    qubits: number,
  ): readonly (readonly [number, number])[] {
    const { amplitudes } = new Register(qubits).perform(gates);
    return Array.from(
      { length: 2 ** measured.length },
      (_, x) => amplitudes[measured.reduce((at, qubit, k) => at | (((x >> k) & 1) << qubit), 0)]!,
    );
  }

  it.each([false, true])(
    'ends in the state of the circuit that it stands for, fractional gates: %s',
    (fractional) => {
      fc.assert(
        fc.property(problems, layers, (terms, angles) => {
          const problem = quboOf(terms);
          const asked = { gammas: angles.map(({ gamma }) => gamma), betas: angles.map(({ beta }) => beta) };
          // A line that runs backwards and leaves qubit 0 alone.
          const line = Array.from({ length: terms.n }, (_, at) => terms.n - at);
          const placed = placedCircuit(problem, { angles: asked, line });
          const wanted = measuredState(qaoaCircuit(problem, asked), terms.n);
          const native = nativeCircuit(placed, { fractional });
          for (const circuit of [placed, native]) {
            const product = productOf(wanted, measuredState(circuit, terms.n + 1));
            expect(Math.abs(Math.hypot(...product) - 1)).toBeLessThan(ROUNDING);
          }
          const places = new Map(line.map((qubit, at) => [qubit, at]));
          for (const { qubits } of native.gates) {
            if (qubits.length === 2) {
              expect(Math.abs(places.get(qubits[0])! - places.get(qubits[1])!)).toBe(1);
            }
          }
        }),
        { numRuns: 60, seed: 9 },
      );
    },
  );

  it('counts its cz as the plan does: three for each exchange, two for each coupling without one', () => {
    for (let n = 3; n <= 12; n++) {
      const couplings = pairs(n).map(([i, j]) => ({ i, j, weight: 1 + i + j / 10 }));
      const problem = quboOf({ n, couplings });
      const network = couplersOf(swapNetwork(n, couplings));
      expect(network).toBe((3 * n * (n - 1)) / 2 - Math.floor((n - 1) / 2));
      for (const depth of [1, 2, 3]) {
        const angles = { gammas: Array(depth).fill(0.3), betas: Array(depth).fill(0.2) };
        const line = Array.from({ length: n }, (_, q) => q);
        const { gates } = nativeCircuit(placedCircuit(problem, { angles, line }), { fractional: false });
        const count = gates.filter(({ name }) => name === 'cz').length;
        expect(count).toBe(depth * couplersOf(networkOf(n, couplings)));
        expect(count).toBeLessThanOrEqual(depth * network);
      }
    }
  });

  it('is at most as deep in cz as the swap network: three for each of n rounds, and two for the last', () => {
    const n = 10;
    const problem = quboOf({ n, couplings: pairs(n).map(([i, j]) => ({ i, j, weight: 1 })) });
    const line = Array.from({ length: n }, (_, q) => q);
    const placed = placedCircuit(problem, { angles: { gammas: [0.3], betas: [0.2] }, line });
    const depth = Array.from({ length: n }, () => 0);
    for (const { name, qubits } of nativeCircuit(placed, { fractional: false }).gates) {
      if (name !== 'cz') continue;
      const after = 1 + Math.max(...qubits.map((q) => depth[q]!));
      for (const q of qubits) depth[q] = after;
    }
    expect(Math.max(...depth)).toBeLessThanOrEqual(3 * n - 1);
  });

  // E = 2x₀ − 4x₀x₁ has J = −1, h₀ = 0 and h₁ = 1, and zz(−1) is zz(1) between two flips.
  it('is written with a dollar before each qubit, and bits of the variables in their order', () => {
    const problem = quboOf({ n: 2, linear: [2, 0], couplings: [{ i: 0, j: 1, weight: -4 }] });
    const angles = { gammas: [0.5], betas: [0.25] };
    const circuit = nativeCircuit(placedCircuit(problem, { angles, line: [7, 12] }), { fractional: true });
    expect(nativeQasm(circuit)).toBe(
      [
        'OPENQASM 3.0;',
        'include "stdgates.inc";',
        'bit[2] c;',
        'rz(-1.5707963267948966) $7;',
        'sx $7;',
        'rz(1.5707963267948966) $12;',
        'sx $12;',
        'rzz(1) $7, $12;',
        'rz(-1.5707963267948966) $7;',
        'rx(2.641592653589793) $7;',
        'rz(3.141592653589793) $7;',
        'rz(2.5707963267948966) $12;',
        'rx(0.5000000000000001) $12;',
        'c[0] = measure $7;',
        'c[1] = measure $12;',
        '',
      ].join('\n'),
    );
  });
});

function pairs(n: number): readonly (readonly [number, number])[] {
  return Array.from({ length: n }, (_, j) => Array.from({ length: j }, (__, i) => [i, j] as const)).flat();
}

describe('meetings on a line', () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((n) =>
      fc.record({ n: fc.constant(n), wanted: fc.subarray(pairs(n).map(([i, j]) => ({ i, j }))) }),
    );

  it('couple every pair once, whatever is coupled, and lead back when gone through backwards', () => {
    fc.assert(
      fc.property(graphs, ({ n, wanted }) => {
        for (const { order, rounds } of [swapNetwork(n, wanted), ...greedyNetworks(n, wanted)]) {
          const line = [...order];
          const coupled: string[] = [];
          for (const round of rounds) {
            const busy = round.flatMap(({ at }) => [at, at + 1]);
            expect(new Set(busy).size).toBe(busy.length);
          }
          for (const meeting of rounds.flat()) {
            const { at, variables, exchange } = meeting;
            expect([line[at], line[at + 1]]).toEqual(variables);
            if (meeting.coupled) coupled.push([...variables].sort((a, b) => a - b).join());
            if (exchange) [line[at], line[at + 1]] = [line[at + 1]!, line[at]!];
          }
          expect(coupled.sort()).toEqual(wanted.map(({ i, j }) => `${i},${j}`).sort());
          for (const { at, exchange } of rounds.toReversed().flat()) {
            if (exchange) [line[at], line[at + 1]] = [line[at + 1]!, line[at]!];
          }
          expect(line).toEqual(order);
        }
      }),
      { numRuns: 100, seed: 10 },
    );
  });

  it('take no more couplers than the swap network, and no exchange where the coupled form a line', () => {
    fc.assert(
      fc.property(graphs, ({ n, wanted }) => {
        expect(couplersOf(networkOf(n, wanted))).toBeLessThanOrEqual(couplersOf(swapNetwork(n, wanted)));
      }),
      { numRuns: 60, seed: 12 },
    );
    const path = [3, 0, 5, 1, 4, 2].map((i, at, all) => ({ i, j: all[at + 1] ?? -1 })).slice(0, 5);
    expect(couplersOf(networkOf(6, path))).toBe(2 * 5);
  });

  it('are fewer where few are coupled', () => {
    const n = 12;
    const ring = Array.from({ length: n }, (_, i) => ({ i, j: (i + 1) % n }));
    expect(couplersOf(networkOf(n, ring))).toBeLessThan(0.85 * couplersOf(swapNetwork(n, ring)));
  });
});
