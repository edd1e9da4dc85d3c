/** A linear model in memory -> ONNX bytes, and the proof that both say the same. */
import { exportDisagrees } from '../faults.ts';
import {
  encodeModel,
  floatInitializer,
  type GraphNode,
  type Initializer,
  integerInitializer,
  type OnnxModel,
} from '../onnx/graph.ts';
import { openSession, type OnnxSession, type Tensors } from '../onnx/session.ts';
import { type Examples, rowAt, type SparseRow } from './examples.ts';
import { type FeatureSpec, widthOf } from './features.ts';
import { type Layer, type LinearModel, probabilitiesOf } from './linear-model.ts';

/** What the metadata of every exported classifier says of itself. */
export const FORMAT = 'fettle-classifier/1';
export const METADATA = {
  format: 'fettle.format',
  labels: 'fettle.labels',
  features: 'fettle.features',
} as const;

/** Names of what goes in and comes out. */
export const PORTS = {
  features: 'features',
  columns: 'columns',
  values: 'values',
  probabilities: 'probabilities',
} as const;

/** Beyond this the export is wrong: sums of 32-bit floats in another order differ by about 1e-6. */
const DIFFERENCE_MOST = 1e-5;

/**
 * The model as ONNX. Dense: `features` float[N, D] → Gemm → Softmax → `probabilities` float[N, K]. Hashed text:
 * `columns` int64[n] and `values` float[n] of one row → Gather the weights' rows, multiply, sum, add the bias, Softmax
 * → `probabilities` float[K]; a row without entries is the bias alone. Deeper layers are Relu → MatMul → Add each,
 * before Softmax.
 *
 * @param model     weights of the width that the features have
 * @param features  what the model is fed; travels in the metadata
 * @returns         the same bytes for the same model
 * @throws          RangeError when the widths differ: a programmer's error
 * @cost            some copies of the weights
 * @source          ONNX operators of opset 21: Gemm-13, Softmax-13, Gather-13, Unsqueeze-21, ReduceSum-13
 */
export function exportClassifier(model: LinearModel, features: FeatureSpec): Uint8Array {
  if (widthOf(features) !== model.width) {
    throw new RangeError(`features of width ${widthOf(features)}, a model of ${model.width}`);
  }
  const graph = features.kind === 'dense' ? denseGraph(model) : sparseGraph(model);
  return encodeModel({
    ...graph,
    name: 'classifier',
    metadata: {
      [METADATA.format]: FORMAT,
      [METADATA.labels]: JSON.stringify(model.labels),
      [METADATA.features]: JSON.stringify(features),
    },
  });
}

type Graph = Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'outputs'>;

function denseGraph({ labels, width, weights, bias, deeper }: LinearModel): Graph {
  return {
    nodes: [
      node('Gemm', [PORTS.features, 'weights', 'bias'], 'scores'),
      ...deeperNodes(deeper),
      softmaxNode(deeper),
    ],
    initializers: [
      floatInitializer('weights', [width, bias.length], weights),
      floatInitializer('bias', [bias.length], bias),
      ...deeperInitializers(deeper),
    ],
    inputs: [{ name: PORTS.features, type: 'float32', dims: ['N', width] }],
    outputs: [{ name: PORTS.probabilities, type: 'float32', dims: ['N', labels.length] }],
  };
}

function sparseGraph({ labels, width, weights, bias, deeper }: LinearModel): Graph {
  return {
    nodes: [
      {
        ...node('Gather', ['weights', PORTS.columns], 'rows'),
        attributes: { axis: { kind: 'int', value: 0 } },
      },
      node('Unsqueeze', [PORTS.values, 'last'], 'factors'),
      node('Mul', ['rows', 'factors'], 'parts'),
      {
        ...node('ReduceSum', ['parts', 'first'], 'sums'),
        attributes: { keepdims: { kind: 'int', value: 0 } },
      },
      node('Add', ['sums', 'bias'], 'scores'),
      ...deeperNodes(deeper),
      softmaxNode(deeper),
    ],
    initializers: [
      floatInitializer('weights', [width, bias.length], weights),
      floatInitializer('bias', [bias.length], bias),
      ...deeperInitializers(deeper),
      integerInitializer('first', [1], [0]),
      integerInitializer('last', [1], [1]),
    ],
    inputs: [
      { name: PORTS.columns, type: 'int64', dims: ['n'] },
      { name: PORTS.values, type: 'float32', dims: ['n'] },
    ],
    outputs: [{ name: PORTS.probabilities, type: 'float32', dims: [labels.length] }],
  };
}

/** One row of scores or many: a product takes both. */
function deeperNodes(deeper: readonly Layer[]): readonly GraphNode[] {
  return deeper.flatMap((_, layer) => [
    node('Relu', [layer === 0 ? 'scores' : `scores.${layer}`], `hidden.${layer + 1}`),
    node('MatMul', [`hidden.${layer + 1}`, `weights.${layer + 1}`], `products.${layer + 1}`),
    node('Add', [`products.${layer + 1}`, `bias.${layer + 1}`], `scores.${layer + 1}`),
  ]);
}

function deeperInitializers(deeper: readonly Layer[]): readonly Initializer[] {
  return deeper.flatMap(({ weights, bias }, layer) => [
    floatInitializer(`weights.${layer + 1}`, [weights.length / bias.length, bias.length], weights),
    floatInitializer(`bias.${layer + 1}`, [bias.length], bias),
  ]);
}

function softmaxNode({ length }: readonly Layer[]): GraphNode {
  const from = length === 0 ? 'scores' : `scores.${length}`;
  return {
    ...node('Softmax', [from], PORTS.probabilities),
    attributes: { axis: { kind: 'int', value: -1 } },
  };
}

function node(operator: string, inputs: readonly string[], output: string): GraphNode {
  return { operator, inputs, outputs: [output] };
}

/**
 * Rows -> what the exported graph is fed, one set of tensors a call of it.
 *
 * @param features  of the model
 * @param rows      one or more, of that width
 * @returns         dense: all rows in one set; hashed text: one set a row
 * @throws          never
 * @cost            one copy
 * @source          the inputs that `exportClassifier` declares
 */
export function feedsOf(features: FeatureSpec, rows: readonly SparseRow[]): readonly Tensors[] {
  if (features.kind === 'dense') return [denseFeed(rows, features.columns.length)];
  return rows.map(({ columns, values }) => ({
    [PORTS.columns]: {
      type: 'int64',
      dims: [columns.length],
      data: BigInt64Array.from(columns, (column) => BigInt(column)),
    },
    [PORTS.values]: { type: 'float32', dims: [values.length], data: Float32Array.from(values) },
  }));
}

function denseFeed(rows: readonly SparseRow[], width: number): Tensors {
  const data = new Float32Array(rows.length * width);
  rows.forEach(({ columns, values }, row) => {
    columns.forEach((column, entry) => {
      data[row * width + column] = values[entry]!;
    });
  });
  return { [PORTS.features]: { type: 'float32', dims: [rows.length, width], data } };
}

/**
 * Probabilities of an opened export for rows that are features already.
 *
 * @param session   of bytes by `exportClassifier`
 * @param features  of the same model
 * @param rows      one or more, of that width
 * @returns         rows·labels probabilities, row-major
 * @throws          onnxRunFailed when the file is not what its metadata says
 * @cost            dense: one call; hashed text: one call a row
 * @source          definition
 */
export async function ask(
  session: OnnxSession,
  features: FeatureSpec,
  rows: readonly SparseRow[],
): Promise<Float32Array> {
  const found: number[] = [];
  for (const feed of feedsOf(features, rows)) {
    const { [PORTS.probabilities]: probabilities } = await session.run(feed);
    if (probabilities?.type === 'float32') found.push(...probabilities.data);
  }
  return Float32Array.from(found);
}

export interface Exported {
  readonly model: LinearModel;
  readonly features: FeatureSpec;
  readonly bytes: Uint8Array;
}

/**
 * Opens the exported bytes and compares what they say with what the trainer's memory says.
 *
 * @param exported  the bytes, and what they were made from
 * @param examples  one or more rows to ask both about; labels are not looked at
 * @returns         the largest difference of two probabilities, 1e-5 at most
 * @throws          exportDisagrees beyond that, or when the counts of probabilities differ; faults of `openSession`
 * @cost            opening the file, and a prediction a row on both sides
 * @source          definition
 */
export async function checkExport({ model, features, bytes }: Exported, examples: Examples): Promise<number> {
  const wanted = probabilitiesOf(model, examples);
  const rows = Array.from({ length: examples.rows }, (_, index) => rowAt(examples, index));
  const session = await openSession(bytes);
  try {
    const found = await ask(session, features, rows);
    // Anything that is no number at all counts as the largest difference there is.
    const difference = found.length === wanted.length ? largestDifference(wanted, found) : 1;
    if (difference <= DIFFERENCE_MOST) return difference;
    throw exportDisagrees({ difference, most: DIFFERENCE_MOST, rows: examples.rows });
  } finally {
    await session.close();
  }
}

function largestDifference(wanted: Float64Array, found: Float32Array): number {
  let most = 0;
  for (let index = 0; index < wanted.length; index++) {
    const difference = Math.abs(wanted[index]! - found[index]!);
    most = Number.isNaN(difference) ? 1 : Math.max(most, difference);
  }
  return most;
}
