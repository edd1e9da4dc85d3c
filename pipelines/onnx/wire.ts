/** Protocol buffers by hand, as much of them as ONNX needs: fields out of values, and values out of bytes. */
import { onnxMalformed } from './faults.ts';

/** One field as it lies on the wire; what it means is the caller's knowledge. */
export type WireField =
  | { readonly field: number; readonly type: 'varint'; readonly value: bigint }
  | { readonly field: number; readonly type: 'fixed32' | 'fixed64' | 'bytes'; readonly bytes: Uint8Array };

const WIRE_TYPES = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const FIELD_MOST = 2 ** 29 - 1;
const UTF8 = new TextEncoder();
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A whole number as a varint field: seven bits a byte, least significant first. Negative ones are written as their
 * 64-bit two's complement, ten bytes long (protobuf's int64, not the zigzag of sint64).
 *
 * @param field  1 to 2²⁹−1
 * @param value  −2⁶³ to 2⁶³−1; a number must be a safe integer
 * @returns      tag and value, 2 bytes or more
 * @throws       RangeError when a number is not whole: a programmer's error
 * @cost         one byte for seven bits
 * @source       protobuf.dev "Encoding", Base 128 Varints
 */
export function varintField(field: number, value: number | bigint): Uint8Array {
  const bytes = varint(BigInt(field) * 8n + BigInt(WIRE_TYPES.varint));
  bytes.push(...varint(BigInt.asUintN(64, BigInt(value))));
  return Uint8Array.from(bytes);
}

/**
 * Bytes, text or a nested message: tag, length, content.
 *
 * @param field    1 to 2²⁹−1
 * @param content  UTF-8 is made of text; a list of fields is joined, which makes a nested message
 * @returns        a copy of the content behind its header
 * @throws         never
 * @cost           one copy of the content
 * @source         protobuf.dev "Encoding", Length-Delimited Records
 */
export function bytesField(field: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const body = typeof content === 'string' ? UTF8.encode(content) : content;
  const parts = body instanceof Uint8Array ? [body] : body;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = [...varint(BigInt(field) * 8n + BigInt(WIRE_TYPES.bytes)), ...varint(BigInt(length))];
  return concat([Uint8Array.from(header), ...parts]);
}

/**
 * A 32-bit float, little-endian.
 *
 * @param field  1 to 2²⁹−1
 * @param value  rounded to the nearest float
 * @returns      tag and four bytes
 * @throws       never
 * @cost         constant
 * @source       protobuf.dev "Encoding", Non-varint Numbers
 */
export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([Uint8Array.from(varint(BigInt(field) * 8n + BigInt(WIRE_TYPES.fixed32))), bytes]);
}

/**
 * Joins byte strings in order.
 *
 * @param parts  any number, of any length
 * @returns      a new array of the summed length
 * @throws       never
 * @cost         one copy
 * @source       definition
 */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Least significant seven bits first; the top bit says that more follow. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

/** Where the reader stands. */
interface Cursor {
  readonly bytes: Uint8Array;
  readonly where: string;
  at: number;
}

/**
 * Splits a message into its fields, in the order in which they lie.
 *
 * @param bytes  a whole message
 * @param where  what the message is, for the fault
 * @returns      every field; `bytes` of a field are views into the message, not copies
 * @throws       onnxMalformed at a field that is cut off, an overlong varint, a field number 0 or an unknown wire type
 * @cost         one object a field
 * @source       protobuf.dev "Encoding", Message Structure
 */
export function readFields(bytes: Uint8Array, where: string): readonly WireField[] {
  const cursor: Cursor = { bytes, where, at: 0 };
  const fields: WireField[] = [];
  while (cursor.at < bytes.length) fields.push(readField(cursor));
  return fields;
}

function readField(cursor: Cursor): WireField {
  const start = cursor.at;
  const tag = readVarint(cursor);
  const field = Number(tag >> 3n);
  if (field < 1 || field > FIELD_MOST) throw malformed(cursor, start, `field ${field}`);
  switch (Number(tag & 7n)) {
    case WIRE_TYPES.varint:
      return { field, type: 'varint', value: readVarint(cursor) };
    case WIRE_TYPES.fixed64:
      return { field, type: 'fixed64', bytes: take(cursor, 8) };
    case WIRE_TYPES.bytes:
      return { field, type: 'bytes', bytes: take(cursor, Number(readVarint(cursor))) };
    case WIRE_TYPES.fixed32:
      return { field, type: 'fixed32', bytes: take(cursor, 4) };
    default:
      throw malformed(cursor, start, `wire type ${Number(tag & 7n)}`);
  }
}

function readVarint(cursor: Cursor): bigint {
  const start = cursor.at;
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw malformed(cursor, start, 'the end inside a number');
    cursor.at += 1;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
  throw malformed(cursor, start, 'a number of more than ten bytes');
}

function take(cursor: Cursor, length: number): Uint8Array {
  const { bytes, at } = cursor;
  if (length > bytes.length - at) {
    throw malformed(cursor, at, `${length} bytes announced and ${bytes.length - at} left`);
  }
  cursor.at = at + length;
  return bytes.subarray(at, at + length);
}

function malformed({ where }: Cursor, at: number, found: string) {
  return onnxMalformed({ where: `${where}, byte ${at}`, wanted: 'a protobuf field', found });
}

/**
 * The text of a field.
 *
 * @param field  must be of type bytes
 * @param where  what the field is, for the fault
 * @returns      well-formed Unicode
 * @throws       onnxMalformed when the field is a number or the bytes are not UTF-8
 * @cost         one decoding
 * @source       protobuf.dev "Encoding", strings
 */
export function textOf(field: WireField, where: string): string {
  const bytes = bytesOf(field, where);
  try {
    return STRICT_UTF8.decode(bytes);
  } catch (error) {
    throw onnxMalformed({ where, wanted: 'text in UTF-8', found: `${bytes.length} other bytes` }, error);
  }
}

/**
 * The bytes of a field.
 *
 * @param field  must be of type bytes
 * @param where  what the field is, for the fault
 * @returns      a view, not a copy
 * @throws       onnxMalformed when the field is a number
 * @cost         constant
 * @source       definition
 */
export function bytesOf(field: WireField, where: string): Uint8Array {
  if (field.type === 'bytes') return field.bytes;
  throw onnxMalformed({ where, wanted: 'bytes', found: `a ${field.type}` });
}

/**
 * The whole number of a varint field, signed as int64.
 *
 * @param field  must be of type varint
 * @param where  what the field is, for the fault
 * @returns      −2⁶³ to 2⁶³−1
 * @throws       onnxMalformed when the field is of another type
 * @cost         constant
 * @source       protobuf.dev "Encoding", Signed Integers
 */
export function integerOf(field: WireField, where: string): bigint {
  if (field.type === 'varint') return BigInt.asIntN(64, field.value);
  throw onnxMalformed({ where, wanted: 'a whole number', found: `a ${field.type}` });
}

/**
 * The whole numbers of a repeated field, one alone or packed.
 *
 * @param field  a varint, or bytes full of varints
 * @param where  what the field is, for the fault
 * @returns      one or more numbers, signed as int64
 * @throws       onnxMalformed when the numbers are cut off or the field is of another type
 * @cost         one number each
 * @source       protobuf.dev "Encoding", Packed Repeated Fields
 */
export function integersOf(field: WireField, where: string): readonly bigint[] {
  if (field.type !== 'bytes') return [integerOf(field, where)];
  const cursor: Cursor = { bytes: field.bytes, where, at: 0 };
  const values: bigint[] = [];
  while (cursor.at < field.bytes.length) values.push(BigInt.asIntN(64, readVarint(cursor)));
  return values;
}
