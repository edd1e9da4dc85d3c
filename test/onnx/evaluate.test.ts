import { describe, expect, it } from 'vitest';
import { evaluate } from '../../pipelines/onnx/evaluate.ts';
import { operatorUnknown, onnxMalformed } from '../../pipelines/onnx/faults.ts';
import { floatInitializer, type OnnxModel } from '../../pipelines/onnx/graph.ts';
import { numbersOf } from '../../pipelines/onnx/tensor.ts';

const MODEL: OnnxModel = {
  name: 'sum',
  nodes: [{ operator: 'Add', inputs: ['x', 'c'], outputs: ['y'] }],
  initializers: [floatInitializer('c', [2, 1], [10, 20])],
  inputs: [{ name: 'x', type: 'float32', dims: [3] }],
  outputs: [{ name: 'y', type: 'float32', dims: [2, 3] }],
  metadata: {},
};
const X = numbersOf('float32', [3], [1, 2, 3]);

describe('evaluate', () => {
  it('computes in doubles: a thousandth of a billionth more is more', () => {
    const { y } = evaluate(MODEL, { x: numbersOf('float32', [3], [1, 2, 3 + 1e-12]) });
    expect(y!.shape).toEqual([2, 3]);
    expect([...y!.data]).toEqual([11, 12, 10 + (3 + 1e-12), 21, 22, 20 + (3 + 1e-12)]);
  });

  it('says which operator it does not know, and which value nothing gives', () => {
    const nodes = [{ ...MODEL.nodes[0]!, operator: 'toString' }];
    expect(() => evaluate({ ...MODEL, nodes }, { x: X })).toThrowFault(operatorUnknown);
    expect(() => evaluate(MODEL, {})).toThrowFault(onnxMalformed);
    expect(() => evaluate({ ...MODEL, nodes: [] }, { x: X })).toThrowFault(onnxMalformed);
  });

  it('refuses constants of a type that it cannot read', () => {
    const initializers = [{ ...MODEL.initializers[0]!, type: 'float16', raw: new Uint8Array(4) } as const];
    expect(() => evaluate({ ...MODEL, initializers }, { x: X })).toThrowFault(onnxMalformed);
  });
});
