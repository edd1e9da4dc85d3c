import { linkSync, mkdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxMalformed } from '../../pipelines/onnx/faults.ts';
import { encodeModel, floatInitializer, type OnnxModel } from '../../pipelines/onnx/graph.ts';
import { readModel, readView } from '../../pipelines/onnx/read.ts';
import { wasmRuntime } from '../../pipelines/onnx/runtime.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { tensorsUnfit } from '../../pipelines/tensors/faults.ts';
import { saveModel, viewOf } from '../../pipelines/transforms/view.ts';
import { openWeights } from '../../pipelines/transforms/weights.ts';
import { temporaryFolder } from '../temporary.ts';
import { gaussian, modelIn } from './models.ts';

const random = randomOf(3);
const drawn = (count: number): Float32Array => Float32Array.from({ length: count }, () => gaussian(random));
const [first, second] = [drawn(40 * 30), drawn(30 * 20)];

/** y = relu(x·first)·second + bias; the bias is too small to lie outside. */
const MODEL: OnnxModel = {
  name: 'two-layers',
  nodes: [
    { operator: 'MatMul', inputs: ['x', 'first'], outputs: ['hidden'] },
    { operator: 'Relu', inputs: ['hidden'], outputs: ['positive'] },
    { operator: 'Gemm', inputs: ['positive', 'second', 'bias'], outputs: ['y'] },
  ],
  initializers: [
    floatInitializer('first', [40, 30], first),
    floatInitializer('second', [30, 20], second),
    floatInitializer('bias', [20], drawn(20)),
  ],
  inputs: [{ name: 'x', type: 'float32', dims: ['N', 40] }],
  outputs: [{ name: 'y', type: 'float32', dims: ['N', 20] }],
  metadata: {},
};

async function answer(model: Uint8Array | string, load?: typeof wasmRuntime): Promise<readonly number[]> {
  const session = await openSession(model, load);
  const x = {
    type: 'float32',
    dims: [1, 40],
    data: Float32Array.from({ length: 40 }, (_, i) => i / 40),
  } as const;
  const { y } = await session.run({ x });
  await session.close();
  return [...(y!.data as Float32Array)];
}

describe('saveModel', () => {
  it('writes a graph of kilobytes that ONNX Runtime answers as it answers the whole model', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.onnx');
    const told = await saveModel(file, MODEL);
    expect(told.graphBytes).toBe(statSync(file).size);
    expect(told.graphBytes).toBeLessThan(1024);
    expect(told.weightBytes).toBe(4 * (40 * 30 + 30 * 20));
    const whole = await answer(encodeModel(MODEL));
    expect(await answer(file)).toEqual(whole);
    const byWasm = await answer(file, wasmRuntime);
    byWasm.forEach((value, index) => expect(value).toBeCloseTo(whole[index]!, 4));
  });

  it('gives weights that are read back by ranges as they were', async () => {
    const file = path.join(temporaryFolder(), 'model.onnx');
    await saveModel(file, MODEL);
    const opened = openWeights(file);
    const found = Object.fromEntries(
      opened.weights.map(({ name, stretches }) => [name, [...stretches()].flatMap((part) => [...part])]),
    );
    opened.close();
    expect(found['first']).toEqual([...first]);
    expect(found['second']).toEqual([...second]);
    expect(opened.sizeBytes).toBeGreaterThan(4 * (40 * 30 + 30 * 20));
  });

  it('is refused where a whole model is wanted', async () => {
    const bytes = encodeModel({
      ...MODEL,
      external: [{ ...MODEL.initializers[0]!, location: 'a', offset: 0 }],
    });
    expect(() => readModel(bytes)).toThrowFault(onnxMalformed);
    expect(readView(bytes).external).toEqual([
      { name: 'first', type: 'float32', dims: [40, 30], location: 'a', offset: 0 },
    ]);
  });
});

describe('viewOf', () => {
  it('lets one graph look at other weights of the same shapes', async () => {
    const folder = temporaryFolder();
    const zeros = (shape: readonly number[]) => ({
      shape,
      values: Array.from({ length: shape[0]! * shape[1]! }, () => 0),
    });
    const weights = modelIn(folder, 'other', { first: zeros([40, 30]), second: zeros([30, 20]) });
    const file = path.join(folder, 'view.onnx');
    writeFileSync(file, encodeModel(viewOf({ model: MODEL, weights })));
    const bias = new Float32Array(MODEL.initializers[2]!.raw.buffer);
    expect(await answer(file)).toEqual([...bias]);
  });

  it('names the tensor that does not fit', () => {
    const weights = modelIn(temporaryFolder(), 'other', {
      first: { shape: [2, 600], values: [...drawn(1200)] },
    });
    expect(() => viewOf({ model: MODEL, weights })).toThrowFault(tensorsUnfit);
    expect(() => viewOf({ model: MODEL, weights })).toThrow('tensor first: wanted float32 [40, 30]');
  });
});

describe('openWeights, of a view', () => {
  const pointing = (folder: string, location: string, offset = 0): string => {
    const file = path.join(folder, 'model.onnx');
    const external = [{ name: 'w', type: 'float32' as const, dims: [4], location, offset }];
    writeFileSync(file, encodeModel({ ...MODEL, initializers: [], external }));
    return file;
  };

  // Weights are read by whoever inspects a model from elsewhere: a location must not reach their other files.
  it.each(['../secret', '/etc/hostname', 'a//b', 'sub\\w', 'c:w', '', '.', 'missing'])(
    'does not follow the location `%s`',
    (location) => {
      const folder = temporaryFolder();
      const inside = path.join(folder, 'model');
      mkdirSync(inside);
      writeFileSync(path.join(folder, 'secret'), new Uint8Array(16));
      expect(() => openWeights(pointing(inside, location))).toThrowFault(onnxMalformed);
    },
  );

  it('follows no link that leads out of the folder, and one that stays in it', () => {
    const folder = temporaryFolder();
    const inside = path.join(folder, 'model');
    mkdirSync(inside);
    writeFileSync(path.join(folder, 'secret'), new Uint8Array(16));
    symlinkSync('../secret', path.join(inside, 'w'));
    expect(() => openWeights(pointing(inside, 'w'))).toThrowFault(onnxMalformed);
    rmSync(path.join(inside, 'w'));
    linkSync(path.join(folder, 'secret'), path.join(inside, 'own'));
    symlinkSync('own', path.join(inside, 'w'));
    openWeights(pointing(inside, 'w')).close();
  });

  it('says how much of a file is missing, before and after it was opened', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'w'), new Uint8Array(20));
    expect(() => openWeights(pointing(folder, 'w', 8))).toThrow('wanted 24 bytes in w, found 20');
    const opened = openWeights(pointing(folder, 'w', 4));
    truncateSync(path.join(folder, 'w'), 10);
    expect(() => [...opened.weights[0]!.stretches()]).toThrowFault(onnxMalformed);
    opened.close();
  });
});
