/** Each operator in a small graph of its own, with the shapes in which it is most easily got wrong. */
import { constant, type Shape, type Value } from '../../pipelines/onnx/build.ts';
import * as operators from '../../pipelines/onnx/operators.ts';

export interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly of: (...inputs: readonly Value[]) => Value;
  /** −1.5 to 1.5 unless told. */
  readonly range?: readonly [number, number];
  /** Numbers near which there is no derivative. */
  readonly corners?: readonly number[];
  /** How far the gradients may be off, as a share of their length. */
  readonly within?: number;
}

const {
  abs,
  add,
  clip,
  concat,
  crossEntropy,
  div,
  erf,
  exp,
  expand,
  gather,
  gatherElements,
  gelu,
  gemm,
  layerNormalization,
  linear,
  log,
  logLikelihood,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  round,
  scatterElements,
  scatterRows,
  sigmoid,
  sign,
  softmax,
  split,
  sqrt,
  stop,
  sub,
  sum,
  tanh,
  transpose,
  transposed,
} = operators;

const whole = (like: Value, numbers: readonly number[], shape?: Shape): Value =>
  constant(like.graph, numbers, { type: 'int64', ...(shape === undefined ? {} : { shape }) });

const GEMMS: readonly Case[] = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
].map(([transA = false, transB = false]) => ({
  name: `Gemm${transA ? ', a transposed' : ''}${transB ? ', b transposed' : ''}`,
  inputs: { a: transA ? [4, 3] : [3, 4], b: transB ? [5, 4] : [4, 5], c: [5] },
  of: (a, b, c) => gemm({ a: a!, b: b!, c: c!, transA, transB }),
}));

export const CASES: readonly Case[] = [
  { name: 'Add', inputs: { a: [3, 4], b: [4] }, of: (a, b) => add(a!, b!) },
  { name: 'Add of one value twice', inputs: { a: [3] }, of: (a) => add(a!, a!) },
  { name: 'Sub', inputs: { a: [2, 3, 4], b: [3, 1] }, of: (a, b) => sub(a!, b!) },
  { name: 'Mul', inputs: { a: [3, 4], b: [3, 1] }, of: (a, b) => mul(a!, b!) },
  { name: 'Mul, both grow', inputs: { a: [3, 1], b: [1, 4] }, of: (a, b) => mul(a!, b!) },
  { name: 'Div', inputs: { a: [3, 4], b: [4] }, of: (a, b) => div(a!, b!), range: [0.5, 2] },
  { name: 'Neg', inputs: { x: [5] }, of: (x) => neg(x!) },
  { name: 'Abs', inputs: { x: [9] }, of: (x) => abs(x!), corners: [0] },
  { name: 'Sign', inputs: { x: [9] }, of: (x) => mul(sign(x!), x!), corners: [0] },
  {
    name: 'Round',
    inputs: { x: [9] },
    of: (x) => mul(round(x!), x!),
    corners: [-1.5, -0.5, 0.5, 1.5],
  },
  { name: 'Clip', inputs: { x: [12] }, of: (x) => clip(x!, -0.5, 0.75), corners: [-0.5, 0.75] },
  { name: 'Exp', inputs: { x: [7] }, of: (x) => exp(x!) },
  { name: 'Log', inputs: { x: [7] }, of: (x) => log(x!), range: [0.5, 3] },
  { name: 'Sqrt', inputs: { x: [7] }, of: (x) => sqrt(x!), range: [0.5, 3] },
  { name: 'Tanh', inputs: { x: [7] }, of: (x) => tanh(x!) },
  { name: 'Erf', inputs: { x: [7] }, of: (x) => erf(x!) },
  { name: 'Sigmoid', inputs: { x: [7] }, of: (x) => sigmoid(x!) },
  { name: 'Relu', inputs: { x: [17] }, of: (x) => relu(x!), corners: [0] },
  { name: 'Gelu', inputs: { x: [33] }, of: (x) => gelu(x!), range: [-4, 4] },
  { name: 'Softmax', inputs: { x: [3, 5] }, of: (x) => softmax(x!) },
  { name: 'LogSoftmax', inputs: { x: [2, 3, 5] }, of: (x) => logSoftmax(x!) },
  { name: 'MatMul', inputs: { a: [3, 4], b: [4, 5] }, of: (a, b) => matMul(a!, b!) },
  { name: 'MatMul of many', inputs: { a: [2, 2, 3, 4], b: [2, 2, 4, 5] }, of: (a, b) => matMul(a!, b!) },
  { name: 'MatMul of many by one', inputs: { a: [2, 3, 4], b: [4, 5] }, of: (a, b) => matMul(a!, b!) },
  ...GEMMS,
  { name: 'Gemm alone', inputs: { a: [2, 3], b: [3, 2] }, of: (a, b) => gemm({ a: a!, b: b! }) },
  { name: 'linear', inputs: { x: [2, 3, 4], w: [4, 5], c: [5] }, of: (x, w, c) => linear(x!, w!, c!) },
  { name: 'Transpose', inputs: { x: [2, 3, 4] }, of: (x) => transpose(x!, [2, 0, 1]) },
  { name: 'transposed', inputs: { x: [2, 3, 4] }, of: (x) => transposed(x!) },
  { name: 'Reshape', inputs: { x: [2, 6] }, of: (x) => reshape(x!, [3, 4]) },
  { name: 'Expand', inputs: { x: [3, 1] }, of: (x) => expand(x!, [2, 3, 4]) },
  { name: 'ReduceSum', inputs: { x: [2, 3, 4] }, of: (x) => reduceSum(x!, [0, -1]) },
  { name: 'ReduceMean', inputs: { x: [2, 3, 4] }, of: (x) => reduceMean(x!, [1]) },
  { name: 'sum', inputs: { x: [2, 3] }, of: (x) => sum(x!) },
  { name: 'mean', inputs: { x: [2, 3] }, of: (x) => mean(x!) },
  {
    name: 'LayerNormalization',
    inputs: { x: [3, 8], scale: [8], shift: [8] },
    of: (x, scale, shift) => layerNormalization(x!, scale!, shift!),
  },
  { name: 'Gather', inputs: { table: [5, 3] }, of: (table) => gather(table!, whole(table!, [0, 2, 2, 4])) },
  {
    name: 'Gather of a square',
    inputs: { table: [4, 2] },
    of: (table) => gather(table!, whole(table!, [3, 0, 1, 3, 3, 1], [2, 3])),
  },
  {
    name: 'GatherElements',
    inputs: { x: [3, 4] },
    of: (x) => gatherElements(x!, whole(x!, [0, 3, 1, 1, 2, 0], [3, 2])),
  },
  {
    name: 'GatherElements of columns',
    inputs: { x: [3, 4] },
    of: (x) => gatherElements(x!, whole(x!, [0, 2, 1, 1, 2, 2, 0, 2], [2, 4]), 0),
  },
  {
    name: 'ScatterElements',
    inputs: { x: [2, 4], updates: [2, 2] },
    of: (x, updates) => scatterElements(x!, whole(x!, [1, 1, 3, 0], [2, 2]), { updates: updates! }),
  },
  {
    name: 'scatterRows',
    inputs: { rows: [4, 3] },
    of: (rows) => scatterRows([5, 3], whole(rows!, [1, 4, 1, 0]), rows!),
  },
  {
    name: 'Split',
    inputs: { x: [2, 6] },
    of: (x) => {
      const [a, b] = split(x!, 1, [2, 3, 1]);
      return mul(reduceSum(a!, [1]), b!);
    },
  },
  { name: 'Concat', inputs: { a: [2, 3], b: [2, 1] }, of: (a, b) => concat([a!, b!], 1) },
  {
    name: 'LogLikelihood',
    inputs: { logits: [4, 6] },
    of: (logits) => logLikelihood(logits!, whole(logits!, [1, 5, 0, 1])),
  },
  {
    name: 'crossEntropy',
    inputs: { logits: [4, 6] },
    of: (logits) => crossEntropy(logits!, whole(logits!, [1, 5, 0, 1])),
  },
  // What is stopped counts as a number: of x·stop(x) the derivative is stop(x), which a difference cannot know.
  { name: 'Stop', inputs: { x: [3] }, of: (x) => add(sub(stop(x!), stop(x!)), x!) },
];
