import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, layOutInScript } from '../../pipelines/kernels/space.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { simulatorOf, type Make, type Simulator } from '../../pipelines/quantum/layers.ts';
import { slopeOf } from '../../pipelines/quantum/qaoa.ts';
import { probabilitiesOf } from '../../pipelines/quantum/statevector.ts';
import { Register } from './gates.ts';

const whole = (n: number, seed: number) => {
  const random = randomOf(seed);
  return Float64Array.from({ length: 2 ** n }, () => random.nextBelow(50) - 20);
};
const broken = (n: number, seed: number) => {
  const random = randomOf(seed);
  return Float64Array.from({ length: 2 ** n }, () => 4 * random.nextFloat() - 2);
};

const LAYERS = [
  { gamma: 0.31, beta: 0.4 },
  { gamma: -0.07, beta: -1.3 },
  { gamma: 0.22, beta: 2.9 },
  { gamma: 1.7, beta: 4.6 },
];

function through(simulator: Simulator, register = 0): Simulator {
  simulator.begin(register);
  for (const layer of LAYERS) simulator.apply(register, layer);
  return simulator;
}

/** The same by the book; a phase of the diagonal is one of every index alone. */
function byGates(diagonal: Float64Array): readonly number[] {
  const n = Math.log2(diagonal.length);
  const register = new Register(n);
  for (let q = 0; q < n; q++) register.hadamard(q);
  for (const { gamma, beta } of LAYERS) {
    register.amplitudes = register.amplitudes.map(([a, b], x) => {
      const [c, s] = [Math.cos(gamma * diagonal[x]!), -Math.sin(gamma * diagonal[x]!)];
      return [a * c - b * s, a * s + b * c];
    });
    for (let q = 0; q < n; q++) register.rx(q, 2 * beta);
  }
  return register.probabilities();
}

describe('layers', () => {
  it.each([
    ['double', 1e-12],
    ['single', 1e-5],
  ] as const)(
    'in %s precision give the distribution of gates made one by one, within %f',
    (precision, slack) => {
      for (const diagonal of [0, 1, 2, 3, 4, 5, 7, 9].flatMap((n) => [whole(n, n), broken(n, n)])) {
        const found = probabilitiesOf(through(simulatorOf(diagonal, { precision })).registers[0]!);
        const wanted = byGates(diagonal);
        found.forEach((share, x) => expect(Math.abs(share - wanted[x]!)).toBeLessThan(slack));
      }
    },
  );

  it.each(['double', 'single'] as const)(
    'in %s precision are the same to the last bit without kernels',
    (precision) => {
      for (const n of [4, 5, 6, 8, 11, 16, 17]) {
        const [fast, slow] = [layOut, layOutInScript].map((lay) =>
          through(simulatorOf(whole(n, n), { precision, lay })),
        );
        for (const part of ['re', 'im'] as const) {
          expect(
            Buffer.from(fast!.registers[0]![part].slice().buffer).equals(
              Buffer.from(slow!.registers[0]![part].slice().buffer),
            ),
          ).toBe(true);
        }
      }
    },
  );

  it('take 65,537 levels and more one by one', () => {
    const diagonal = broken(17, 5);
    const found = probabilitiesOf(through(simulatorOf(diagonal)).registers[0]!);
    const sum = found.reduce((total, share) => total + share, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-10);
    const slow = probabilitiesOf(through(simulatorOf(diagonal, { lay: layOutInScript })).registers[0]!);
    expect(found).toEqual(slow);
  });

  it('keep registers apart, and undo each other', () => {
    const simulator = through(simulatorOf(whole(7, 7), { registers: 2 }), 1);
    simulator.begin(0);
    const { re, im } = simulator.registers[0]!;
    const before = [...re, ...im];
    simulator.apply(0, { gamma: 0.3, beta: 0 });
    simulator.apply(0, { gamma: 0, beta: 2 });
    simulator.apply(0, { gamma: 0, beta: -2 });
    simulator.apply(0, { gamma: -0.3, beta: 0 });
    [...re, ...im].forEach((value, at) => expect(value).toBeCloseTo(before[at]!, 12));
    expect(probabilitiesOf(simulator.registers[1]!)).toEqual(
      probabilitiesOf(through(simulatorOf(whole(7, 7))).registers[0]!),
    );
  });
});

describe('the kernel of a layer', () => {
  /** Small blocks, so that many qubits lie above one. */
  it('turns as many qubits above a block as there are, in single and in double precision', () => {
    for (const kind of [Float32Array, Float64Array]) {
      for (let n = 4; n <= 13; n++) {
        const size = 2 ** n;
        const of = (blockLog: number) => {
          const { kernels, arrays } = layOut({
            re: [kind, size],
            im: [kind, size],
            levels: [Uint16Array, size],
            table: [kind, 4],
            scratch: [kind, 2 ** (n - blockLog + 6)],
          });
          const random = randomOf(n);
          for (let x = 0; x < size; x++) {
            arrays.re[x] = random.nextFloat();
            arrays.im[x] = random.nextFloat();
            arrays.levels[x] = random.nextBelow(2);
          }
          arrays.table.set([0.6, 0.8, -0.8, 0.6]);
          const { re, im, levels, table, scratch } = arrays;
          const layer = kind === Float32Array ? kernels!.layer32 : kernels!.layer64;
          const at = [re, im, levels, table].map(({ byteOffset }) => byteOffset);
          layer(...at, n, blockLog, 6, scratch.byteOffset, 0.37);
          return [re, im];
        };
        const tallest = kind === Float32Array ? 4 : 3;
        expect(of(tallest)).toEqual(of(n));
        expect(of(Math.min(n, 5))).toEqual(of(n));
      }
    }
  });
});

describe('overlaps', () => {
  it('are those of the definition, with kernels and without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(), fc.boolean(), (n, seed, isWhole) => {
        const diagonal = isWhole ? whole(n, seed) : broken(n, seed);
        for (const lay of [layOut, layOutInScript]) {
          const simulator = simulatorOf(diagonal, { registers: 2, lay });
          const random = randomOf(seed);
          for (const { re, im } of simulator.registers) {
            for (const part of [re, im]) part.forEach((_, x) => (part[x] = random.nextFloat() - 0.5));
          }
          const [state, dual] = simulator.registers;
          // Back to the amplitudes themselves: ψₓ = (−i)^|x|·φₓ.
          const psi = (of: typeof state, x: number): readonly [number, number] => {
            const turns = [...x.toString(2)].filter((bit) => bit === '1').length % 4;
            const [a, b] = [of!.re[x]!, of!.im[x]!];
            return (
              [
                [a, b],
                [b, -a],
                [-a, -b],
                [-b, a],
              ] as const
            )[turns]!;
          };
          // Im(λ̄·ψ) for two indices.
          const meet = (x: number, y: number) => {
            const [[a, b], [c, d]] = [psi(dual, x), psi(state, y)];
            return a * d - b * c;
          };
          let [mixer, phase] = [0, 0];
          for (let x = 0; x < 2 ** n; x++) {
            phase += diagonal[x]! * meet(x, x);
            for (let q = 0; q < n; q++) mixer += meet(x, x ^ (1 << q));
          }
          const found = simulator.overlaps(1, 0);
          expect(found.mixer).toBeCloseTo(mixer, 9);
          expect(found.phase).toBeCloseTo(phase, 9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('above a block of 13 qubits too', () => {
    const [fast, slow] = [layOut, layOutInScript].map((lay) => {
      const simulator = simulatorOf(whole(15, 1), { registers: 2, lay });
      through(simulator, 0);
      simulator.begin(1);
      simulator.apply(1, { gamma: 0.2, beta: 0.1 });
      return simulator.overlaps(1, 0);
    });
    expect(fast!.mixer).toBeCloseTo(slow!.mixer, 9);
    expect(fast!.phase).toBeCloseTo(slow!.phase, 9);
  });

  it('are not told of single precision', () => {
    const simulator = simulatorOf(whole(5, 1), { registers: 2, precision: 'single' });
    expect(() => simulator.overlaps(0, 1)).toThrow(RangeError);
  });
});

describe('a mirrored state', () => {
  /** The first half of a diagonal that is the same read backwards. */
  const both = (n: number) => {
    const half = whole(n - 1, n);
    return { half, all: Float64Array.of(...half, ...half.toReversed()) };
  };

  it.each([2, 3, 4, 5, 6, 7, 8, 9])('of %i qubits has the distribution of the whole one, folded', (n) => {
    const { half, all } = both(n);
    const wanted = byGates(all);
    for (const [precision, slack] of [
      ['double', 1e-12],
      ['single', 1e-5],
    ] as const) {
      const found = probabilitiesOf(through(simulatorOf(half, { precision, mirrored: true })).registers[0]!);
      found.forEach((share, y) => {
        expect(Math.abs(share - wanted[y]! - wanted.at(-1 - y)!)).toBeLessThan(slack);
      });
    }
  });

  it('is the same to the last bit without kernels', () => {
    for (const precision of ['single', 'double'] as const) {
      for (const n of [5, 6, 7, 8, 12]) {
        const [fast, slow] = [layOut, layOutInScript].map(
          (lay) => through(simulatorOf(both(n).half, { precision, mirrored: true, lay })).registers[0]!,
        );
        expect(fast!.re).toEqual(slow!.re);
        expect(fast!.im).toEqual(slow!.im);
      }
    }
  });

  it.each([3, 4, 6, 7, 8, 9])(
    'of %i qubits has the slope of the whole one, with kernels and without',
    (n) => {
      const { half, all } = both(n);
      const angles = { gammas: [0.11, -0.07], betas: [0.4, -0.3] };
      const wanted = slopeOf(simulatorOf(all, { registers: 2 }), angles);
      for (const lay of [layOut, layOutInScript]) {
        const found = slopeOf(simulatorOf(half, { registers: 2, mirrored: true, lay }), angles);
        expect(found.value).toBeCloseTo(wanted.value, 9);
        for (const side of ['gammas', 'betas'] as const) {
          found[side].forEach((slope, k) => expect(slope).toBeCloseTo(wanted[side][k]!, 9));
        }
      }
    },
  );
});

describe('two threads', () => {
  /** Starting takes as long as the machine is busy. */
  const whenThere = async (simulator: Simulator) => {
    while (simulator.threads() === 1) await sleep(10);
  };
  const bits = (simulator: Simulator) => {
    const { re, im } = through(simulator).registers[0]!;
    return [re, im].map((part) => Buffer.from(part.slice().buffer));
  };

  it.each([
    { precision: 'single', mirrored: false },
    { precision: 'single', mirrored: true },
    { precision: 'double', mirrored: false },
    { precision: 'double', mirrored: true },
  ] as const)('give the bits of one, before the second comes and behind: %j', async (make) => {
    for (const n of [10, 17]) {
      const one = bits(simulatorOf(whole(n, n), { ...make, threads: 1 }));
      const simulator = simulatorOf(whole(n, n), { ...make, threads: 2 });
      expect(bits(simulator)).toEqual(one);
      await whenThere(simulator);
      expect(bits(simulator)).toEqual(one);
      simulator.close();
      expect([simulator.threads(), bits(simulator)]).toEqual([1, one]);
    }
  });

  it('take phases one by one, and tell overlaps, as one does', async () => {
    const make: Make = { registers: 2, mirrored: true };
    const [one, two] = ([1, 2] as const).map((threads) => simulatorOf(broken(17, 3), { ...make, threads }));
    await whenThere(two!);
    for (const simulator of [one!, two!]) {
      through(simulator, 0);
      simulator.begin(1);
      simulator.apply(1, LAYERS[0]!);
    }
    expect(two!.overlaps(1, 0)).toEqual(one!.overlaps(1, 0));
    two!.close();
  });

  it('are one where a state is too small to be shared', () => {
    expect(simulatorOf(whole(9, 1), { threads: 2 }).threads()).toBe(1);
  });
});
