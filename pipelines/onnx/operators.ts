/** The operators that graphs are built of: each gives the value that ONNX's operator of that name gives. */
import { constant, node, type NewNode, type Shape, sizeOf, together, type Value } from './build.ts';
import type { Attribute } from './graph.ts';

/** The shape of what two shapes give together: a size of 1, or one that is missing in front, goes with any. */
function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const one = a[a.length - rank + axis] ?? 1;
    const other = b[b.length - rank + axis] ?? 1;
    if (one !== other && one !== 1 && other !== 1) {
      throw new RangeError(`shapes that go together, not [${a.join()}] and [${b.join()}]`);
    }
    return Math.max(one, other);
  });
}

function one(made: NewNode): Value {
  return node(made)[0]!;
}

function unary(operator: string) {
  return (x: Value): Value => one({ operator, inputs: [x], shapes: [x.shape] });
}

function binary(operator: string) {
  return (a: Value, b: Value | number): Value => {
    const other = typeof b === 'number' ? constant(a.graph, b) : b;
    return one({ operator, inputs: [a, other], shapes: [broadcast(a.shape, other.shape)] });
  };
}

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const neg = unary('Neg');
export const abs = unary('Abs');
export const sign = unary('Sign');
export const round = unary('Round');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const tanh = unary('Tanh');
export const erf = unary('Erf');
export const sigmoid = unary('Sigmoid');
export const relu = unary('Relu');
/** x·Φ(x), with the error function itself. */
export const gelu = unary('Gelu');
/** The value as it is; nothing is learned through it. */
export const stop = (x: Value): Value => together('Stop', [x], () => unary('Identity')(x));

/** min(max(x, least), most); the slope is 1 between them and 0 outside. */
export function clip(x: Value, least: number, most: number): Value {
  const bounds = [constant(x.graph, least), constant(x.graph, most)] as const;
  return one({ operator: 'Clip', inputs: [x, ...bounds], shapes: [x.shape] });
}

const int = (value: number): Attribute => ({ kind: 'int', value });
const float = (value: number): Attribute => ({ kind: 'float', value });

/** Along the last axis. */
export function softmax(x: Value): Value {
  return one({ operator: 'Softmax', inputs: [x], shapes: [x.shape], attributes: { axis: int(-1) } });
}

/** Along the last axis. */
export function logSoftmax(x: Value): Value {
  return one({ operator: 'LogSoftmax', inputs: [x], shapes: [x.shape], attributes: { axis: int(-1) } });
}

export function reshape(x: Value, shape: Shape): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new RangeError(`a shape of ${sizeOf(x.shape)} elements, not [${shape.join()}]`);
  }
  const target = constant(x.graph, shape, { type: 'int64' });
  return one({ operator: 'Reshape', inputs: [x, target], shapes: [shape] });
}

/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Value, order: readonly number[]): Value {
  const shapes = [order.map((axis) => x.shape[axis]!)];
  return one({
    operator: 'Transpose',
    inputs: [x],
    shapes,
    attributes: { perm: { kind: 'ints', value: order } },
  });
}

/** The last two axes swapped. */
export function transposed(x: Value): Value {
  const rank = x.shape.length;
  const order = x.shape.map((_, axis) => axis);
  return transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
}

/** Sizes of 1 grow to those of `shape`. */
export function expand(x: Value, shape: Shape): Value {
  const target = constant(x.graph, shape, { type: 'int64' });
  return one({ operator: 'Expand', inputs: [x, target], shapes: [shape] });
}

function reduce(operator: string) {
  /** Over the axes, or over all; they stay, with a size of 1. */
  return (x: Value, axes: readonly number[] = x.shape.map((_, axis) => axis)): Value => {
    const rank = x.shape.length;
    const all = axes.map((axis) => (axis + rank) % rank);
    return one({
      operator,
      inputs: [x, constant(x.graph, all, { type: 'int64' })],
      shapes: [x.shape.map((size, axis) => (all.includes(axis) ? 1 : size))],
      attributes: { keepdims: int(1) },
    });
  };
}

export const reduceSum = reduce('ReduceSum');
export const reduceMean = reduce('ReduceMean');

/** The mean of all elements, a scalar. */
export function mean(x: Value): Value {
  return reshape(reduceMean(x), []);
}

/** The sum of all elements, a scalar. */
export function sum(x: Value): Value {
  return reshape(reduceSum(x), []);
}

/** Products of matrices [.., m, k] and [.., k, n]; the axes before the last two go together as in a sum. */
export function matMul(a: Value, b: Value): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [wanted, columns] = b.shape.slice(-2);
  if (inner !== wanted || rows === undefined || columns === undefined) {
    throw new RangeError(`matrices that fit, not [${a.shape.join()}] and [${b.shape.join()}]`);
  }
  const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return one({ operator: 'MatMul', inputs: [a, b], shapes: [shape] });
}

export interface Gemm {
  readonly a: Value;
  readonly b: Value;
  /** Added; of a shape that grows to that of the product. */
  readonly c?: Value;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** a·b + c for matrices, either of which may be meant transposed. */
export function gemm({ a, b, c, transA = false, transB = false }: Gemm): Value {
  const [rows, inner] = transA ? a.shape.toReversed() : a.shape;
  const [wanted, columns] = transB ? b.shape.toReversed() : b.shape;
  if (inner !== wanted || rows === undefined || columns === undefined) {
    throw new RangeError(`matrices that fit, not [${a.shape.join()}] and [${b.shape.join()}]`);
  }
  return one({
    operator: 'Gemm',
    inputs: c === undefined ? [a, b] : [a, b, c],
    shapes: [[rows, columns]],
    attributes: { transA: int(Number(transA)), transB: int(Number(transB)) },
  });
}

/** x·w + c over the last axis of x: w is [in, out], c is [out]. */
export function linear(x: Value, w: Value, c: Value): Value {
  const [from, to] = w.shape;
  const rows = reshape(x, [sizeOf(x.shape) / from!, from!]);
  return reshape(gemm({ a: rows, b: w, c }), [...x.shape.slice(0, -1), to!]);
}

/** (x − mean)/√(variance + epsilon)·scale + shift over the last axis; scale and shift are of its size. */
export function layerNormalization(x: Value, scale: Value, shift: Value, epsilon = 1e-5): Value {
  const kept = [...x.shape.slice(0, -1), 1];
  return one({
    operator: 'LayerNormalization',
    inputs: [x, scale, shift],
    shapes: [x.shape, kept, kept],
    attributes: { axis: int(-1), epsilon: float(epsilon) },
  });
}

/** Rows of a table [n, width] by their indexes, of any shape: [..indexes, width]. */
export function gather(table: Value, indexes: Value): Value {
  const shapes = [[...indexes.shape, ...table.shape.slice(1)]];
  return one({ operator: 'Gather', inputs: [table, indexes], shapes, attributes: { axis: int(0) } });
}

/** Of each place in `indexes` the element of x at that index of the axis, the last one unless told. */
export function gatherElements(x: Value, indexes: Value, axis = -1): Value {
  const shapes = [indexes.shape];
  const attributes = { axis: int(axis) };
  return one({ operator: 'GatherElements', inputs: [x, indexes], shapes, attributes });
}

export interface Scattering {
  /** What is added, of the indexes' shape. */
  readonly updates: Value;
  /** The last one unless told. */
  readonly axis?: number;
}

/** x, with updates added at the indexes of an axis. */
export function scatterElements(x: Value, indexes: Value, { updates, axis = -1 }: Scattering): Value {
  const reduction: Attribute = { kind: 'text', value: 'add' };
  const attributes = { axis: int(axis), reduction };
  return one({ operator: 'ScatterElements', inputs: [x, indexes, updates], shapes: [x.shape], attributes });
}

/**
 * A table of zeros [n, width] to which row i of `rows` [m, width] is added at indexes[i], of [m]. Not by `ScatterND`,
 * fifteen times as fast: ONNX Runtime 1.30 loses rows there when several threads add to one place.
 */
export function scatterRows(shape: Shape, indexes: Value, rows: Value): Value {
  const zeros = expand(constant(rows.graph, 0), shape);
  const places = expand(reshape(indexes, [sizeOf(indexes.shape), 1]), rows.shape);
  return scatterElements(zeros, places, { updates: rows, axis: 0 });
}

/** Pieces of the sizes, in order, along an axis. */
export function split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  return node({
    operator: 'Split',
    inputs: [x, constant(x.graph, sizes, { type: 'int64' })],
    shapes: sizes.map((size) => x.shape.with(axis, size)),
    attributes: { axis: int(axis) },
  });
}

/** One after the other along an axis. */
export function concat(parts: readonly [Value, ...Value[]], axis: number): Value {
  const size = parts.reduce((whole, { shape }) => whole + shape[axis]!, 0);
  const shapes = [parts[0].shape.with(axis, size)];
  return one({ operator: 'Concat', inputs: parts, shapes, attributes: { axis: int(axis) } });
}

/** ln softmax(logits)[label] of each row: logits [n, classes] and labels [n] give [n]. */
export function logLikelihood(logits: Value, labels: Value): Value {
  const rows = logits.shape[0]!;
  return together('LogLikelihood', [logits, labels], () =>
    reshape(gatherElements(logSoftmax(logits), reshape(labels, [rows, 1])), [rows]),
  );
}

/** −Σ ln softmax(logits)[label] / n, a scalar. */
export function crossEntropy(logits: Value, labels: Value): Value {
  return neg(mean(logLikelihood(logits, labels)));
}
