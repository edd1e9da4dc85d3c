import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsIn } from '../../pipelines/runners/braket-results.ts';
import { dollarsText, microDollarsOf } from '../../pipelines/runners/money.ts';

/** Bits of each shot by qubit, and the order in which a machine tells them. */
const SHOTS = fc.integer({ min: 1, max: 6 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    order: fc.shuffledSubarray([...Array.from({ length: n }).keys()], { minLength: n }),
    bits: fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n }), {
      minLength: 1,
      maxLength: 300,
    }),
  }),
);

/** By the value of each shot: bit q counts 2^q. */
function tallied(bits: readonly (readonly number[])[]): ReadonlyMap<bigint, number> {
  const times = new Map<bigint, number>();
  for (const shot of bits) {
    const value = BigInt(shot.reduce((sum, bit, q) => sum + bit * 2 ** q, 0));
    times.set(value, (times.get(value) ?? 0) + 1);
  }
  return times;
}

async function read(n: number, shots: number, told: object): Promise<ReadonlyMap<bigint, number>> {
  const braketSchemaHeader = { name: 'braket.task_result.gate_model_task_result', version: '1' };
  const text = JSON.stringify({ braketSchemaHeader, ...told });
  const place = { where: 'results.json', id: 'task', folder: '', read: async () => '' };
  const [counts] = await countsIn(text, { ...place, shots, qubits: [n] });
  expect(counts).toMatchObject({ n, shots });
  return counts?.times ?? new Map();
}

const sorted = (times: ReadonlyMap<bigint, number>) => [...times].sort(([a], [b]) => (a < b ? -1 : 1));

describe('results of a task', () => {
  it('count the same as measurements and as probabilities, in whatever order qubits are told', async () => {
    await fc.assert(
      fc.asyncProperty(SHOTS, async ({ n, order, bits }) => {
        const rows = bits.map((shot) => order.map((q) => shot[q] ?? 0));
        const shares = new Map<string, number>();
        for (const row of rows) shares.set(row.join(''), (shares.get(row.join('')) ?? 0) + 1);
        const probabilities = [...shares].map(([key, times]) => [key, times / bits.length]);
        const wanted = sorted(tallied(bits));
        const told = { measuredQubits: order };
        expect(sorted(await read(n, bits.length, { ...told, measurements: rows }))).toEqual(wanted);
        const measurementProbabilities = Object.fromEntries(probabilities) as unknown;
        expect(sorted(await read(n, bits.length, { ...told, measurementProbabilities }))).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  it('share out all shots where probabilities are no multiples of one, each within one of its due', async () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(weights, fc.integer({ min: 1, max: 5000 }), async (parts, shots) => {
        const whole = parts.reduce((sum, part) => sum + part, 0);
        const shares = parts.map((part, at) => [at.toString(2).padStart(3, '0'), part / whole] as const);
        const told = { measuredQubits: [2, 1, 0], measurementProbabilities: Object.fromEntries(shares) };
        const times = await read(3, shots, told);
        expect([...times.values()].reduce((sum, seen) => sum + seen, 0)).toBe(shots);
        shares.forEach(([, share], at) => {
          expect(Math.abs((times.get(BigInt(at)) ?? 0) - share * shots)).toBeLessThan(1.001);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('money', () => {
  it('is told to the millionth as it was given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (micros) => {
        const [whole, rest] = [Math.floor(micros / 1e6), String(micros % 1e6).padStart(6, '0')];
        expect(microDollarsOf(Number(`${whole}.${rest}`))).toBe(micros);
        expect(Number(dollarsText(microDollarsOf(micros / 1e6)).slice(1))).toBe(Number(`${whole}.${rest}`));
      }),
    );
    expect(dollarsText(microDollarsOf(2))).toBe('$2.00');
    expect(dollarsText(microDollarsOf(0.0000001))).toBe('$0.000001');
  });
});
