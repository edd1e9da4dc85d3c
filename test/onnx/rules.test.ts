import { describe, expect, it } from 'vitest';
import { notDifferentiable } from '../../pipelines/onnx/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  bytesOfModel,
  constant,
  type Graph,
  input,
  modelOf,
  newGraph,
  node,
  type Shape,
  sizeOf,
  type Value,
} from '../../pipelines/onnx/build.ts';
import { gradientsOf } from '../../pipelines/onnx/differentiate.ts';
import { evaluate } from '../../pipelines/onnx/evaluate.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { type Numbers, numbersOf } from '../../pipelines/onnx/tensor.ts';
import { CASES, type Case } from './cases.ts';

/** Numbers that stay away from where an operator has a corner. */
function drawn(one: Case, seed: number): Readonly<Record<string, Numbers>> {
  const random = randomOf(seed);
  const [least, most] = one.range ?? [-1.5, 1.5];
  const draw = (): number => {
    const number = least + (most - least) * random.nextFloat();
    return (one.corners ?? []).some((corner) => Math.abs(number - corner) < 0.05) ? draw() : number;
  };
  return Object.fromEntries(
    Object.entries(one.inputs).map(([name, shape]) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, draw);
      return [name, numbersOf('float32', shape, data)];
    }),
  );
}

function built(one: Case): {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly made: Value;
} {
  const graph = newGraph();
  const inputs = Object.entries(one.inputs).map(([name, shape]) => input(graph, name, shape));
  return { graph, inputs, made: one.of(...inputs) };
}

/** A scalar in which every element counts differently. */
function scalarOf(made: Value): Value {
  const random = randomOf(5);
  const weights = Array.from({ length: sizeOf(made.shape) }, () => random.nextFloat() + 0.5);
  const weighed = node({
    operator: 'Mul',
    inputs: [made, constant(made.graph, weights, { shape: made.shape })],
    shapes: [made.shape],
  })[0]!;
  const axes = constant(
    made.graph,
    made.shape.map((_, axis) => axis),
    { type: 'int64' },
  );
  const ones = made.shape.map(() => 1);
  const attributes = { keepdims: { kind: 'int', value: 1 } } as const;
  const summed =
    made.shape.length === 0
      ? weighed
      : node({ operator: 'ReduceSum', inputs: [weighed, axes], shapes: [ones], attributes })[0]!;
  const shape: Shape = [];
  const none = constant(made.graph, [], { type: 'int64', shape: [0] });
  return node({ operator: 'Reshape', inputs: [summed, none], shapes: [shape] })[0]!;
}

function relative(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const length = (numbers: readonly number[]) => Math.hypot(...numbers);
  const gap = Array.from(wanted, (each, at) => each - found[at]!);
  return length(gap) / Math.max(length(Array.from(wanted)), 1e-3);
}

describe.each(CASES)('$name', (one) => {
  it('is in the reference evaluator what it is in ONNX Runtime', async () => {
    const { made } = built(one);
    const feeds = drawn(one, 1);
    const [wanted] = Object.values(evaluate(modelOf({ name: 'case', outputs: { made } }), feeds));
    const session = await openSession(bytesOfModel({ name: 'case', outputs: { made } }));
    const { made: found } = await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, { shape, data }]) => {
          return [name, { type: 'float32', dims: shape, data: Float32Array.from(data) }];
        }),
      ),
    );
    await session.close();
    expect(found!.dims).toEqual(made.shape);
    expect(relative(Array.from(found!.data, Number), wanted!.data)).toBeLessThan(2e-6);
  });

  it('has gradients that are what the loss changes by', () => {
    const { inputs, made } = built(one);
    const loss = scalarOf(made);
    const gradients = gradientsOf(loss, inputs);
    const feeds = drawn(one, 2);
    const outputs = Object.fromEntries(gradients.map((value, at) => [`gradient ${at}`, value]));
    const analytic = evaluate(modelOf({ name: 'case', outputs }), feeds);
    const model = modelOf({ name: 'case', outputs: { loss } });
    for (const [at, [name, fed]] of Object.entries(feeds).entries()) {
      const numeric = fed.data.map((_, index) => {
        const [up, down] = [1e-5, -1e-5].map((step) => {
          const data = fed.data.with(index, fed.data[index]! + step);
          return evaluate(model, { ...feeds, [name]: { ...fed, data } })['loss']!.data[0]!;
        });
        return (up! - down!) / 2e-5;
      });
      const found = analytic[`gradient ${at}`]!;
      expect(found.shape, name).toEqual(fed.shape);
      expect(relative(found.data, numeric), name).toBeLessThan(one.within ?? 1e-6);
    }
  });
});

describe('gradientsOf', () => {
  it('says which operator has no rule, and what the loss does not depend on', () => {
    const graph = newGraph();
    const [x, y] = [input(graph, 'x', []), input(graph, 'y', [])];
    const odd = node({ operator: 'Atan', inputs: [x], shapes: [[]] })[0]!;
    expect(() => gradientsOf(odd, [x])).toThrowFault(notDifferentiable);
    expect(() => gradientsOf(x, [y])).toThrowFault(notDifferentiable);
  });

  it('gives values that can be differentiated again: the second derivative of x³ at 2 is 12', () => {
    const graph = newGraph();
    const x = input(graph, 'x', []);
    const mul = (a: Value, b: Value) => node({ operator: 'Mul', inputs: [a, b], shapes: [[]] })[0]!;
    const [first] = gradientsOf(mul(x, mul(x, x)), [x]);
    const [second] = gradientsOf(first!, [x]);
    const model = modelOf({ name: 'twice', outputs: { first: first!, second: second! } });
    const { first: slope, second: bend } = evaluate(model, { x: numbersOf('float32', [], [2]) });
    expect([slope!.data[0], bend!.data[0]]).toEqual([12, 12]);
  });
});
