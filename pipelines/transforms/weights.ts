/** The numbers of a model, wherever they lie: safetensors, ONNX, or compressed by `fettle quantize`. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CODECS } from '../codecs/index.ts';
import type { Codec } from '../codecs/codec.ts';
import { openExternals, type FoundTensor } from '../onnx/external.ts';
import { readView } from '../onnx/read.ts';
import { ELEMENT_BYTES, FLOATS, numbersOf, type ElementName } from '../tensors/element.ts';
import { tensorsMalformed, tensorsUnreadable } from '../tensors/faults.ts';
import { countOf } from '../tensors/header.ts';
import { openTensors, type TensorFile } from '../tensors/safetensors.ts';
import { STORED_AS } from './element-names.ts';

export interface Weights {
  readonly name: string;
  /** The element type, or the codec. */
  readonly type: string;
  readonly floats: boolean;
  readonly shape: readonly number[];
  /** What it takes in the file, headers apart. */
  readonly sizeBytes: number;
  /** All numbers in row-major order, `STRETCH` at a time. */
  readonly stretches: () => Iterable<Float64Array>;
}

export interface WeightsFile {
  readonly path: string;
  readonly kind: 'safetensors' | 'ONNX';
  readonly weights: readonly Weights[];
  readonly sizeBytes: number;
  readonly close: () => void;
}

const STRETCH = 2 ** 20;

/** Where `fettle quantize` says by which codec each tensor was compressed. */
export const CODECS_KEY = 'fettle.codecs';

const Compressed = z.record(z.string(), z.object({ codec: z.string(), shape: z.array(z.int().min(0)) }));
export type Compressed = z.infer<typeof Compressed>;

/**
 * @param where  an .onnx or .safetensors file, an index of shards, or a folder
 * @throws       pickleRefused, tensorsMalformed, tensorsUnreadable, onnxMalformed
 * @cost         safetensors: the headers; ONNX: the whole file
 */
export function openWeights(where: string): WeightsFile {
  if (where.endsWith('.onnx')) return onnxWeights(where);
  const file = openTensors(where);
  try {
    return {
      path: file.path,
      kind: 'safetensors',
      weights: weightsIn(file),
      sizeBytes: file.sizeBytes,
      close: file.close,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function onnxWeights(file: string): WeightsFile {
  const bytes = readingWhole(file);
  const { initializers, external } = readView(bytes);
  const inside = initializers.map(({ name, type, dims, raw }) => {
    return plain({
      name,
      type: STORED_AS[type],
      shape: dims,
      read: (from, n) => raw.subarray(from, from + n),
    });
  });
  const opened = openExternals(file, external);
  const outside = opened.tensors.map(({ name, type, dims, read }) => {
    return plain({ name, type: STORED_AS[type], shape: dims, read: readingBy(read) });
  });
  const beside = opened.tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  const weights = [...inside, ...outside];
  return { path: file, kind: 'ONNX', weights, sizeBytes: bytes.length + beside, close: opened.close };
}

function readingBy(read: FoundTensor['read']): Plain['read'] {
  return (from, bytes) => {
    const target = new Uint8Array(bytes);
    read(target, from);
    return target;
  };
}

function readingWhole(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw tensorsUnreadable({ file, said: error instanceof Error ? error.message : String(error) }, error);
  }
}

interface Plain {
  readonly name: string;
  readonly type: ElementName;
  readonly shape: readonly number[];
  /** Some bytes of the tensor, from one on. */
  readonly read: (from: number, bytes: number) => Uint8Array;
}

function plain({ name, type, shape, read }: Plain): Weights {
  const size = ELEMENT_BYTES[type];
  const count = countOf(shape);
  return {
    name,
    type,
    shape,
    floats: FLOATS.includes(type),
    sizeBytes: count * size,
    *stretches() {
      for (let from = 0; from < count; from += STRETCH) {
        yield numbersOf(type, read(from * size, Math.min(STRETCH, count - from) * size));
      }
    },
  };
}

function weightsIn(file: TensorFile): readonly Weights[] {
  const compressed = compressedIn(file);
  const parts = new Set<string>();
  const decoded = Object.entries(compressed).map(([name, { codec: named, shape }]) => {
    const codec = CODECS.find((one) => one.name === named);
    if (codec === undefined) throw malformed(file, name, 'a codec that is known', named);
    const own = [...file.tensors.values()].filter((tensor) => tensor.name.startsWith(`${name}.${named}.`));
    if (own.length === 0) throw malformed(file, name, 'its parts', 'none');
    own.forEach((tensor) => parts.add(tensor.name));
    const sizeBytes = own.reduce((sum, { begin, end }) => sum + end - begin, 0);
    const whole = (): Float32Array => decodedFrom(file, { codec, name, shape });
    return { name, type: named, shape, floats: true, sizeBytes, stretches: () => inStretches(whole()) };
  });
  const rest = [...file.tensors.values()].filter(({ name }) => !parts.has(name));
  return [
    ...decoded,
    ...rest.map(({ name, type, shape, read }) => plain({ name, type, shape, read: readingBy(read) })),
  ];
}

function compressedIn(file: TensorFile): Compressed {
  const told = file.metadata[CODECS_KEY];
  if (told === undefined) return {};
  try {
    return Compressed.parse(JSON.parse(told));
  } catch (error) {
    throw tensorsMalformed(
      { where: file.path, wanted: `codecs in ${CODECS_KEY}`, found: 'something else' },
      error,
    );
  }
}

function decodedFrom(
  file: TensorFile,
  { codec, name, shape }: { readonly codec: Codec; readonly name: string; readonly shape: readonly number[] },
): Float32Array {
  const prefix = `${name}.${codec.name}.`;
  const own = [...file.tensors.values()].filter((tensor) => tensor.name.startsWith(prefix));
  const parts = own.map((tensor) => {
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    tensor.read(bytes);
    return [tensor.name.slice(prefix.length), bytes] as const;
  });
  const bits = own.reduce((sum, { begin, end }) => sum + 8 * (end - begin), 0);
  const count = countOf(shape);
  // No codec takes less than a bit a weight: a shape that asks for more memory than that is not believed.
  if (count > bits) throw malformed(file, name, `at most ${bits} weights`, `${count}`);
  return codec.decode(Object.fromEntries(parts), count);
}

function* inStretches(whole: Float32Array): Iterable<Float64Array> {
  for (let from = 0; from < whole.length; from += STRETCH) {
    yield Float64Array.from(whole.subarray(from, from + STRETCH));
  }
}

function malformed(file: TensorFile, name: string, wanted: string, found: string) {
  return tensorsMalformed({ where: `${file.path}, tensor ${name}`, wanted, found });
}
