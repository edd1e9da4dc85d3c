/** What the operators mean: a slow evaluator in doubles, each operator written as its definition and nothing else. */
import { operatorUnknown, onnxMalformed } from './faults.ts';
import type { GraphNode, Initializer, OnnxModel } from './graph.ts';
import { MEANINGS } from './meanings.ts';
import { type Numbers, numbersOf } from './tensor.ts';

/**
 * Runs a model by definition. Constants are what the file has; everything computed from them is in doubles, so that a
 * derivative can be taken as a difference.
 *
 * @param model  nodes in topological order, of operators in `MEANINGS`
 * @param feeds  one for each input of the model
 * @returns      one for each output
 * @throws       operatorUnknown, onnxMalformed when a node asks for a value that nothing gives
 * @cost         some nanoseconds to a microsecond an element and operator: for tests and small models
 * @source       onnx/docs/Operators.md of ONNX 1.16, opset 21
 */
export function evaluate(
  model: OnnxModel,
  feeds: Readonly<Record<string, Numbers>>,
): Readonly<Record<string, Numbers>> {
  const known = new Map<string, Numbers>(Object.entries(feeds));
  for (const constant of model.initializers) known.set(constant.name, numbersIn(constant));
  for (const node of model.nodes) {
    const inputs = node.inputs.map((name) => valueOf(known, name, node));
    const meaning = Object.hasOwn(MEANINGS, node.operator) ? MEANINGS[node.operator] : undefined;
    if (meaning === undefined) {
      throw operatorUnknown({ operator: node.operator, known: Object.keys(MEANINGS) });
    }
    const outputs = meaning(inputs, node.attributes ?? {}, node.outputs.length);
    for (const [index, name] of node.outputs.entries()) known.set(name, outputs[index]!);
  }
  const found = model.outputs.map(({ name }) => [name, valueOf(known, name)] as const);
  return Object.fromEntries(found);
}

function valueOf(known: ReadonlyMap<string, Numbers>, name: string, node?: GraphNode): Numbers {
  const value = known.get(name);
  if (value !== undefined) return value;
  const where = node === undefined ? 'outputs' : `node ${node.operator}`;
  throw onnxMalformed({ where, wanted: `a value ${name}`, found: 'none' });
}

const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  float32: (view, at) => view.getFloat32(4 * at, true),
  float64: (view, at) => view.getFloat64(8 * at, true),
  int32: (view, at) => view.getInt32(4 * at, true),
  int64: (view, at) => Number(view.getBigInt64(8 * at, true)),
  bool: (view, at) => view.getUint8(at),
};

function numbersIn({ name, type, dims, raw }: Initializer): Numbers {
  const read = READERS[type];
  if (read === undefined) {
    const wanted = Object.keys(READERS).join(', ');
    throw onnxMalformed({ where: `initializer ${name}`, wanted, found: type });
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const length = dims.reduce((product, size) => product * size, 1);
  return numbersOf(
    type,
    dims,
    Array.from({ length }, (_, at) => read(view, at)),
  );
}
