import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxRefused, onnxRunFailed, onnxRuntimeMissing } from '../../pipelines/onnx/faults.ts';
import {
  encodeModel,
  floatInitializer,
  integerInitializer,
  type OnnxModel,
} from '../../pipelines/onnx/graph.ts';
import { openSession } from '../../pipelines/onnx/session.ts';

/** y = (x·w)·½ and the rows of w that `chosen` names; ONNX's Gemm and Gather say what comes out. */
const MODEL: OnnxModel = {
  name: 'two-answers',
  nodes: [
    {
      operator: 'Gemm',
      inputs: ['x', 'w'],
      outputs: ['y'],
      attributes: { alpha: { kind: 'float', value: 0.5 } },
    },
    { operator: 'Gather', inputs: ['table', 'chosen'], outputs: ['found'] },
  ],
  initializers: [
    floatInitializer('w', [2, 2], [1, 2, 3, 4]),
    integerInitializer('table', [3], [-7, 2 ** 40, 9]),
  ],
  inputs: [
    { name: 'x', type: 'float32', dims: ['N', 2] },
    { name: 'chosen', type: 'int64', dims: ['n'] },
  ],
  outputs: [
    { name: 'y', type: 'float32', dims: ['N', 2] },
    { name: 'found', type: 'int64', dims: ['n'] },
  ],
  metadata: {},
};

const X = { type: 'float32', dims: [1, 2], data: Float32Array.of(10, 1) } as const;
const CHOSEN = { type: 'int64', dims: [2], data: BigInt64Array.of(1n, 0n) } as const;

describe('openSession', () => {
  it('answers as the operators mean', async () => {
    const session = await openSession(encodeModel(MODEL));
    expect([session.inputs, session.outputs]).toEqual([
      ['x', 'chosen'],
      ['y', 'found'],
    ]);
    const { y, found } = await session.run({ x: X, chosen: CHOSEN });
    expect(y).toEqual({ type: 'float32', dims: [1, 2], data: Float32Array.of(6.5, 12) });
    expect(found).toEqual({ type: 'int64', dims: [2], data: BigInt64Array.of(BigInt(2 ** 40), -7n) });
    await session.close();
  });

  it('refuses feeds that do not fit', async () => {
    const session = await openSession(encodeModel(MODEL));
    await expect(session.run({ x: X })).rejects.toThrowFault(onnxRunFailed);
    await expect(session.run({ x: { ...X, dims: [2, 1] }, chosen: CHOSEN })).rejects.toThrowFault(
      onnxRunFailed,
    );
    await expect(session.run({ x: { ...X, dims: [9] }, chosen: CHOSEN })).rejects.toThrowFault(onnxRunFailed);
    await session.close();
  });

  it('refuses outputs that are neither float32 nor int64', async () => {
    const session = await openSession(
      encodeModel({
        name: 'truth',
        nodes: [{ operator: 'Less', inputs: ['x', 'x'], outputs: ['less'] }],
        initializers: [],
        inputs: [{ name: 'x', type: 'float32', dims: ['N'] }],
        outputs: [{ name: 'less', type: 'bool', dims: ['N'] }],
        metadata: {},
      }),
    );
    const x = { type: 'float32', dims: [1], data: Float32Array.of(1) } as const;
    await expect(session.run({ x })).rejects.toThrowFault(onnxRunFailed);
    await session.close();
  });

  it('says that the runtime refuses bytes that are no model, or an operator it does not know', async () => {
    await expect(openSession(Buffer.from('not a model'))).rejects.toThrowFault(onnxRefused);
    const nodes = [{ operator: 'NoSuchOperator', inputs: ['x', 'w'], outputs: ['y'] }];
    await expect(openSession(encodeModel({ ...MODEL, nodes }))).rejects.toThrowFault(onnxRefused);
  });

  // What Python's pickle would run when it reads it; a model is no program here, so there is nothing that runs.
  it('refuses a pickle in place of a model, and runs nothing of it', async () => {
    const trace = path.join(tmpdir(), `fettle-pickle-${process.pid}`);
    const pickle = `cos\nsystem\n(S'touch ${trace}'\ntR.`;
    const zipped = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.from(pickle)]);
    for (const bytes of [Buffer.from(pickle), Buffer.from(`\u0080\u0004${pickle}`, 'latin1'), zipped]) {
      await expect(openSession(bytes)).rejects.toThrowFault(onnxRefused);
    }
    expect(existsSync(trace)).toBe(false);
  });

  it('says so when neither runtime is there', async () => {
    const missing = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(openSession(encodeModel(MODEL), missing)).rejects.toThrowFault(onnxRuntimeMissing);
  });
});
