/** ONNX models as plain values, and their bytes: the only way here to make a model. */
import { bytesField, concat, floatField, varintField } from './wire.ts';

/** Element types with their numbers in `TensorProto.DataType`, and bytes an element (0 where it is not whole). */
export const ELEMENTS = {
  float32: { code: 1, size: 4 },
  uint8: { code: 2, size: 1 },
  int8: { code: 3, size: 1 },
  uint16: { code: 4, size: 2 },
  int16: { code: 5, size: 2 },
  int32: { code: 6, size: 4 },
  int64: { code: 7, size: 8 },
  bool: { code: 9, size: 1 },
  float16: { code: 10, size: 2 },
  float64: { code: 11, size: 8 },
  uint32: { code: 12, size: 4 },
  uint64: { code: 13, size: 8 },
  bfloat16: { code: 16, size: 2 },
} as const;
export type ElementType = keyof typeof ELEMENTS;

/** A constant of the graph. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Elements in row-major order, little-endian. */
  readonly raw: Uint8Array;
}

/** A constant whose elements lie in another file beside the model's, little-endian and row-major. */
export interface ExternalTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** A path from the model's folder, with `/`; it may be a .safetensors file. */
  readonly location: string;
  /** The first byte in that file. */
  readonly offset: number;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Initializer }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'texts'; readonly value: readonly string[] };

export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Empty for ONNX's own operators. */
  readonly domain?: string;
}

/** An input or output; a dimension is a size, or a name where any size goes. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  /** Constants that lie in other files; none unless told. */
  readonly external?: readonly ExternalTensor[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Version of ONNX's own operators; 21 unless told. */
  readonly opset?: number;
}

/** Opset 21 and IR 10 belong together (ONNX 1.16) and are read by every ONNX Runtime from 1.18 on. */
const OPSET = 21;
const IR_VERSION = 10;

/** `AttributeProto.AttributeType`, and the field that holds the value. */
export const ATTRIBUTES = {
  float: { type: 1, field: 2 },
  int: { type: 2, field: 3 },
  text: { type: 3, field: 4 },
  tensor: { type: 4, field: 5 },
  floats: { type: 6, field: 7 },
  ints: { type: 7, field: 8 },
  texts: { type: 8, field: 9 },
} as const;

/**
 * The bytes of a model: a `ModelProto` whose metadata is sorted by key, so that equal models have equal bytes.
 *
 * @param model  a graph in topological order; names of values are unique
 * @returns      what ONNX Runtime opens; the producer is `fettle`, without version or time
 * @throws       never: `floats` and its like have checked sizes
 * @cost         three copies of the initializers
 * @source       onnx/onnx.proto of ONNX 1.16, messages ModelProto to TensorProto
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const metadata = Object.entries(model.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return concat([
    varintField(1, IR_VERSION),
    bytesField(2, 'fettle'),
    bytesField(7, graphFields(model)),
    bytesField(8, [bytesField(1, ''), varintField(2, model.opset ?? OPSET)]),
    ...domainsOf(model).map((domain) => bytesField(8, [bytesField(1, domain), varintField(2, 1)])),
    ...metadata.map(([key, value]) => bytesField(14, [bytesField(1, key), bytesField(2, value)])),
  ]);
}

/** Of operators that are not ONNX's own; the checker of ONNX wants each in the imports. */
function domainsOf({ nodes }: OnnxModel): readonly string[] {
  return [...new Set(nodes.map(({ domain = '' }) => domain))].filter((domain) => domain !== '').sort();
}

function graphFields(model: OnnxModel): readonly Uint8Array[] {
  const { name, nodes, initializers, external = [], inputs, outputs } = model;
  return [
    ...nodes.map((node) => bytesField(1, nodeFields(node))),
    bytesField(2, name),
    ...initializers.map((initializer) => bytesField(5, tensorFields(initializer))),
    ...external.map((tensor) => bytesField(5, externalFields(tensor))),
    ...inputs.map((port) => bytesField(11, portFields(port))),
    ...outputs.map((port) => bytesField(12, portFields(port))),
  ];
}

function nodeFields({
  operator,
  inputs,
  outputs,
  attributes = {},
  domain = '',
}: GraphNode): readonly Uint8Array[] {
  return [
    ...inputs.map((input) => bytesField(1, input)),
    ...outputs.map((output) => bytesField(2, output)),
    bytesField(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attributeFields(name, value))),
    ...(domain === '' ? [] : [bytesField(7, domain)]),
  ];
}

function attributeFields(name: string, attribute: Attribute): readonly Uint8Array[] {
  const { type, field } = ATTRIBUTES[attribute.kind];
  return [bytesField(1, name), ...attributeValues(field, attribute), varintField(20, type)];
}

function attributeValues(field: number, attribute: Attribute): readonly Uint8Array[] {
  switch (attribute.kind) {
    case 'float':
      return [floatField(field, attribute.value)];
    case 'int':
      return [varintField(field, attribute.value)];
    case 'text':
      return [bytesField(field, attribute.value)];
    case 'tensor':
      return [bytesField(field, tensorFields(attribute.value))];
    case 'floats':
      return attribute.value.map((value) => floatField(field, value));
    case 'ints':
      return attribute.value.map((value) => varintField(field, value));
    case 'texts':
      return attribute.value.map((value) => bytesField(field, value));
  }
}

function tensorFields({ name, type, dims, raw }: Initializer): readonly Uint8Array[] {
  return [
    ...dims.map((size) => varintField(1, size)),
    varintField(2, ELEMENTS[type].code),
    bytesField(8, name),
    bytesField(9, raw),
  ];
}

/** `TensorProto.DataLocation`. */
const EXTERNAL = 1;

function externalFields({ name, type, dims, location, offset }: ExternalTensor): readonly Uint8Array[] {
  const length = dims.reduce((product, size) => product * size, ELEMENTS[type].size);
  const words = { location, offset: String(offset), length: String(length) };
  return [
    ...dims.map((size) => varintField(1, size)),
    varintField(2, ELEMENTS[type].code),
    bytesField(8, name),
    ...Object.entries(words).map(([key, value]) =>
      bytesField(13, [bytesField(1, key), bytesField(2, value)]),
    ),
    varintField(14, EXTERNAL),
  ];
}

function portFields({ name, type, dims }: Port): readonly Uint8Array[] {
  const shape = dims.map((size) =>
    bytesField(1, [typeof size === 'number' ? varintField(1, size) : bytesField(2, size)]),
  );
  const tensor = [varintField(1, ELEMENTS[type].code), bytesField(2, shape)];
  return [bytesField(1, name), bytesField(2, [bytesField(1, tensor)])];
}

/**
 * A constant of 32-bit floats.
 *
 * @param name    unique in the graph
 * @param dims    sizes whose product is the number of values; [] for a scalar
 * @param values  row-major
 * @returns       little-endian bytes on every machine
 * @throws        RangeError when values and dims do not fit: a programmer's error
 * @cost          one copy
 * @source        TensorProto.raw_data in onnx/onnx.proto
 */
export function floatInitializer(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
): Initializer {
  const raw = rawOf(dims, values.length, 4);
  const view = new DataView(raw.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(4 * index, values[index]!, true);
  return { name, type: 'float32', dims, raw };
}

/**
 * A constant of 64-bit integers.
 *
 * @param name    unique in the graph
 * @param dims    sizes whose product is the number of values; [] for a scalar
 * @param values  safe integers, row-major
 * @returns       little-endian bytes on every machine
 * @throws        RangeError when values and dims do not fit: a programmer's error
 * @cost          one copy
 * @source        TensorProto.raw_data in onnx/onnx.proto
 */
export function integerInitializer(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
): Initializer {
  const raw = rawOf(dims, values.length, 8);
  const view = new DataView(raw.buffer);
  for (let index = 0; index < values.length; index++) {
    view.setBigInt64(8 * index, BigInt(values[index]!), true);
  }
  return { name, type: 'int64', dims, raw };
}

function rawOf(dims: readonly number[], length: number, size: number): Uint8Array<ArrayBuffer> {
  const wanted = dims.reduce((product, dim) => product * dim, 1);
  if (wanted !== length) throw new RangeError(`dims ${dims.join('×')} want ${wanted} values, not ${length}`);
  return new Uint8Array(length * size);
}
