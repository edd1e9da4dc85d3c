import { statSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODECS } from '../../pipelines/codecs/index.ts';
import { ternary, unpackTrits } from '../../pipelines/codecs/grouped.ts';
import { encodeModel, floatInitializer, type OnnxModel } from '../../pipelines/onnx/graph.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { tensorsUnfit } from '../../pipelines/tensors/faults.ts';
import { multiplied, OPERATOR_BITS, packNBits, unpackNBits } from '../../pipelines/transforms/nbits.ts';
import { quantizeGraph } from '../../pipelines/transforms/quantize-graph.ts';
import { saveModel } from '../../pipelines/transforms/view.ts';
import { writeFileSync } from 'node:fs';
import { temporaryFolder } from '../temporary.ts';
import { gaussian } from './models.ts';

const random = randomOf(8);
const drawn = (count: number): Float32Array => Float32Array.from({ length: count }, () => gaussian(random));
const [ROWS, COLUMNS] = [24, 200];
const OPERABLE = CODECS.filter(({ name }) => name in OPERATOR_BITS);

async function asked(model: Uint8Array | string, data: Float32Array): Promise<Float32Array> {
  const session = await openSession(model);
  const { y } = await session.run({ x: { type: 'float32', dims: [1, data.length], data } });
  await session.close();
  return y!.data as Float32Array;
}

describe('unpackTrits', () => {
  it('gives each trit + 2 in two bits, the first lowest', () => {
    const trits = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(trits, (values) => {
        const padded = [...values, 0, 0, 0, 0].slice(0, Math.ceil(values.length / 5) * 5);
        const bytes = Array.from({ length: padded.length / 5 }, (_, index) =>
          padded.slice(5 * index, 5 * index + 5).reduceRight((sum, trit) => 3 * sum + trit + 1, 0),
        );
        const found = unpackTrits(Uint8Array.from(bytes));
        expect(values.map((_, at) => ((found[at >> 2]! >> (2 * (at & 3))) & 3) - 2)).toEqual(values);
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});

describe('packNBits', () => {
  // The operator rounds what it is given to 8 bits, block by block: whole numbers up to 127 it takes as they are.
  it.each(OPERABLE)('is multiplied by ONNX Runtime as it is unpacked here: $name', async (codec) => {
    const packed = packNBits(codec, { rows: ROWS, columns: COLUMNS, values: drawn(ROWS * COLUMNS) });
    const { node, constants } = multiplied({ input: 'x', output: 'y', weights: 'w', packed });
    const bytes = encodeModel({
      name: 'product',
      nodes: [node],
      initializers: constants,
      inputs: [{ name: 'x', type: 'float32', dims: ['N', COLUMNS] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['N', ROWS] }],
      metadata: {},
    });
    const x = Float32Array.from({ length: COLUMNS }, (_, at) =>
      at % 64 === 0 ? 127 : random.nextBelow(255) - 127,
    );
    const weights = unpackNBits(packed);
    const found = await asked(bytes, x);
    for (let row = 0; row < ROWS; row++) {
      const own = weights.subarray(row * COLUMNS, (row + 1) * COLUMNS);
      const wanted = own.reduce((sum, weight, column) => sum + weight * x[column]!, 0);
      const size = own.reduce((sum, weight, column) => sum + Math.abs(weight * x[column]!), 0);
      expect(Math.abs(found[row]! - wanted)).toBeLessThan(1e-5 * size);
    }
  });

  it.each(OPERABLE)('holds the very numbers of the codec: $name', (codec) => {
    const values = drawn(4 * 256);
    const parts = Object.fromEntries(codec.encode(values).map(({ name, bytes }) => [name, bytes]));
    const packed = packNBits(codec, { rows: 4, columns: 256, values });
    expect(unpackNBits(packed)).toEqual(codec.decode(parts, values.length).map((value) => value + 0));
  });

  it('refuses a codec that the operator does not know', () => {
    const trellis = CODECS.find(({ name }) => name === 'trellis')!;
    expect(() => packNBits(trellis, { rows: 1, columns: 4, values: drawn(4) })).toThrow(RangeError);
  });
});

/** Two layers and a product of two inputs, which has no constant. */
function model(first: Float32Array): OnnxModel {
  return {
    name: 'layers',
    nodes: [
      {
        operator: 'Gemm',
        inputs: ['x', 'first', 'bias'],
        outputs: ['hidden'],
        attributes: { transB: { kind: 'int', value: 1 } },
      },
      { operator: 'Relu', inputs: ['hidden'], outputs: ['positive'] },
      { operator: 'MatMul', inputs: ['positive', 'second'], outputs: ['small'] },
      { operator: 'Add', inputs: ['small', 'last'], outputs: ['y'] },
    ],
    initializers: [
      floatInitializer('first', [64, COLUMNS], first),
      floatInitializer('bias', [64], drawn(64)),
      floatInitializer('second', [64, ROWS], drawn(64 * ROWS)),
      floatInitializer('last', [ROWS], drawn(ROWS)),
    ],
    inputs: [{ name: 'x', type: 'float32', dims: ['N', COLUMNS] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', ROWS] }],
    metadata: { kept: 'as it was' },
  };
}

describe('quantizeGraph', () => {
  it.each(['inside', 'outside'])('answers nearly as before, from weights %s the file', async (where) => {
    const folder = temporaryFolder();
    const [source, target] = ['model.onnx', 'small.onnx'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    const whole = model(drawn(64 * COLUMNS));
    if (where === 'inside') writeFileSync(source, encodeModel(whole));
    else await saveModel(source, whole);
    const codec = CODECS.find(({ name }) => name === 'int8')!;
    const told = await quantizeGraph({ source, target, codec });
    const x = drawn(COLUMNS);
    const [before, after] = [await asked(source, x), await asked(target, x)];
    const size = Math.sqrt(before.reduce((sum, value) => sum + value ** 2, 0));
    const apart = Math.sqrt(before.reduce((sum, value, at) => sum + (value - after[at]!) ** 2, 0));
    expect(apart / size).toBeLessThan(0.02);
    expect(apart).toBeGreaterThan(0);
    expect(told.tensors.slice(0, 2).map(({ name, by }) => [name, by])).toEqual([
      ['first', 'int8'],
      ['second', 'int8'],
    ]);
    expect(told.snrDb).toBeGreaterThan(43);
    expect(told.parameters).toBe(64 * COLUMNS + 64 + 64 * ROWS + ROWS);
    expect(told.sizeBytes).toBe(statSync(target).size);
    expect(told.sizeBytesBefore).toBeGreaterThan(2.5 * told.sizeBytes);
  });

  it('names the constant that is not finite', async () => {
    const source = path.join(temporaryFolder(), 'model.onnx');
    const values = drawn(64 * COLUMNS);
    values[7] = Number.NaN;
    writeFileSync(source, encodeModel(model(values)));
    const ask = { source, target: `${source}.small`, codec: ternary };
    await expect(quantizeGraph(ask)).rejects.toThrowFault(tensorsUnfit);
  });
});
