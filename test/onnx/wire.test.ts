import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onnxMalformed } from '../../pipelines/onnx/faults.ts';
import {
  bytesField,
  bytesOf,
  concat,
  floatField,
  integerOf,
  integersOf,
  readFields,
  textOf,
  varintField,
} from '../../pipelines/onnx/wire.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('writing fields', () => {
  // Oracle: the examples on protobuf.dev "Encoding": 150 in field 1, "testing" in field 2, 150 nested in field 3.
  it('gives the bytes that the format’s own pages show', () => {
    expect(hex(varintField(1, 150))).toBe('089601');
    expect(hex(bytesField(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(bytesField(3, [varintField(1, 150)]))).toBe('1a03089601');
  });

  // The docstring says int64's two's complement, not zigzag: −2 is ten bytes, as on protobuf.dev.
  it('writes negative numbers in ten bytes', () => {
    expect(hex(varintField(1, -2))).toBe('08feffffffffffffffff01');
  });

  // 1.5 is 0x3fc00000; the docstring says little-endian.
  it('writes floats with the least byte first', () => {
    expect(hex(floatField(2, 1.5))).toBe('150000c03f');
  });
});

describe('reading fields', () => {
  it('gives back what was written', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.oneof(int64, fc.string({ unit: 'grapheme' })))), (values) => {
        const bytes = concat(
          values.map(([field, value]) =>
            typeof value === 'bigint' ? varintField(field, value) : bytesField(field, value),
          ),
        );
        const found = readFields(bytes, 'test').map((field) => [
          field.field,
          field.type === 'varint' ? integerOf(field, 'test') : textOf(field, 'test'),
        ]);
        expect(found).toEqual(values);
      }),
    );
  });

  // protobuf.dev: field 6 packed with 3, 270 and 86942.
  it('unpacks lists of numbers', () => {
    const [field] = readFields(Buffer.from('3206038e029ea705', 'hex'), 'test');
    expect(integersOf(field!, 'test')).toEqual([3n, 270n, 86942n]);
    expect(integersOf({ field: 1, type: 'varint', value: 7n }, 'test')).toEqual([7n]);
  });

  it.each([
    ['cut off inside a number', '0896'],
    ['announcing more than is left', '120774'],
    ['announcing more than any file has', '12ffffffffffffffffff01'],
    ['with a number of eleven bytes', '08ffffffffffffffffffff01'],
    ['of the abandoned group type', '0b'],
    ['with field number 0', '0001'],
    ['cut off inside a float', '150000'],
  ])('refuses a message %s', (_, message) => {
    expect(() => readFields(Buffer.from(message, 'hex'), 'test')).toThrowFault(onnxMalformed);
  });

  it('never fails but by its fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readFields(bytes, 'test');
        } catch (error) {
          expect(error).toThrowFault(onnxMalformed);
        }
      }),
    );
  });

  it('refuses a field of another type than is asked for, and text that is not UTF-8', () => {
    const number = { field: 1, type: 'varint', value: 1n } as const;
    const bytes = { field: 1, type: 'bytes', bytes: Uint8Array.of(0xff) } as const;
    expect(() => bytesOf(number, 'test')).toThrowFault(onnxMalformed);
    expect(() => textOf(bytes, 'test')).toThrowFault(onnxMalformed);
    expect(() => integerOf(bytes, 'test')).toThrowFault(onnxMalformed);
    expect(() => integersOf({ field: 1, type: 'fixed32', bytes: new Uint8Array(4) }, 'test')).toThrowFault(
      onnxMalformed,
    );
  });
});
