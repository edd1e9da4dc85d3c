import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, layOutInScript, type LayOut } from '../../pipelines/kernels/space.ts';
import { loopsByKernel, type Loops } from '../../pipelines/transforms/loops.ts';
import { LOOPS_IN_SCRIPT } from '../../pipelines/transforms/script-loops.ts';
import { temporaryFolder } from '../temporary.ts';
import { merged, modelIn, one } from './models.ts';

const ALL_SHORTS = 65_536;
const EDGES = 40_000;

/** Room for all numbers of 16 bits beside what they are as floats. */
function conversionsIn(lay: LayOut) {
  const { kernels, arrays } = lay({
    shorts: [Uint16Array, ALL_SHORTS],
    floats: [Float32Array, ALL_SHORTS],
    places: [Int32Array, 1],
    terms: [Float32Array, 4],
    scratch: [Float32Array, 8],
  });
  expect(kernels === null).toBe(lay === layOutInScript);
  const loops: Loops = kernels === null ? LOOPS_IN_SCRIPT : loopsByKernel(kernels, arrays);
  return { loops, ...arrays };
}

const isNumber = (half: number): boolean => (half & 0x7fff) <= 0x7c00;

describe.each([
  ['kernels', layOut],
  ['JavaScript', layOutInScript],
] as const)('floats of 16 bits, by %s', (_, lay) => {
  it('become the same halves and the same floats as the language has, all of them', () => {
    const { loops, shorts, floats } = conversionsIn(lay);
    shorts.forEach((__, bits) => (shorts[bits] = bits));
    loops.fromHalf(shorts, floats);
    const view = new DataView(new ArrayBuffer(2));
    floats.forEach((value, bits) => {
      view.setUint16(0, bits);
      if (isNumber(bits) && !Object.is(value, view.getFloat16(0))) throw new Error(`half ${bits}: ${value}`);
    });
    shorts.fill(1);
    loops.toHalf(floats, shorts);
    shorts.forEach((back, bits) => {
      if (isNumber(bits) && back !== bits) throw new Error(`half ${bits} came back as ${back}`);
    });
  });

  it('round floats to the nearest half, ties to the even one', () => {
    const { loops, shorts, floats } = conversionsIn(lay);
    // The middle between two halves, and the floats on both sides of it, from the subnormal ones to beyond the largest.
    const bits = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
    for (let at = 0; at < EDGES; at++) {
      floats[at] = Math.f16round(at) / 2 ** (at % 30) + (at % 4 === 0 ? 2 ** -25 : 0);
      bits[at]! += (at % 3) - 1;
      floats[at]! *= at % 2 === 0 ? -1 : 1;
    }
    floats.set([65_519.99, 65_520, -65_520, 1e38, Infinity, -0, 2 ** -25, 3 * 2 ** -25, 2 ** -26], EDGES);
    for (let at = EDGES + 9; at < ALL_SHORTS; at++) floats[at] = ((at - 52_000) * 1.000_244_140_625) / 7;
    loops.toHalf(floats, shorts);
    const view = new DataView(new ArrayBuffer(2));
    floats.forEach((value, at) => {
      view.setFloat16(0, value);
      if (shorts[at] !== view.getUint16(0)) throw new Error(`${value} became ${shorts[at]}`);
    });
  });

  it('are the upper half of a float as brain floats, rounded to even on the way back', () => {
    const { loops, shorts, floats } = conversionsIn(lay);
    shorts.forEach((__, bits) => (shorts[bits] = bits));
    loops.fromBrain(shorts, floats);
    const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
    expect(bits.every((whole, at) => whole === at * ALL_SHORTS)).toBe(true);
    const odd = 0x3f81;
    bits.set([0x8000, 0x8001, 0x7fff].map((low) => odd * ALL_SHORTS + low));
    bits.set([(odd - 1) * ALL_SHORTS + 0x8000, 0xbf80_8001], 3);
    loops.toBrain(floats, shorts);
    expect([...shorts.subarray(0, 5)]).toEqual([odd + 1, odd + 1, odd, odd - 1, 0xbf81]);
  });
});

const METHODS = [
  'linear',
  'slerp',
  'task_arithmetic',
  'model_stock',
  'ties',
  'dare_ties',
  'dare_linear',
  'breadcrumbs',
  'breadcrumbs_ties',
  'della',
] as const;

interface Asked {
  readonly merge_method: (typeof METHODS)[number];
  readonly weights: readonly number[];
  readonly density: number;
}

/** The configuration for models that are called m0, m1 … and their base. */
function configOf({ merge_method, weights, density }: Asked, count: number): unknown {
  const base_model = 'base';
  if (merge_method === 'slerp') {
    return {
      merge_method,
      base_model,
      models: [{ model: 'base' }, { model: 'm0' }],
      parameters: { t: density },
    };
  }
  const models = weights.slice(0, count).map((drawn, index) => {
    // What is divided by the sum of its weights needs one.
    const weight = merge_method === 'linear' ? Math.abs(drawn) : drawn;
    return { model: `m${index}`, parameters: { weight, density, gamma: 0.1, epsilon: 0.05 } };
  });
  return { merge_method, base_model, models };
}

describe('a merge', () => {
  it('gives the same bits by kernels and in JavaScript, whatever the method, the type and the length', async () => {
    const folder = temporaryFolder();
    const value = fc.oneof(
      fc.constantFrom(-0, 0, 0.5, -0.5, 1),
      fc.float({ min: -4, max: 4, noNaN: true }),
      fc.float({ min: Math.fround(-1e-6), max: Math.fround(1e-6), noNaN: true }),
    );
    const drawn = fc.integer({ min: 1, max: 70 }).chain((length) => {
      const values = fc.array(value, { minLength: length, maxLength: length });
      return fc.record({
        base: values,
        others: fc.array(values, { minLength: 2, maxLength: 5 }),
        type: fc.constantFrom('F32' as const, 'F16' as const, 'BF16' as const),
        memoryBytes: fc.constantFrom(320, 640, 1e6),
      });
    });
    const asked = fc.record({
      merge_method: fc.constantFrom(...METHODS),
      weights: fc.array(fc.constantFrom(1, -1, 0.3, -0.3, 2.7), { minLength: 5, maxLength: 5 }),
      density: fc.constantFrom(0.1, 0.5, 0.77, 0.9),
    });
    await fc.assert(
      fc.asyncProperty(asked, drawn, async (ask, { base, others, type, memoryBytes }) => {
        const most = ask.merge_method === 'slerp' ? 1 : others.length;
        // A direction is asked of some, so none is all zeros.
        modelIn(folder, 'base', one([1, ...base]), type);
        others.forEach((values, index) => modelIn(folder, `m${index}`, one([2, ...values]), type));
        const bytes = async (lay: LayOut): Promise<Buffer> => {
          // Rows that are ranked have to be in memory whole.
          const room = ask.merge_method === 'della' ? {} : { memoryBytes };
          await merged(folder, configOf(ask, most), { ...room, lay });
          return readFileSync(path.join(folder, 'merged.safetensors'));
        };
        const byKernels = await bytes(layOut);
        expect((await bytes(layOutInScript)).equals(byKernels)).toBe(true);
      }),
      { seed: 7, numRuns: 120 },
    );
  });
});
