/** A triage model in memory -> ONNX bytes with everything behind the hashing, and the proof that both say the same. */
import { exportDisagrees } from '../faults.ts';
import {
  ELEMENTS,
  encodeModel,
  floatInitializer,
  type GraphNode,
  type Initializer,
  integerInitializer,
} from '../onnx/graph.ts';
import { openSession, type OnnxSession, type Tensors } from '../onnx/session.ts';
import { METADATA } from './export.ts';
import type { IssueBlocks } from './issue-blocks.ts';
import type { IssueRow } from './issue-row.ts';
import { probabilitiesFrom, ROOT_SHARES, scoresOf, type TriageModel } from './triage-model.ts';

/** What the metadata of every exported triage model says of itself. */
export const TRIAGE_FORMAT = 'fettle-triage/1';
export const TRIAGE_METADATA = { ...METADATA, projects: 'fettle.projects', choice: 'fettle.choice' } as const;

/** Names of what goes in and comes out. */
export const TRIAGE_PORTS = {
  columns: 'columns',
  blocks: 'blocks',
  project: 'project',
  /** One a label. */
  probabilities: 'probabilities',
  /** 1 for each label whose threshold is reached. */
  given: 'given',
  /** What each entry adds to each label's score: the sum over entries, with the bias, is the score. */
  parts: 'parts',
  /** The scaled entries, by which issues resemble each other. */
  values: 'values',
} as const;

const DIFFERENCE_MOST = 1e-5;

/**
 * The model as ONNX: `columns` int64[n], `blocks` int64[n] and `project` int64[1] (−1 for none) → places of the
 * columns → scales, blockwise length → shared and own weights → bias, calibration, Softmax or Sigmoid →
 * `probabilities` float[K], `given` int64[K], and on the way `parts` float[n, K] and `values` float[n].
 *
 * @param model     calibrated
 * @param features  of which it was learned; travels in the metadata
 * @returns         the same bytes for the same model
 * @throws          never
 * @cost            two copies of the tables
 * @source          ONNX operators of opset 21
 */
export function exportTriage(model: TriageModel, features: IssueBlocks): Uint8Array {
  return encodeModel({
    name: 'triage',
    nodes: [...valueNodes(), ...partNodes(), ...answerNodes(model)],
    initializers: initializersOf(model),
    inputs: [
      { name: TRIAGE_PORTS.columns, type: 'int64', dims: ['n'] },
      { name: TRIAGE_PORTS.blocks, type: 'int64', dims: ['n'] },
      { name: TRIAGE_PORTS.project, type: 'int64', dims: [1] },
    ],
    outputs: [
      { name: TRIAGE_PORTS.probabilities, type: 'float32', dims: [model.labels.length] },
      { name: TRIAGE_PORTS.given, type: 'int64', dims: [model.labels.length] },
      { name: TRIAGE_PORTS.parts, type: 'float32', dims: ['n', model.labels.length] },
      { name: TRIAGE_PORTS.values, type: 'float32', dims: ['n'] },
    ],
    metadata: {
      [TRIAGE_METADATA.format]: TRIAGE_FORMAT,
      [TRIAGE_METADATA.labels]: JSON.stringify(model.labels),
      [TRIAGE_METADATA.features]: JSON.stringify(features),
      [TRIAGE_METADATA.projects]: JSON.stringify(model.projects),
      [TRIAGE_METADATA.choice]: model.choice,
    },
  });
}

function node(operator: string, inputs: readonly string[], output: string): GraphNode {
  return { operator, inputs, outputs: [output] };
}

/** A node with one attribute, a whole number. */
function set(made: GraphNode, name: string, value: number): GraphNode {
  return { ...made, attributes: { [name]: { kind: 'int', value } } };
}

function cast(input: string, type: keyof typeof ELEMENTS, output: string): GraphNode {
  return set(node('Cast', [input], output), 'to', ELEMENTS[type].code);
}

function summed(inputs: readonly string[], output: string): GraphNode {
  return set(node('ReduceSum', inputs, output), 'keepdims', 0);
}

/** Columns and blocks -> places and values. The factor of a block without entries is large, but nothing uses it. */
function valueNodes(): readonly GraphNode[] {
  return [
    node('Gather', ['place-of', TRIAGE_PORTS.columns], 'places16'),
    cast('places16', 'int64', 'places'),
    node('Gather', ['scales', 'places'], 'scaled'),
    node('Mul', ['scaled', 'scaled'], 'squares'),
    node('Unsqueeze', [TRIAGE_PORTS.blocks, 'axis1'], 'block-column'),
    node('Equal', ['block-column', 'block-numbers'], 'in-block'),
    cast('in-block', 'float32', 'membership'),
    node('Unsqueeze', ['squares', 'axis0'], 'squares-row'),
    node('MatMul', ['squares-row', 'membership'], 'lengths2'),
    node('Max', ['lengths2', 'tiny'], 'lengths2-safe'),
    node('Sqrt', ['lengths2-safe'], 'lengths'),
    node('Div', ['root-shares', 'lengths'], 'factors'),
    node('Mul', ['membership', 'factors'], 'factors-in-block'),
    summed(['factors-in-block', 'axis1'], 'factor'),
    node('Mul', ['scaled', 'factor'], TRIAGE_PORTS.values),
  ];
}

/** Values -> what each entry adds to each label's score. A project below 0 reads the first one's weights, times 0. */
function partNodes(): readonly GraphNode[] {
  return [
    node('Gather', ['shared', 'places'], 'shared8'),
    cast('shared8', 'float32', 'shared-steps'),
    node('Mul', ['shared-steps', 'shared-step'], 'shared-weights'),
    node('Max', [TRIAGE_PORTS.project, 'zero'], 'project-safe'),
    node('Mul', ['project-safe', 'row-count'], 'base'),
    node('Add', ['places', 'base'], 'own-places'),
    node('Gather', ['own', 'own-places'], 'own8'),
    cast('own8', 'float32', 'own-steps'),
    node('GreaterOrEqual', [TRIAGE_PORTS.project, 'zero'], 'is-known'),
    cast('is-known', 'float32', 'known'),
    node('Mul', ['own-step', 'known'], 'own-step-known'),
    node('Mul', ['own-steps', 'own-step-known'], 'own-weights'),
    node('Add', ['shared-weights', 'own-weights'], 'weights'),
    node('Unsqueeze', [TRIAGE_PORTS.values, 'axis1'], 'value-column'),
    node('Mul', ['weights', 'value-column'], TRIAGE_PORTS.parts),
  ];
}

function answerNodes({ choice }: TriageModel): readonly GraphNode[] {
  const last = node(choice === 'one' ? 'Softmax' : 'Sigmoid', ['calibrated'], TRIAGE_PORTS.probabilities);
  return [
    summed([TRIAGE_PORTS.parts, 'axis0'], 'sums'),
    node('Add', ['sums', 'bias'], 'scores'),
    node('Mul', ['scores', 'slope'], 'sloped'),
    node('Add', ['sloped', 'shifts'], 'calibrated'),
    choice === 'one' ? set(last, 'axis', -1) : last,
    node('GreaterOrEqual', [TRIAGE_PORTS.probabilities, 'thresholds'], 'reached'),
    cast('reached', 'int64', TRIAGE_PORTS.given),
  ];
}

function initializersOf(model: TriageModel): readonly Initializer[] {
  const { scales, shared, own, bias, calibration, thresholds, projects, places } = model;
  const count = bias.length;
  const blocks = ROOT_SHARES.length;
  const bytes = (entries: Int8Array) => new Uint8Array(entries.buffer, entries.byteOffset, entries.length);
  return [
    { name: 'place-of', type: 'uint16', dims: [places.length], raw: littleEndian(places) },
    floatInitializer('scales', [scales.length], scales),
    floatInitializer('root-shares', [1, blocks], ROOT_SHARES),
    integerInitializer('block-numbers', [1, blocks], [...ROOT_SHARES.keys()]),
    floatInitializer('tiny', [1], [1e-30]),
    { name: 'shared', type: 'int8', dims: [scales.length, count], raw: bytes(shared.entries) },
    floatInitializer('shared-step', [count], shared.steps),
    { name: 'own', type: 'int8', dims: [projects.length * scales.length, count], raw: bytes(own.entries) },
    floatInitializer('own-step', [count], own.steps),
    integerInitializer('row-count', [1], [scales.length]),
    integerInitializer('zero', [1], [0]),
    integerInitializer('axis0', [1], [0]),
    integerInitializer('axis1', [1], [1]),
    floatInitializer('bias', [count], bias),
    floatInitializer('slope', [1], [calibration.slope]),
    floatInitializer('shifts', [count], calibration.shifts),
    floatInitializer('thresholds', [count], thresholds),
  ];
}

function littleEndian(values: Uint16Array): Uint8Array {
  const raw = new Uint8Array(2 * values.length);
  const view = new DataView(raw.buffer);
  values.forEach((value, index) => view.setUint16(2 * index, value, true));
  return raw;
}

/**
 * What the graph is fed for one issue.
 *
 * @param row      by the model's featuriser
 * @param project  its number in the model; −1 for another
 * @returns        three tensors
 * @throws         never
 * @cost           one copy
 * @source         the inputs that `exportTriage` declares
 */
export function triageFeed({ columns, blocks }: IssueRow, project: number): Tensors {
  const dims = [columns.length];
  return {
    [TRIAGE_PORTS.columns]: { type: 'int64', dims, data: widened(columns) },
    [TRIAGE_PORTS.blocks]: { type: 'int64', dims, data: widened(blocks) },
    [TRIAGE_PORTS.project]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(project)) },
  };
}

/** Whole numbers of 0 or more in 64 bits, written as halves: a BigInt for each would take longer than the graph. */
function widened(numbers: Int32Array | Uint8Array): BigInt64Array {
  const wide = new BigInt64Array(numbers.length);
  const halves = new Int32Array(wide.buffer);
  for (let index = 0; index < numbers.length; index++) halves[2 * index + LOW_HALF] = numbers[index]!;
  return wide;
}

/** Where the lower half of a 64-bit number lies on this machine. */
const LOW_HALF = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

export interface AskedIssue {
  readonly row: IssueRow;
  readonly project: number;
}

/**
 * Opens the exported bytes and compares what they say with what the trainer's memory says.
 *
 * @param model   in memory
 * @param bytes   made of it
 * @param issues  those to ask both about
 * @returns       the largest difference of two probabilities, 1e-5 at most
 * @throws        exportDisagrees beyond that; faults of `openSession`
 * @cost          opening the file, and a prediction an issue on both sides
 * @source        definition
 */
export async function checkTriage(
  model: TriageModel,
  bytes: Uint8Array,
  issues: readonly AskedIssue[],
): Promise<number> {
  const session = await openSession(bytes);
  try {
    let difference = 0;
    for (const issue of issues) difference = Math.max(difference, await differenceOf(session, model, issue));
    if (difference <= DIFFERENCE_MOST) return difference;
    throw exportDisagrees({ difference, most: DIFFERENCE_MOST, rows: issues.length });
  } finally {
    await session.close();
  }
}

async function differenceOf(session: OnnxSession, model: TriageModel, asked: AskedIssue): Promise<number> {
  const wanted = probabilitiesFrom(
    scoresOf(model, asked.row, asked.project),
    model.calibration,
    model.choice,
  );
  const { [TRIAGE_PORTS.probabilities]: found } = await session.run(triageFeed(asked.row, asked.project));
  if (found?.type !== 'float32' || found.data.length !== wanted.length) return 1;
  const gaps = wanted.map((value, label) => Math.abs(value - found.data[label]!));
  return gaps.some(Number.isNaN) ? 1 : Math.max(...gaps);
}
