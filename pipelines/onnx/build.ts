/** A graph in the making: values that know their shapes, nodes in the order of their making, and what led to what. */
import {
  type Attribute,
  type ElementType,
  encodeModel,
  floatInitializer,
  type GraphNode,
  type Initializer,
  integerInitializer,
  type OnnxModel,
} from './graph.ts';

export type Shape = readonly number[];

/** What flows between nodes; its shape is known before anything runs. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** What made some values of others: one node, or several that are differentiated as one. */
export interface Step {
  readonly operator: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Grows as values are made of values; `modelOf` takes out of it what some outputs need. */
export interface Graph {
  readonly nodes: GraphNode[];
  readonly inputs: Map<string, Value>;
  readonly constants: Map<string, { readonly value: Value; readonly initializer: Initializer }>;
  /** In the order in which they were made, so that each comes after those that it needs. */
  readonly steps: Step[];
}

export function newGraph(): Graph {
  return { nodes: [], inputs: new Map(), constants: new Map(), steps: [] };
}

/**
 * What the graph is fed: a batch, a weight.
 *
 * @throws RangeError when the name is taken: a programmer's error
 */
export function input(
  graph: Graph,
  name: string,
  shape: Shape,
  type: 'float32' | 'int64' = 'float32',
): Value {
  if (graph.inputs.has(name)) throw new RangeError(`an input ${name} twice`);
  const value = { graph, name, type, shape };
  graph.inputs.set(name, value);
  return value;
}

/** Numbers that never change; equal ones of a graph are one. A number alone has the shape []. */
export function constant(
  graph: Graph,
  numbers: number | readonly number[],
  { type = 'float32', shape }: { readonly type?: 'float32' | 'int64'; readonly shape?: Shape } = {},
): Value {
  const list = typeof numbers === 'number' ? [numbers] : numbers;
  const dims = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
  const key = `${type} ${dims.join()} ${list.join()}`;
  const known = graph.constants.get(key);
  if (known !== undefined) return known.value;
  const name = `constant_${graph.constants.size}`;
  const make = type === 'int64' ? integerInitializer : floatInitializer;
  const value = { graph, name, type, shape: dims };
  graph.constants.set(key, { value, initializer: make(name, dims, list) });
  return value;
}

export interface NewNode {
  readonly operator: string;
  readonly inputs: readonly [Value, ...Value[]];
  /** One output each. */
  readonly shapes: readonly Shape[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Of the outputs; that of the first input unless told. */
  readonly type?: ElementType;
}

/** Adds a node. What it computes is ONNX's word; the shapes are the caller's. */
export function node({ operator, inputs, shapes, attributes = {}, type }: NewNode): readonly Value[] {
  const { graph } = inputs[0];
  const outputs = shapes.map((shape, index) => {
    const name = `${operator}_${graph.nodes.length}${index === 0 ? '' : `_${index}`}`;
    return { graph, name, type: type ?? inputs[0].type, shape };
  });
  const namesOf = (values: readonly Value[]) => values.map(({ name }) => name);
  graph.nodes.push({ operator, inputs: namesOf(inputs), outputs: namesOf(outputs), attributes });
  graph.steps.push({ operator, inputs, outputs, attributes });
  return outputs;
}

/** As many nodes as `make` needs, known as one step, so that one rule differentiates them together. */
export function together(operator: string, inputs: readonly [Value, ...Value[]], make: () => Value): Value {
  const { steps } = inputs[0].graph;
  const before = steps.length;
  const output = make();
  steps.length = before;
  steps.push({ operator, inputs, outputs: [output], attributes: {} });
  return output;
}

export interface Wanted {
  readonly name: string;
  /** By the names under which they come out. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Inputs that become constants of the model, by name. */
  readonly fixed?: Readonly<Record<string, Float32Array>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The model that gives some values of a graph: the nodes that they need and no others.
 *
 * @param wanted  values of one graph, each under its name
 * @returns       a model whose inputs are the graph's inputs that are needed, in the order of their making
 * @throws        RangeError when there is no output, or a fixed input has another size: a programmer's error
 * @cost          one visit of each node, and a copy of what is fixed
 * @source        definition
 */
export function modelOf({ name, outputs, fixed = {}, metadata = {} }: Wanted): OnnxModel {
  const [first] = Object.values(outputs);
  if (first === undefined) throw new RangeError('a model without an output');
  const { graph } = first;
  const needed = new Set(Object.values(outputs).map((value) => value.name));
  const nodes: GraphNode[] = [];
  for (const each of graph.nodes.toReversed()) {
    if (!each.outputs.some((output) => needed.has(output))) continue;
    nodes.push(each);
    for (const from of each.inputs) needed.add(from);
  }
  const renamed = Object.entries(outputs).map(([as, value]) => {
    return { operator: 'Identity', inputs: [value.name], outputs: [as] };
  });
  const inputs = [...graph.inputs.values()].filter((value) => needed.has(value.name));
  const constants = [...graph.constants.values()].filter(({ value }) => needed.has(value.name));
  return {
    name,
    nodes: [...nodes.toReversed(), ...renamed],
    initializers: [
      ...constants.map(({ initializer }) => initializer),
      ...inputs.flatMap((value) => {
        const given = fixed[value.name];
        return given === undefined ? [] : [floatInitializer(value.name, value.shape, given)];
      }),
    ],
    inputs: inputs.filter((value) => !Object.hasOwn(fixed, value.name)).map(portOf),
    outputs: Object.entries(outputs).map(([as, value]) => portOf({ ...value, name: as })),
    metadata,
  };
}

function portOf({ name, type, shape }: Value) {
  return { name, type, dims: shape };
}

/** @returns the bytes of `modelOf` */
export function bytesOfModel(wanted: Wanted): Uint8Array {
  return encodeModel(modelOf(wanted));
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
