/** Compresses the matrices of an ONNX graph: products with constant weights become `MatMulNBits`, and run as such. */
import { readFileSync } from 'node:fs';
import type { Codec } from '../codecs/codec.ts';
import { openExternals, type OpenExternals } from '../onnx/external.ts';
import {
  encodeModel,
  type Attribute,
  type GraphNode,
  type Initializer,
  type OnnxModel,
} from '../onnx/graph.ts';
import { floatsOf, readView, type ReadView } from '../onnx/read.ts';
import { writeDurably } from '../artifacts/durable.ts';
import { tensorsUnfit, tensorsUnreadable } from '../tensors/faults.ts';
import { alone } from './alone.ts';
import { snrDbOf } from './difference.ts';
import { multiplied, packNBits, unpackNBits, type NBits } from './nbits.ts';
import type { Quantized, Scored } from './quantize.ts';

export interface QuantizeGraphAsk {
  readonly source: string;
  readonly target: string;
  /** One of those that `MatMulNBits` multiplies. */
  readonly codec: Codec;
  readonly tell?: (done: number, total: number) => void;
}

/** As in files of tensors: below, little is won. */
const COMPRESSED_FROM = 1024;

/**
 * Compresses the weights of every `MatMul` and plain `Gemm` whose right side is a constant matrix of 1024 floats or
 * more; all else of the graph stays as it is. Weights may lie outside the file: one at a time is in memory.
 *
 * @throws  onnxMalformed, tensorsUnreadable; tensorsUnfit when a weight is not finite; outputBusy, artifactNotWritten:
 *          the target is as it was
 * @cost    as the codec's `encode`
 */
export async function quantizeGraph({ source, target, codec, tell }: QuantizeGraphAsk): Promise<Quantized> {
  const bytes = reading(source);
  const model = readView(bytes);
  const opened = openExternals(source, model.external);
  try {
    const floats = constantsOf(model, opened);
    const chosen = productsOf(model);
    const packed = new Map<string, NBits>();
    for (const [index, product] of chosen.entries()) {
      packed.set(product.weights, packNBits(codec, rowsOf(product, floats(product.weights))));
      tell?.(index + 1, chosen.length);
    }
    const graph = encodeModel(rewritten(model, { chosen, packed, codec, opened }));
    await alone(target, () => writeDurably(target, graph));
    const outside = opened.tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return scored(target, { chosen, floats, codec, sizeBytesBefore: bytes.length + outside });
  } finally {
    opened.close();
  }
}

function reading(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw tensorsUnreadable({ file, said: error instanceof Error ? error.message : String(error) }, error);
  }
}

/** A product that `MatMulNBits` can do. */
interface Product {
  readonly node: GraphNode;
  readonly weights: string;
  /** Of the product: outputs and inputs. */
  readonly rows: number;
  readonly columns: number;
  /** Whether the constant lies in rows of outputs already. */
  readonly transposed: boolean;
}

function productsOf({ nodes, initializers, external, outputs }: ReadView): readonly Product[] {
  const shapes = new Map(
    [...initializers, ...external]
      .filter(({ type }) => type === 'float32')
      .map(({ name, dims }) => [name, dims]),
  );
  const uses = nodes.flatMap(({ inputs }) => inputs);
  return nodes.flatMap((node): readonly Product[] => {
    const weights = node.inputs[1] ?? '';
    const dims = shapes.get(weights);
    if (dims?.length !== 2 || dims[0]! * dims[1]! < COMPRESSED_FROM || !isPlain(node)) return [];
    const shared = uses.filter((name) => name === weights).length > 1;
    if (shared || outputs.some(({ name }) => name === weights)) return [];
    const transposed = whole(node.attributes?.['transB'], 0) === 1;
    const [columns, rows] = transposed ? [dims[1]!, dims[0]!] : [dims[0]!, dims[1]!];
    return [{ node, weights, rows, columns, transposed }];
  });
}

/** A product of its first input as it is, with factors 1. */
function isPlain({ operator, domain = '', attributes = {} }: GraphNode): boolean {
  if (domain !== '') return false;
  if (operator === 'MatMul') return true;
  const factor = (name: string): boolean => {
    const attribute = attributes[name];
    return attribute === undefined || (attribute.kind === 'float' && attribute.value === 1);
  };
  return operator === 'Gemm' && whole(attributes['transA'], 0) === 0 && factor('alpha') && factor('beta');
}

function whole(attribute: Attribute | undefined, otherwise: number): number {
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

type Floats = (name: string) => Float32Array;

function constantsOf({ initializers }: ReadView, { tensors }: OpenExternals): Floats {
  return (name) => {
    const inside = initializers.find((constant) => constant.name === name);
    if (inside !== undefined) return finite(name, floatsOf(inside));
    const outside = tensors.find((tensor) => tensor.name === name)!;
    const raw = new Uint8Array(outside.sizeBytes);
    outside.read(raw);
    return finite(name, floatsOf({ ...outside, raw }));
  };
}

function finite(tensor: string, values: Float32Array): Float32Array {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return values;
  const found = `${values[at]} at element ${at}`;
  throw tensorsUnfit({ tensor, wanted: 'finite numbers to compress', found });
}

function rowsOf({ rows, columns, transposed }: Product, values: Float32Array) {
  if (transposed) return { rows, columns, values };
  const turned = new Float32Array(values.length);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) turned[row * columns + column] = values[column * rows + row]!;
  }
  return { rows, columns, values: turned };
}

interface Rewriting {
  readonly chosen: readonly Product[];
  readonly packed: ReadonlyMap<string, NBits>;
  readonly codec: Codec;
  readonly opened: OpenExternals;
}

function rewritten(model: ReadView, { chosen, packed, codec, opened }: Rewriting): OnnxModel {
  const constants: Initializer[] = model.initializers.filter(({ name }) => !packed.has(name));
  for (const { sizeBytes, read, ...tensor } of opened.tensors) {
    if (packed.has(tensor.name)) continue;
    const raw = new Uint8Array(sizeBytes);
    read(raw);
    constants.push({ ...tensor, raw });
  }
  const nodes = model.nodes.flatMap((node) => {
    const product = chosen.find((each) => each.node === node);
    if (product === undefined) return [node];
    const [input = '', , bias = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const biased = bias !== '';
    const { node: multiply, constants: own } = multiplied({
      input,
      output: biased ? `${output}.product` : output,
      weights: named(product, codec),
      packed: packed.get(product.weights)!,
    });
    constants.push(...own);
    const add = { operator: 'Add', inputs: [`${output}.product`, bias], outputs: [output] };
    return biased ? [multiply, add] : [multiply];
  });
  return { ...model, nodes, initializers: constants, external: [] };
}

function named({ weights }: Product, codec: Codec): string {
  return `${weights}.${codec.name}`;
}

interface Scoring {
  readonly chosen: readonly Product[];
  readonly floats: Floats;
  readonly codec: Codec;
  readonly sizeBytesBefore: number;
}

/** From the written file alone, against the weights as they were. */
function scored(target: string, { chosen, floats, codec, sizeBytesBefore }: Scoring): Quantized {
  const bytes = reading(target);
  const { nodes, initializers } = readView(bytes);
  const sums = { energy: 0, noise: 0, parameters: 0 };
  const compressed = new Set<string>();
  const tensors = chosen.map((product): Scored => {
    const [codes, scales] = ['codes', 'scales'].map((part) => {
      const name = `${named(product, codec)}.${part}`;
      compressed.add(name);
      return initializers.find((constant) => constant.name === name)!;
    });
    const node = nodes.find(({ inputs }) => inputs[1] === codes!.name)!;
    const bits = whole(node.attributes?.['bits'], 4) as NBits['bits'];
    const { rows, columns } = product;
    const found = unpackNBits({ bits, rows, columns, codes: codes!.raw, scales: floatsOf(scales!) });
    const { values } = rowsOf(product, floats(product.weights));
    const energy = values.reduce((sum, value) => sum + value * value, 0);
    const noise = values.reduce((sum, value, at) => sum + (value - found[at]!) ** 2, 0);
    sums.energy += energy;
    sums.noise += noise;
    sums.parameters += values.length;
    const sizeBytes = codes!.raw.length + scales!.raw.length;
    return {
      name: product.weights,
      by: codec.name,
      count: values.length,
      sizeBytes,
      snrDb: snrDbOf({ energy, noise }),
    };
  });
  const rest = initializers.filter(({ name }) => !compressed.has(name));
  const kept = rest.map(({ name, type, dims, raw }): Scored => {
    const count = dims.reduce((product, size) => product * size, 1);
    return { name, by: type, count, sizeBytes: raw.length, snrDb: Infinity };
  });
  const parameters = sums.parameters + kept.reduce((sum, { count }) => sum + count, 0);
  return {
    tensors: [...tensors, ...kept],
    parameters,
    sizeBytesBefore,
    sizeBytes: bytes.length,
    snrDb: snrDbOf(sums),
  };
}
