/** Compresses the weights of a model, one codec a tensor, and scores what was written by reading it again. */
import { artifactNotWritten } from '../faults.ts';
import { codeOf, durably } from '../artifacts/durable.ts';
import type { Codec, Part } from '../codecs/codec.ts';
import { CODECS } from '../codecs/index.ts';
import { mergeUnfit, tensorsUnfit } from '../tensors/faults.ts';
import { countOf, writeHeader, type TensorShape } from '../tensors/header.ts';
import { createTensors, openTensors, type StoredTensor, type TensorFile } from '../tensors/safetensors.ts';
import { numbersOf } from '../tensors/element.ts';
import { alone } from './alone.ts';
import { waysWithin, type Way } from './budget.ts';
import { distanceBetween, snrDbOf } from './difference.ts';
import { CODECS_KEY, openWeights, type Compressed, type Weights } from './weights.ts';

export interface QuantizeAsk {
  readonly source: string;
  readonly target: string;
  /** One codec for every tensor that is compressed, or bytes that the whole file may have. */
  readonly by: { readonly codec: Codec } | { readonly budgetBytes: number };
  readonly tell?: (done: number, total: number) => void;
}

/** One tensor, as it was read back from the written file. */
export interface Scored {
  readonly name: string;
  /** The codec, or the element type where it was left as it is. */
  readonly by: string;
  readonly count: number;
  readonly sizeBytes: number;
  readonly snrDb: number;
}

export interface Quantized {
  readonly tensors: readonly Scored[];
  readonly parameters: number;
  readonly sizeBytesBefore: number;
  /** Of the written file, header included. */
  readonly sizeBytes: number;
  /** Of all tensors together. */
  readonly snrDb: number;
}

/** Vectors and small tensors are what a model is sensitive to, and little is won by them. */
const COMPRESSED_FROM = 1024;

/**
 * Compresses the matrices of floats with 1024 weights or more; all else stays as it is. Under a budget each tensor
 * gets the codec (or none) with which the whole loses least, a tensor's loss being its noise relative to its energy,
 * times its weights.
 *
 * @throws  mergeUnfit when the budget is too small, tensorsUnfit when a weight is not finite, and as reading and
 *          writing throw: the target is as it was
 * @cost    one tensor in memory; under a budget every codec is tried on every tensor
 */
export async function quantize(ask: QuantizeAsk): Promise<Quantized> {
  const file = openTensors(ask.source);
  try {
    const tensors = [...file.tensors.values()];
    const chosen =
      'codec' in ask.by ? tensors.map(forAll(ask.by.codec)) : withinBudget(tensors, ask.by.budgetBytes);
    await alone(ask.target, () => writing(ask, tensors, chosen));
    return scored(ask, file, tensors);
  } finally {
    file.close();
  }
}

/** Null: as it is. */
type Choice = Codec | null;

function forAll(codec: Codec): (tensor: StoredTensor) => Choice {
  return (tensor) => (isCompressed(tensor) ? codec : null);
}

function isCompressed({ type, shape }: StoredTensor): boolean {
  return ['F32', 'F16', 'BF16'].includes(type) && shape.length >= 2 && countOf(shape) >= COMPRESSED_FROM;
}

function withinBudget(tensors: readonly StoredTensor[], budget: number): readonly Choice[] {
  const choices = tensors.map((tensor): readonly Choice[] =>
    isCompressed(tensor) ? [...CODECS, null] : [null],
  );
  const ways = tensors.map((tensor, index) => waysOf(tensor, choices[index]!));
  // The header is as long as its longest form: with every tensor in the most parts.
  const header = writeHeader(
    tensors.flatMap((tensor) => [
      tensor,
      ...CODECS.map(({ name }) => ({ ...tensor, name: `${tensor.name}.${name}.x` })),
    ]),
  ).bytes.length;
  const found = waysWithin(ways, budget - header);
  if (found !== null) return found.map((way, index) => choices[index]![way]!);
  const least = ways.reduce((sum, each) => sum + Math.min(...each.map(({ bytes }) => bytes)), header);
  throw mergeUnfit({ where: 'the budget', wanted: `${least} bytes or more`, found: `${budget}` });
}

function waysOf(tensor: StoredTensor, choices: readonly Choice[]): readonly Way[] {
  const keep = { name: 'as it is', bytes: tensor.end - tensor.begin, loss: 0 };
  if (choices.length === 1) return [keep];
  const weights = weightsOf(tensor);
  const energy = weights.reduce((sum, value) => sum + value * value, 0);
  return choices.map((codec): Way => {
    if (codec === null) return keep;
    const parts = codec.encode(weights);
    const decoded = codec.decode(
      Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes])),
      weights.length,
    );
    const noise = weights.reduce((sum, value, at) => sum + (value - decoded[at]!) ** 2, 0);
    const loss = energy === 0 ? 0 : (noise / energy) * weights.length;
    return { name: codec.name, bytes: parts.reduce((sum, { bytes }) => sum + bytes.length, 0), loss };
  });
}

function weightsOf(tensor: StoredTensor): Float32Array {
  const bytes = new Uint8Array(tensor.end - tensor.begin);
  tensor.read(bytes);
  const weights = Float32Array.from(numbersOf(tensor.type, bytes));
  const at = weights.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return weights;
  throw tensorsUnfit({
    tensor: tensor.name,
    wanted: 'finite numbers to compress',
    found: `${weights[at]} at element ${at}`,
  });
}

async function writing(
  ask: QuantizeAsk,
  tensors: readonly StoredTensor[],
  chosen: readonly Choice[],
): Promise<void> {
  try {
    await durably(ask.target, async (beside) => writeAll(ask, { tensors, chosen, beside }));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') !== true) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw artifactNotWritten({ path: ask.target, sizeBytes: 0, said }, error);
  }
}

interface Writing {
  readonly tensors: readonly StoredTensor[];
  readonly chosen: readonly Choice[];
  readonly beside: string;
}

/** Parts are kept until all are known, for the header stands before them; they are the small ones. */
function writeAll({ tell }: QuantizeAsk, { tensors, chosen, beside }: Writing): void {
  const encoded = tensors.map((tensor, index) => {
    const parts: readonly Part[] = chosen[index]?.encode(weightsOf(tensor)) ?? [];
    tell?.(index + 1, tensors.length);
    return parts;
  });
  const shapes = tensors.flatMap((tensor, index): readonly TensorShape[] => {
    const codec = chosen[index] ?? null;
    if (codec === null) return [tensor];
    return encoded[index]!.map((one) => ({ ...one, name: `${tensor.name}.${codec.name}.${one.name}` }));
  });
  const told = tensors.flatMap(({ name, shape }, index) => {
    const codec = chosen[index] ?? null;
    return codec === null ? [] : [[name, { codec: codec.name, shape }] as const];
  });
  const compressed: Compressed = Object.fromEntries(
    told.map(([name, { codec, shape }]) => [name, { codec, shape: [...shape] }]),
  );
  const writer = createTensors(beside, shapes, { [CODECS_KEY]: JSON.stringify(compressed) });
  try {
    tensors.forEach((tensor, index) => {
      if ((chosen[index] ?? null) === null) copy(tensor, writer.write);
      else encoded[index]!.forEach(({ bytes }) => writer.write(bytes));
    });
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
}

const COPIED_AT_ONCE = 2 ** 22;

function copy(tensor: StoredTensor, write: (bytes: Uint8Array) => void): void {
  const size = tensor.end - tensor.begin;
  for (let from = 0; from < size; from += COPIED_AT_ONCE) {
    const bytes = new Uint8Array(Math.min(COPIED_AT_ONCE, size - from));
    tensor.read(bytes, from);
    write(bytes);
  }
}

function scored(ask: QuantizeAsk, before: TensorFile, tensors: readonly StoredTensor[]): Quantized {
  const [original, written] = [openWeights(ask.source), openWeights(ask.target)];
  try {
    const theirs = new Map(written.weights.map((weights): [string, Weights] => [weights.name, weights]));
    const sums = { energy: 0, noise: 0 };
    const each = original.weights.map((weights): Scored => {
      const read = theirs.get(weights.name)!;
      const distance = distanceBetween(weights, read);
      if (weights.floats) {
        sums.energy += distance.energy;
        sums.noise += distance.noise;
      }
      const { name, type: by, sizeBytes } = read;
      return { name, by, count: distance.count, sizeBytes, snrDb: snrDbOf(distance) };
    });
    const parameters = tensors.reduce((sum, { shape }) => sum + countOf(shape), 0);
    return {
      tensors: each,
      parameters,
      sizeBytesBefore: before.sizeBytes,
      sizeBytes: written.sizeBytes,
      snrDb: snrDbOf(sums),
    };
  } finally {
    original.close();
    written.close();
  }
}
