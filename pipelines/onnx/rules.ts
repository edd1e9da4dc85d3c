/** How each operator is differentiated: of what the loss owes to its outputs, what it owes to its inputs. */
import { constant, type Shape, sizeOf, type Step, type Value } from './build.ts';
import {
  add,
  concat,
  div,
  erf,
  exp,
  expand,
  gatherElements,
  gemm,
  logSoftmax,
  matMul,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  scatterElements,
  scatterRows,
  sign,
  split,
  sub,
  transpose,
  transposed,
} from './operators.ts';

/**
 * @param step  inputs, outputs and attributes as they were
 * @param owed  ∂loss/∂output for each output, null where the loss does not depend on it; not all are null
 * @returns     ∂loss/∂input for each input, null where there is none or it is 0; what nobody needs costs nothing
 */
type Rule = (step: Step, owed: readonly (Value | null)[]) => readonly (Value | null)[];

/** dy·dx for one input x and its output y. */
function unary(rule: (dy: Value, x: Value, y: Value) => Value | null): Rule {
  return ({ inputs, outputs }, [dy]) => [rule(dy!, inputs[0]!, outputs[0]!)];
}

/** For two inputs that may have grown to a common shape. */
function binary(rule: (dy: Value, a: Value, b: Value, y: Value) => readonly [Value, Value]): Rule {
  return ({ inputs, outputs }, [dy]) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [da, db] = rule(dy!, a, b, outputs[0]!);
    return [summedTo(da, a.shape), summedTo(db, b.shape)];
  };
}

const NONE: Rule = () => [null];

export const RULES: Readonly<Record<string, Rule>> = {
  Add: binary((dy) => [dy, dy]),
  Sub: binary((dy) => [dy, neg(dy)]),
  Mul: binary((dy, a, b) => [mul(dy, b), mul(dy, a)]),
  Div: binary((dy, _a, b, y) => [div(dy, b), neg(div(mul(dy, y), b))]),
  MatMul: binary((dy, a, b) => [matMul(dy, transposed(b)), matMul(transposed(a), dy)]),
  Gemm: (step, [dy]) => gemmRule(step, dy!),
  Neg: unary(neg),
  Abs: unary((dy, x) => mul(dy, sign(x))),
  Sign: NONE,
  Round: NONE,
  Stop: NONE,
  Clip: (step, [dy]) => [mul(dy!, insideOf(step)), null, null],
  Exp: unary((dy, _x, y) => mul(dy, y)),
  Log: unary((dy, x) => div(dy, x)),
  Sqrt: unary((dy, _x, y) => div(mul(dy, 0.5), y)),
  Tanh: unary((dy, _x, y) => sub(dy, mul(dy, mul(y, y)))),
  Erf: unary((dy, x) => mul(mul(dy, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))))),
  Sigmoid: unary((dy, _x, y) => mul(dy, sub(y, mul(y, y)))),
  Relu: unary((dy, _x, y) => mul(dy, sign(y))),
  Gelu: unary((dy, x) => mul(dy, geluSlope(x))),
  Softmax: unary((dy, _x, y) => mul(y, sub(dy, reduceSum(mul(dy, y), [-1])))),
  LogSoftmax: unary((dy, _x, y) => sub(dy, mul(exp(y), reduceSum(dy, [-1])))),
  LayerNormalization: (step, [dy]) => layerNormalizationRule(step, dy!),
  Reshape: ({ inputs }, [dy]) => [reshape(dy!, inputs[0]!.shape), null],
  Transpose: ({ attributes }, [dy]) => [transpose(dy!, inverseOf(intsOf(attributes['perm'])))],
  Expand: ({ inputs }, [dy]) => [summedTo(dy!, inputs[0]!.shape), null],
  ReduceSum: ({ inputs }, [dy]) => [expand(dy!, inputs[0]!.shape), null],
  ReduceMean: ({ inputs: [x], outputs: [y] }, [dy]) => [
    expand(mul(dy!, sizeOf(y!.shape) / sizeOf(x!.shape)), x!.shape),
    null,
  ],
  Gather: ({ inputs: [table, indexes] }, [dy]) => [rowsAddedTo(table!.shape, indexes!, dy!), null],
  GatherElements: ({ inputs: [x, indexes], attributes }, [dy]) => [
    scatterElements(expand(constant(dy!.graph, 0), x!.shape), indexes!, {
      updates: dy!,
      axis: intOf(attributes['axis']),
    }),
    null,
  ],
  ScatterElements: ({ inputs: [, indexes], attributes }, [dy]) => [
    dy!,
    null,
    gatherElements(dy!, indexes!, intOf(attributes['axis'])),
  ],
  Split: (step, owed) => [concat(wholeOf(step, owed), intOf(step.attributes['axis'])), null],
  Concat: ({ inputs, attributes }, [dy]) => {
    const axis = intOf(attributes['axis']);
    return split(
      dy!,
      axis,
      inputs.map(({ shape }) => shape[axis]!),
    );
  },
  LogLikelihood: ({ inputs: [logits, labels] }, [dy]) => [logLikelihoodSlope(logits!, labels!, dy!), null],
};

/** What has grown shrinks again: it is summed over the axes that were 1 or missing. */
function summedTo(dy: Value, shape: Shape): Value {
  const front = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((size, axis) =>
    axis < front || (shape[axis - front] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = axes.length === 0 ? dy : reduceSum(dy, axes);
  return front === 0 ? summed : reshape(summed, shape);
}

/** Y = A'·B' + C, where A' is A or its transpose: dA' = dY·B'ᵀ and dB' = A'ᵀ·dY. */
function gemmRule({ inputs: [a, b, c], attributes }: Step, dy: Value): readonly Value[] {
  const transA = intOf(attributes['transA']) === 1;
  const transB = intOf(attributes['transB']) === 1;
  const da = transA
    ? gemm({ a: b!, b: dy, transA: transB, transB: true })
    : gemm({ a: dy, b: b!, transB: !transB });
  const db = transB
    ? gemm({ a: dy, b: a!, transA: true, transB: transA })
    : gemm({ a: a!, b: dy, transA: !transA });
  return c === undefined ? [da, db] : [da, db, summedTo(dy, c.shape)];
}

/** 1 where x lies strictly between the bounds, else 0. */
function insideOf({ inputs: [x, least, most] }: Step): Value {
  return mul(add(sign(sub(x!, least!)), sign(sub(most!, x!))), 0.5);
}

/** Φ(x) + x·φ(x). */
function geluSlope(x: Value): Value {
  const below = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(below, mul(x, density));
}

/**
 * With x̂ = (x − mean)·r and r = 1/√(variance + ε), both over the last axis, g = dy·scale:
 * dx = r·(g − mean(g) − x̂·mean(g·x̂)), dscale = Σ dy·x̂, dshift = Σ dy.
 */
function layerNormalizationRule({ inputs, outputs }: Step, dy: Value): readonly Value[] {
  const [x, scale, shift] = [inputs[0]!, inputs[1]!, inputs[2]!];
  const [mean, inverse] = [outputs[1]!, outputs[2]!];
  const normal = mul(sub(x, mean), inverse);
  const owed = mul(dy, scale);
  const level = sub(owed, reduceMean(owed, [-1]));
  const dx = mul(inverse, sub(level, mul(normal, reduceMean(mul(owed, normal), [-1]))));
  return [dx, summedTo(mul(dy, normal), scale.shape), summedTo(dy, shift.shape)];
}

function rowsAddedTo(shape: Shape, indexes: Value, dy: Value): Value {
  const count = sizeOf(indexes.shape);
  return scatterRows(shape, reshape(indexes, [count]), reshape(dy, [count, ...shape.slice(1)]));
}

/** Zeros stand for outputs that the loss does not depend on. */
function wholeOf({ outputs }: Step, owed: readonly (Value | null)[]): readonly [Value, ...Value[]] {
  const parts = outputs.map((output, index) => {
    return owed[index] ?? expand(constant(output.graph, 0), output.shape);
  });
  return [parts[0]!, ...parts.slice(1)];
}

/** ∂ ln softmax(z)[label] / ∂z = (1 at the label, else 0) − softmax(z). */
function logLikelihoodSlope(logits: Value, labels: Value, dy: Value): Value {
  const column = [logits.shape[0]!, 1];
  const each = reshape(dy, column);
  return scatterElements(neg(mul(exp(logSoftmax(logits)), each)), reshape(labels, column), { updates: each });
}

function inverseOf(order: readonly number[]): readonly number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

function intOf(attribute: Step['attributes'][string] | undefined): number {
  return attribute?.kind === 'int' ? attribute.value : 0;
}

function intsOf(attribute: Step['attributes'][string] | undefined): readonly number[] {
  return attribute?.kind === 'ints' ? attribute.value : [];
}
