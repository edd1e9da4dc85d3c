/** Bytes -> an ONNX model as a plain value; each way to be malformed is told with its place. */
import { onnxMalformed } from './faults.ts';
import {
  ATTRIBUTES,
  type Attribute,
  ELEMENTS,
  type ElementType,
  type ExternalTensor,
  type GraphNode,
  type Initializer,
  type OnnxModel,
  type Port,
} from './graph.ts';
import { bytesOf, integerOf, integersOf, readFields, textOf, type WireField } from './wire.ts';

/** A model that was read: nothing is left open. */
export interface ReadModel extends Required<Omit<OnnxModel, 'external'>> {
  readonly irVersion: number;
  readonly producer: string;
}

/** A model some of whose constants may lie in other files, which were not opened. */
export interface ReadView extends ReadModel {
  readonly external: readonly ExternalTensor[];
}

/**
 * Reads a `ModelProto`. Constants are brought to one form, little-endian bytes, whether they were written as
 * `raw_data` or as typed lists. Left aside are docs, shapes in between, functions and training information.
 *
 * @param bytes  a whole model
 * @returns      the model; its constants may be views into `bytes`
 * @throws       onnxMalformed when the bytes are no protobuf, have no graph or no opset of ONNX's own operators, name
 *               an element type not in `ELEMENTS`, hold a constant of another size than its dims say or one that lies
 *               outside the file, or hold a subgraph
 * @cost         one object a field; constants in `raw_data` are not copied
 * @source       onnx/onnx.proto of ONNX 1.16
 */
export function readModel(bytes: Uint8Array): ReadModel {
  const { external, ...model } = readView(bytes);
  const [outside] = external;
  if (outside === undefined) return model;
  const where = `initializer ${outside.name}`;
  throw onnxMalformed({ where, wanted: 'its elements in the file', found: 'a reference to another file' });
}

/**
 * As `readModel`, and gives constants that lie in other files by where they say that they lie.
 *
 * @param bytes  a whole model
 * @returns      the model; whether those files are there, and are long enough, is not looked at
 * @throws       onnxMalformed as `readModel`, and where such a constant names no file, no place in it, or another length
 *               than its dims say
 * @cost         as `readModel`
 * @source       onnx/docs/ExternalData.md of ONNX 1.16
 */
export function readView(bytes: Uint8Array): ReadView {
  const fields = readFields(bytes, 'model');
  const graph = fields.find((field) => field.field === 7);
  if (graph === undefined) throw onnxMalformed({ where: 'model', wanted: 'a graph', found: 'none' });
  const irVersion = fields.find((field) => field.field === 1);
  const producer = fields.find((field) => field.field === 2);
  return {
    ...readGraph(bytesOf(graph, 'graph')),
    metadata: Object.fromEntries(all(fields, 14).map((field) => readPair(bytesOf(field, 'metadata')))),
    opset: opsetOf(fields),
    irVersion: irVersion === undefined ? 0 : Number(integerOf(irVersion, 'model, ir_version')),
    producer: producer === undefined ? '' : textOf(producer, 'model, producer_name'),
  };
}

function opsetOf(fields: readonly WireField[]): number {
  for (const field of all(fields, 8)) {
    const parts = readFields(bytesOf(field, 'opset_import'), 'opset_import');
    const version = parts.find((part) => part.field === 2);
    if (textAt(parts, 1, 'opset_import') === '' && version !== undefined) {
      return Number(integerOf(version, 'opset_import'));
    }
  }
  throw onnxMalformed({ where: 'model', wanted: "the opset of ONNX's own operators", found: 'none' });
}

function readPair(bytes: Uint8Array): readonly [string, string] {
  const fields = readFields(bytes, 'metadata');
  return [textAt(fields, 1, 'metadata'), textAt(fields, 2, 'metadata')];
}

function readGraph(bytes: Uint8Array): Omit<Required<OnnxModel>, 'metadata' | 'opset'> {
  const fields = readFields(bytes, 'graph');
  const constants = all(fields, 5).map((field, index) =>
    readConstant(bytesOf(field, 'initializer'), `initializer ${index}`),
  );
  return {
    name: textAt(fields, 2, 'graph'),
    nodes: all(fields, 1).map((field, index) => readNode(bytesOf(field, 'node'), `node ${index}`)),
    initializers: constants.filter((constant) => 'raw' in constant),
    external: constants.filter((constant) => 'location' in constant),
    inputs: all(fields, 11).map((field, index) => readPort(bytesOf(field, 'input'), `input ${index}`)),
    outputs: all(fields, 12).map((field, index) => readPort(bytesOf(field, 'output'), `output ${index}`)),
  };
}

function readNode(bytes: Uint8Array, where: string): GraphNode {
  const fields = readFields(bytes, where);
  const operator = textAt(fields, 4, where);
  if (operator === '') throw onnxMalformed({ where, wanted: 'an operator', found: 'none' });
  const attributes = all(fields, 5).map((field) =>
    readAttribute(bytesOf(field, where), `${where} (${operator})`),
  );
  return {
    operator,
    inputs: all(fields, 1).map((field) => textOf(field, where)),
    outputs: all(fields, 2).map((field) => textOf(field, where)),
    attributes: Object.fromEntries(attributes),
    domain: textAt(fields, 7, where),
  };
}

function readAttribute(bytes: Uint8Array, node: string): readonly [string, Attribute] {
  const fields = readFields(bytes, node);
  const name = textAt(fields, 1, node);
  const where = `${node}, attribute ${name}`;
  const type = fields.find((field) => field.field === 20);
  const code = type === undefined ? 0 : Number(integerOf(type, where));
  const kind = ATTRIBUTE_KINDS.find((each) => ATTRIBUTES[each].type === code);
  if (kind === undefined) {
    throw onnxMalformed({ where, wanted: 'a number, text, tensor or list', found: `attribute type ${code}` });
  }
  return [name, attributeOf(kind, all(fields, ATTRIBUTES[kind].field), where)];
}

const ATTRIBUTE_KINDS = ['float', 'int', 'text', 'tensor', 'floats', 'ints', 'texts'] as const;

function attributeOf(kind: Attribute['kind'], values: readonly WireField[], where: string): Attribute {
  switch (kind) {
    // A scalar that is 0 or empty may be left out on the wire.
    case 'float':
      return { kind, value: values.length === 0 ? 0 : float32sOf(values, where)[0]! };
    case 'int':
      return { kind, value: values.length === 0 ? 0 : Number(integerOf(values[0]!, where)) };
    case 'text':
      return { kind, value: values.length === 0 ? '' : textOf(values[0]!, where) };
    case 'tensor':
      if (values.length === 0) throw onnxMalformed({ where, wanted: 'a tensor', found: 'none' });
      return { kind, value: readTensor(bytesOf(values[0]!, where), where) };
    case 'floats':
      return { kind, value: float32sOf(values, where) };
    case 'ints':
      return { kind, value: values.flatMap((field) => integersOf(field, where).map(Number)) };
    case 'texts':
      return { kind, value: values.map((field) => textOf(field, where)) };
  }
}

/** A constant of an attribute, which no runtime looks for in another file. */
function readTensor(bytes: Uint8Array, place: string): Initializer {
  const constant = readConstant(bytes, place);
  if ('raw' in constant) return constant;
  const where = `${place} (${constant.name})`;
  throw onnxMalformed({ where, wanted: 'its elements in the file', found: 'a reference to another file' });
}

function readConstant(bytes: Uint8Array, place: string): Initializer | ExternalTensor {
  const fields = readFields(bytes, place);
  const name = textAt(fields, 8, place);
  const where = name === '' ? place : `${place} (${name})`;
  const dims = all(fields, 1).flatMap((field) => integersOf(field, where).map(Number));
  if (dims.some((size) => size < 0)) {
    throw onnxMalformed({ where, wanted: 'sizes from 0', found: dims.join(',') });
  }
  const type = elementOf(fields, 2, where);
  const outside = all(fields, 13);
  if (outside.length > 0) return { name, type, dims, ...outsideOf(outside, { type, dims, where }) };
  const raw = rawOf(fields, type, where);
  const wanted = dims.reduce((product, size) => product * size, ELEMENTS[type].size);
  if (raw.length !== wanted) {
    const found = `${raw.length} bytes`;
    throw onnxMalformed({ where, wanted: `${wanted} bytes for ${type}[${dims.join(',')}]`, found });
  }
  return { name, type, dims, raw };
}

interface Outside {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly where: string;
}

/** Where an external constant says that it lies; a length that is left out is what its dims say. */
function outsideOf(
  pairs: readonly WireField[],
  { type, dims, where }: Outside,
): Pick<ExternalTensor, 'location' | 'offset'> {
  const words = new Map(pairs.map((field) => readPair(bytesOf(field, where))));
  const location = words.get('location') ?? '';
  if (location === '') throw onnxMalformed({ where, wanted: 'the file of its elements', found: 'none' });
  const wanted = dims.reduce((product, size) => product * size, ELEMENTS[type].size);
  const offset = Number(words.get('offset') ?? 0);
  const length = Number(words.get('length') ?? wanted);
  if (Number.isSafeInteger(offset) && offset >= 0 && length === wanted && wanted >= 0) {
    return { location, offset };
  }
  throw onnxMalformed({
    where,
    wanted: `${wanted} bytes from a place in ${location}`,
    found: `${words.get('length') ?? 'all'} from ${words.get('offset') ?? 0}`,
  });
}

/** Fields of `TensorProto` that hold elements of some type as numbers. */
const TYPED = { float: 4, int32: 5, int64: 7, double: 10 } as const;

function rawOf(fields: readonly WireField[], type: ElementType, where: string): Uint8Array {
  const raw = fields.find((field) => field.field === 9);
  if (raw !== undefined) return bytesOf(raw, where);
  const fixed = all(fields, type === 'float64' ? TYPED.double : TYPED.float);
  if (type === 'float32' || type === 'float64') {
    // Packed or one by one, floats lie on the wire as they lie in raw_data.
    return Buffer.concat(
      fixed.map((field) => (field.type === 'varint' ? malformedFloat(where) : field.bytes)),
    );
  }
  const list = all(fields, type === 'int64' ? TYPED.int64 : TYPED.int32);
  const values = list.flatMap((field) => [...integersOf(field, where)]);
  return littleEndian(values, ELEMENTS[type].size);
}

/** The low bytes of each number: two's complement cut to the size. */
function littleEndian(values: readonly bigint[], size: number): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  const whole = new DataView(new ArrayBuffer(8));
  values.forEach((value, index) => {
    whole.setBigInt64(0, BigInt.asIntN(64, value), true);
    bytes.set(new Uint8Array(whole.buffer, 0, size), index * size);
  });
  return bytes;
}

function readPort(bytes: Uint8Array, place: string): Port {
  const fields = readFields(bytes, place);
  const name = textAt(fields, 1, place);
  const where = `${place} (${name})`;
  const tensor = nested(nested(fields, 2, where), 1, where);
  if (tensor.length === 0) {
    throw onnxMalformed({ where, wanted: 'a tensor type', found: 'another type or none' });
  }
  const dims = all(nested(tensor, 2, where), 1).map((field, index) => {
    const parts = readFields(bytesOf(field, where), where);
    const size = parts.find((part) => part.field === 1);
    if (size !== undefined) return Number(integerOf(size, where));
    return textAt(parts, 2, where) || `dim${index}`;
  });
  return { name, type: elementOf(tensor, 1, where), dims };
}

function nested(fields: readonly WireField[], number: number, where: string): readonly WireField[] {
  const found = fields.find((field) => field.field === number);
  return found === undefined ? [] : readFields(bytesOf(found, where), where);
}

const ELEMENT_TYPES = Object.keys(ELEMENTS).filter((name): name is ElementType => name in ELEMENTS);

function elementOf(fields: readonly WireField[], number: number, where: string): ElementType {
  const field = fields.find((each) => each.field === number);
  const code = field === undefined ? 0 : Number(integerOf(field, where));
  const type = ELEMENT_TYPES.find((each) => ELEMENTS[each].code === code);
  if (type !== undefined) return type;
  throw onnxMalformed({
    where,
    wanted: `an element type of ${ELEMENT_TYPES.join(', ')}`,
    found: `type ${code}`,
  });
}

function float32sOf(fields: readonly WireField[], where: string): readonly number[] {
  return fields.flatMap((field) => {
    if (field.type === 'varint' || field.bytes.length % 4 !== 0) return malformedFloat(where);
    const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.length);
    return Array.from({ length: field.bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
  });
}

function malformedFloat(where: string): never {
  throw onnxMalformed({ where, wanted: 'floats of four or eight bytes', found: 'something else' });
}

function all(fields: readonly WireField[], number: number): readonly WireField[] {
  return fields.filter((field) => field.field === number);
}

/** The text of a field that may be left out when empty. */
function textAt(fields: readonly WireField[], number: number, where: string): string {
  const found = fields.find((field) => field.field === number);
  return found === undefined ? '' : textOf(found, where);
}

/**
 * The values of a constant of 32-bit floats.
 *
 * @param initializer  of type float32
 * @returns            row-major copies
 * @throws             onnxMalformed when it has another type
 * @cost               one copy
 * @source             TensorProto.raw_data in onnx/onnx.proto: little-endian
 */
export function floatsOf({ name, type, raw }: Initializer): Float32Array {
  if (type !== 'float32') {
    throw onnxMalformed({ where: `initializer ${name}`, wanted: 'float32', found: type });
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  return Float32Array.from({ length: raw.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}
