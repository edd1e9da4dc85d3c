/** ONNX models whose weights lie in a .safetensors file: the graph is a view of a few kilobytes over them. */
import path from 'node:path';
import { codeOf, durably, writeDurably } from '../artifacts/durable.ts';
import { artifactNotWritten } from '../faults.ts';
import { encodeModel, type ExternalTensor, type Initializer, type OnnxModel } from '../onnx/graph.ts';
import { tensorsUnfit } from '../tensors/faults.ts';
import { shapeText } from '../tensors/header.ts';
import { createTensors, openTensors, type StoredTensor } from '../tensors/safetensors.ts';
import { alone } from './alone.ts';
import { elementTypeOf, STORED_AS } from './element-names.ts';

/** Smaller constants stay in the graph: shapes, axes and scalars are part of how it computes. */
const OUTSIDE_FROM = 1024;

export interface Saved {
  /** Of the graph's file, and of the weights' file. */
  readonly graphBytes: number;
  readonly weightBytes: number;
}

/**
 * Writes a model as two files: `<name>.onnx`, and beside it `<name>.safetensors` with every constant of 1 kB or more.
 * No constant is copied in memory, so that a model may be larger than ONNX's own 2 GB.
 *
 * @param target  the .onnx file; its folder is made where it is missing
 * @param model   a graph in topological order, without external constants
 * @throws        artifactNotWritten when the disk is full or refuses, outputBusy while another process writes there;
 *                the graph's file is as it was, and is written after its weights
 * @cost          some objects a constant, and the writing
 */
export async function saveModel(target: string, model: OnnxModel): Promise<Saved> {
  const weights = target.replace(/(\.onnx)?$/, '.safetensors');
  const outside = model.initializers.filter(({ raw }) => raw.length >= OUTSIDE_FROM);
  await alone(weights, () => writing(weights, outside));
  const graph = encodeModel(viewOf({ model, weights }));
  await writeDurably(target, graph);
  return { graphBytes: graph.length, weightBytes: outside.reduce((sum, { raw }) => sum + raw.length, 0) };
}

async function writing(weights: string, outside: readonly Initializer[]): Promise<void> {
  try {
    await durably(weights, async (beside) => writeWeights(beside, outside));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') !== true) throw error;
    const said = error instanceof Error ? error.message : String(error);
    const sizeBytes = outside.reduce((sum, { raw }) => sum + raw.length, 0);
    throw artifactNotWritten({ path: weights, sizeBytes, said }, error);
  }
}

function writeWeights(beside: string, outside: readonly Initializer[]): void {
  const shapes = outside.map(({ name, type, dims }) => ({ name, type: STORED_AS[type], shape: dims }));
  const writer = createTensors(beside, shapes, { format: 'pt' });
  try {
    for (const { raw } of outside) writer.write(raw);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
}

interface Viewing {
  readonly model: OnnxModel;
  /** A .safetensors file, not a pickle, in the folder where the graph will lie. */
  readonly weights: string;
}

/**
 * A graph whose constants are those of a file: each constant that the file has by its name, and at least 1 kB of,
 * becomes a place in it.
 *
 * @returns  the same graph with other weights; constants that the file lacks stay as they are
 * @throws   tensorsUnfit when a tensor has another shape or type there, and as `openTensors`
 * @cost     the header of the file; of its data nothing is read
 * @source   onnx/docs/ExternalData.md of ONNX 1.16; offsets as in the safetensors format
 */
export function viewOf({ model, weights }: Viewing): OnnxModel {
  const file = openTensors(weights);
  try {
    const external: ExternalTensor[] = [...(model.external ?? [])];
    const initializers: Initializer[] = [];
    for (const initializer of model.initializers) {
      const stored = file.tensors.get(initializer.name);
      if (stored === undefined || initializer.raw.length < OUTSIDE_FROM) initializers.push(initializer);
      else external.push(placed(initializer, stored));
    }
    return { ...model, initializers, external };
  } finally {
    file.close();
  }
}

function placed(
  { name, type, dims }: Initializer,
  { file, shape, at, ...stored }: StoredTensor,
): ExternalTensor {
  const found = elementTypeOf(stored.type);
  if (found !== type || shapeText(shape) !== shapeText(dims)) {
    throw tensorsUnfit({
      tensor: name,
      wanted: `${type} ${shapeText(dims)}, as in the graph`,
      found: `${found} ${shapeText(shape)} in ${file}`,
    });
  }
  return { name, type, dims, location: path.basename(file), offset: at };
}
