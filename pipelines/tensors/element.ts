/** The element types of safetensors, and their bytes as numbers. */

/** Bytes of one element. */
export const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type ElementName = keyof typeof ELEMENT_BYTES;

export function isElementName(name: string): name is ElementName {
  return Object.hasOwn(ELEMENT_BYTES, name);
}

/** What computes with floats may take: the rest are indexes, masks and codes. */
export const FLOATS: readonly ElementName[] = ['F64', 'F32', 'F16', 'BF16'];

/**
 * Elements as doubles; whole numbers of 64 bits are rounded to the nearest double.
 *
 * @param type   how the bytes are to be read
 * @param bytes  little-endian elements in row-major order, a whole number of them
 * @returns      one double an element; BOOL gives 0 and 1
 * @throws       never: who has the bytes has checked their number
 * @cost         one reading an element
 * @source       safetensors format, "dtype"; IEEE 754-2019 binary16; bfloat16 is the upper half of binary32
 */
export function numbersOf(type: ElementName, bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = ELEMENT_BYTES[type];
  const read = READERS[type];
  const numbers = new Float64Array(bytes.byteLength / size);
  for (let index = 0; index < numbers.length; index++) numbers[index] = read(view, index * size);
  return numbers;
}

const READERS: Readonly<Record<ElementName, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => view.getFloat16(at, true),
  BF16: (view, at) => floatOfBits(view.getUint16(at, true) << 16),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  I8: (view, at) => view.getInt8(at),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
  U32: (view, at) => view.getUint32(at, true),
  U16: (view, at) => view.getUint16(at, true),
  U8: (view, at) => view.getUint8(at),
  BOOL: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

const SHARED = new DataView(new ArrayBuffer(4));

function floatOfBits(bits: number): number {
  SHARED.setInt32(0, bits, true);
  return SHARED.getFloat32(0, true);
}
