import { describe, expect, it } from 'vitest';
import { encodeModel, floatInitializer, integerInitializer } from '../../pipelines/onnx/graph.ts';

describe('encodeModel', () => {
  // Oracle: the same fields worked by hand from onnx.proto: ir_version 10 (08 0a), producer (12 06 fettle), a graph
  // named g (3a 03 12 01 67), opset "" 21 (42 04 0a 00 10 15), metadata k=v (72 06 0a 01 6b 12 01 76).
  it('gives the bytes of the format and nothing else', () => {
    const bytes = encodeModel({
      name: 'g',
      nodes: [],
      initializers: [],
      inputs: [],
      outputs: [],
      metadata: { k: 'v' },
    });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '080a' + '1206666574746c65' + '3a03120167' + '42040a001015' + '72060a016b120176',
    );
  });
});

describe('floatInitializer', () => {
  // 1 is 0x3f800000 and −2 is 0xc0000000; little-endian, first row first.
  it('lays floats out little-endian', () => {
    const { raw, type } = floatInitializer('w', [2, 1], [1, -2]);
    expect([Buffer.from(raw).toString('hex'), type]).toEqual(['0000803f000000c0', 'float32']);
    expect(floatInitializer('scalar', [], [1]).raw).toHaveLength(4);
    expect(() => floatInitializer('w', [2, 2], [1])).toThrow(RangeError);
  });
});

describe('integerInitializer', () => {
  it('lays integers out little-endian', () => {
    const { raw, type } = integerInitializer('i', [2], [1, -2]);
    expect([Buffer.from(raw).toString('hex'), type]).toEqual(['0100000000000000feffffffffffffff', 'int64']);
  });
});
