import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onnxMalformed } from '../../pipelines/onnx/faults.ts';
import {
  encodeModel,
  floatInitializer,
  integerInitializer,
  type OnnxModel,
} from '../../pipelines/onnx/graph.ts';
import { floatsOf, readModel } from '../../pipelines/onnx/read.ts';
import { bytesField, concat, floatField, varintField } from '../../pipelines/onnx/wire.ts';

/** Made by onnx 1.23.2 in Python: float_data, int64_data, int32_data and double_data, packed, and raw_data. */
const FOREIGN =
  'CAgSC29ubngtcHl0aG9uOogDCi8KAXgKAXcSAXkiBEdlbW0qDwoFYWxwaGEVAAAAP6ABASoNCgZ0cmFuc0IYAaABAgobCgFp' +
  'EgF6IgZDb25jYXQqCwoEYXhpcxgAoAECCoYBCgFpEgFxIgZDdXN0b20qFQoGZmxvYXRzPQAAgD89AAAAQKABBioWCgRpbnRz' +
  'QAFA/v//////////AaABByoQCgVuYW1lc0oBYUoBYqABCCoNCgR0ZXh0IgJoaaABAyodCgV2YWx1ZSoRCAIQAUIBckoIAADA' +
  'PwAAIMCgAQQ6B2FpLnRlc3QSAWcqGwgCCAIQASIQAACAPwAAAMAAAAA/AACAQEIBdyoWCAMQBzoN////////////AQCsAkIB' +
  'aSoUCAIQAyoL/f//////////AQVCAWIqEQgBEAtCAWRSCAAAAAAAAARAKhEIAhABQgFySggAAMA/AAAgwFoUCgF4Eg8KDQgB' +
  'EgkKAxIBTgoCCAJiFAoBeRIPCg0IARIJCgMSAU4KAggCYg8KAXoSCgoICAcSBAoCCANCCwoHYWkudGVzdBABQgQKABARcgYK' +
  'AWESATFyCAoCw6QSAsO2';

const MODEL: OnnxModel = {
  name: 'all-of-it',
  nodes: [
    {
      operator: 'Gemm',
      inputs: ['x', 'w'],
      outputs: ['y'],
      attributes: {
        alpha: { kind: 'float', value: 0.5 },
        transB: { kind: 'int', value: -1 },
        mode: { kind: 'text', value: 'ö' },
        pads: { kind: 'ints', value: [1, 0, -2] },
        scales: { kind: 'floats', value: [1.5, -2] },
        names: { kind: 'texts', value: ['a', ''] },
        value: { kind: 'tensor', value: floatInitializer('', [1], [2.5]) },
      },
      domain: 'ai.test',
    },
  ],
  initializers: [floatInitializer('w', [2, 1], [1, -2]), integerInitializer('i', [2], [-1, 2 ** 40])],
  inputs: [{ name: 'x', type: 'float32', dims: ['N', 2] }],
  outputs: [{ name: 'y', type: 'int64', dims: [] }],
  metadata: { b: '2', a: '1' },
  opset: 18,
};

describe('readModel', () => {
  it('reads what Python’s onnx wrote, typed lists and all', () => {
    const model = readModel(Buffer.from(FOREIGN, 'base64'));
    expect([model.producer, model.irVersion, model.opset, model.name]).toEqual(['onnx-python', 8, 17, 'g']);
    expect(model.metadata).toEqual({ a: '1', ä: 'ö' });
    expect(model.nodes.map(({ operator, domain }) => [operator, domain])).toEqual([
      ['Gemm', ''],
      ['Concat', ''],
      ['Custom', 'ai.test'],
    ]);
    expect(model.nodes[0]?.attributes).toEqual({
      alpha: { kind: 'float', value: 0.5 },
      transB: { kind: 'int', value: 1 },
    });
    expect(model.nodes[1]?.attributes).toEqual({ axis: { kind: 'int', value: 0 } });
    expect(model.nodes[2]?.attributes).toMatchObject({
      names: { kind: 'texts', value: ['a', 'b'] },
      floats: { kind: 'floats', value: [1, 2] },
      ints: { kind: 'ints', value: [1, -2] },
      text: { kind: 'text', value: 'hi' },
      value: { kind: 'tensor', value: { name: 'r', type: 'float32', dims: [2] } },
    });
    expect(model.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['N', 2] }]);
    expect(model.outputs.map(({ name, type, dims }) => [name, type, dims])).toEqual([
      ['y', 'float32', ['N', 2]],
      ['z', 'int64', [3]],
    ]);
  });

  it('brings constants to one form', () => {
    const [w, i, b, d, r] = readModel(Buffer.from(FOREIGN, 'base64')).initializers;
    expect([w?.name, w?.dims, [...floatsOf(w!)]]).toEqual(['w', [2, 2], [1, -2, 0.5, 4]]);
    expect(i?.raw).toEqual(new Uint8Array(BigInt64Array.of(-1n, 0n, 300n).buffer));
    expect([...b!.raw]).toEqual([253, 5]);
    expect(new DataView(d!.raw.buffer, d!.raw.byteOffset).getFloat64(0, true)).toBe(2.5);
    expect([...floatsOf(r!)]).toEqual([1.5, -2.5]);
    expect(() => floatsOf(i!)).toThrowFault(onnxMalformed);
  });

  it('gives back a model of ours, and the same bytes for the same model', () => {
    const { irVersion, producer, ...model } = readModel(encodeModel(MODEL));
    expect([irVersion, producer]).toEqual([10, 'fettle']);
    expect(model).toEqual({ ...MODEL, initializers: model.initializers, nodes: model.nodes });
    expect(model.initializers.map(({ raw, ...rest }) => ({ ...rest, raw: [...raw] }))).toEqual(
      MODEL.initializers.map(({ raw, ...rest }) => ({ ...rest, raw: [...raw] })),
    );
    const shuffled = { ...MODEL, metadata: { a: '1', b: '2' } };
    expect(encodeModel(shuffled)).toEqual(encodeModel(MODEL));
    expect(encodeModel({ ...model, nodes: MODEL.nodes })).toEqual(encodeModel(MODEL));
  });

  it('reads every attribute of ours back', () => {
    const [node] = readModel(encodeModel(MODEL)).nodes;
    const { value, ...others } = MODEL.nodes[0]!.attributes!;
    expect(node?.attributes).toMatchObject(others);
    expect(value?.kind).toBe('tensor');
  });
});

/** A model around one field of its graph. */
function around(...graph: readonly Uint8Array[]): Uint8Array {
  return concat([bytesField(7, graph), bytesField(8, [varintField(2, 21)])]);
}

const tensor = (...fields: readonly Uint8Array[]) => around(bytesField(5, [bytesField(8, 't'), ...fields]));
const attribute = (...fields: readonly Uint8Array[]) =>
  around(bytesField(1, [bytesField(4, 'Op'), bytesField(5, [bytesField(1, 'a'), ...fields])]));

const outside = (...pairs: readonly (readonly [string, string])[]) =>
  tensor(
    varintField(2, 1),
    ...(pairs.length === 0 ? [['offset', '0'] as const] : pairs).map(([key, value]) =>
      bytesField(13, [bytesField(1, key), bytesField(2, value)]),
    ),
  );

describe('readModel, of what is malformed', () => {
  it.each([
    ['no graph', new Uint8Array(0), 'a graph'],
    ['text in its place', Buffer.from('version https://git-lfs.github.com/spec/v1'), 'protobuf'],
    ['no opset', bytesField(7, []), 'opset'],
    [
      'an opset of others only',
      concat([bytesField(7, []), bytesField(8, [bytesField(1, 'x'), varintField(2, 1)])]),
      'opset',
    ],
    ['a graph that is a number', varintField(7, 1), 'bytes'],
    ['a node without operator', around(bytesField(1, [bytesField(1, 'x')])), 'operator'],
    ['a subgraph', attribute(varintField(20, 5)), 'attribute type 5'],
    ['an attribute of no type', attribute(), 'attribute type 0'],
    ['a tensor attribute without tensor', attribute(varintField(20, 4)), 'a tensor'],
    [
      'a float of three bytes',
      attribute(bytesField(2, Uint8Array.of(1, 2, 3)), varintField(20, 1)),
      'floats',
    ],
    ['an unknown element type', tensor(varintField(2, 99)), 'type 99'],
    ['strings for elements', tensor(varintField(2, 8)), 'type 8'],
    [
      'fewer bytes than its dims',
      tensor(varintField(1, 2), varintField(2, 1), bytesField(9, new Uint8Array(4))),
      '8 bytes',
    ],
    [
      'sizes below zero whose product is not',
      tensor(varintField(1, -1), varintField(1, -1), varintField(2, 1), bytesField(9, new Uint8Array(4))),
      'sizes from 0',
    ],
    ['elements in another file', outside(['location', 'w.bin']), 'another file'],
    ['elements in another file that it does not name', outside(), 'the file of its elements'],
    ['elements before another file', outside(['location', 'w.bin'], ['offset', '-8']), 'from -8'],
    ['elements at no place of another file', outside(['location', 'w.bin'], ['offset', 'x']), 'from x'],
    ['more elements of another file', outside(['location', 'w.bin'], ['length', '8']), '4 bytes'],
    ['a float that is a varint', tensor(varintField(1, 1), varintField(2, 1), varintField(4, 1)), 'floats'],
    ['an input that is no tensor', around(bytesField(11, [bytesField(1, 'x')])), 'a tensor type'],
  ])('refuses %s', (_, bytes, words) => {
    expect(() => readModel(bytes)).toThrowFault(onnxMalformed);
    expect(() => readModel(bytes)).toThrow(words);
  });

  it('reads floats that lie one by one', () => {
    const bytes = tensor(varintField(1, 2), varintField(2, 1), floatField(4, 1.5), floatField(4, -2));
    expect([...floatsOf(readModel(bytes).initializers[0]!)]).toEqual([1.5, -2]);
  });

  it('never fails but by its fault when bytes are flipped or cut', () => {
    const whole = encodeModel(MODEL);
    const damage = fc.tuple(
      fc.nat({ max: whole.length - 1 }),
      fc.nat({ max: 255 }),
      fc.nat({ max: whole.length }),
    );
    fc.assert(
      fc.property(damage, ([at, byte, length]) => {
        const damaged = whole.slice();
        damaged[at] = byte;
        for (const bytes of [damaged, whole.subarray(0, length)]) {
          try {
            readModel(bytes);
          } catch (error) {
            expect(error).toThrowFault(onnxMalformed);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
