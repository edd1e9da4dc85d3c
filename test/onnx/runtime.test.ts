import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { encodeModel, floatInitializer } from '../../pipelines/onnx/graph.ts';
import { findRuntime, nativeRuntime, wasmRuntime } from '../../pipelines/onnx/runtime.ts';
import { openSession, type Runtime } from '../../pipelines/onnx/session.ts';

const [ROWS, IN, OUT] = [200, 64, 10];

/** Softmax of a dense layer, as large as that of the digits. */
function modelBytes(): Uint8Array {
  const random = randomOf(7);
  const weights = Array.from({ length: IN * OUT }, () => random.nextFloat() * 4 - 2);
  return encodeModel({
    name: 'dense',
    nodes: [
      { operator: 'Gemm', inputs: ['x', 'w'], outputs: ['z'] },
      { operator: 'Softmax', inputs: ['z'], outputs: ['y'] },
    ],
    initializers: [floatInitializer('w', [IN, OUT], weights)],
    inputs: [{ name: 'x', type: 'float32', dims: ['N', IN] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', OUT] }],
    metadata: {},
  });
}

async function answers(load: () => Promise<Runtime>): Promise<Float32Array> {
  const session = await openSession(modelBytes(), load);
  const random = randomOf(8);
  const data = Float32Array.from({ length: ROWS * IN }, () => random.nextFloat() * 2 - 1);
  const { y } = await session.run({ x: { type: 'float32', dims: [ROWS, IN], data } });
  await session.close();
  if (y?.type !== 'float32') throw new TypeError('y is missing');
  return y.data;
}

describe('the runtime that ships', () => {
  it('is the package’s own, byte for byte', () => {
    const packed = readFileSync(path.resolve(import.meta.dirname, '../../action/wasm/onnxruntime.wasm.br'));
    const own = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
    expect(brotliDecompressSync(packed).equals(readFileSync(own))).toBe(true);
  });

  it('gives the native one’s numbers, to a millionth', async () => {
    const [native, wasm] = [await answers(nativeRuntime), await answers(wasmRuntime)];
    expect(wasm).toHaveLength(ROWS * OUT);
    const furthest = wasm.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - (native[index] ?? 9))),
      0,
    );
    expect(furthest).toBeLessThan(1e-6);
  });
});

describe('which runtime is taken', () => {
  it('is the native one where it is there', async () => {
    const none = () => Promise.reject(new Error('not asked for'));
    expect((await findRuntime(nativeRuntime, none)).kind).toBe('native');
  });

  it('is the one that ships where the native one is missing, broken or empty', async () => {
    const gone = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }));
    const empty = () => Promise.resolve<never>({} as never);
    expect((await findRuntime(gone)).kind).toBe('wasm');
    expect((await findRuntime(empty)).kind).toBe('wasm');
  });
});
