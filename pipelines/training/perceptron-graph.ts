/** A multilayer perceptron as a graph: from rows of numbers to the logits of their labels. */
import { randomOf } from '../maths/random.ts';
import { type Graph, input, newGraph, type Shape, sizeOf, type Value } from '../onnx/build.ts';
import { crossEntropy, gemm, relu } from '../onnx/operators.ts';
import type { Arrays } from './places.ts';

export interface PerceptronShape {
  /** Sizes from the inputs to the classes, two or more. */
  readonly sizes: readonly number[];
  /** Rows that go in at once. */
  readonly batch: number;
}

export interface Perceptron {
  readonly graph: Graph;
  /** [batch, inputs], an input named `rows`. */
  readonly rows: Value;
  /** [batch, classes]. */
  readonly logits: Value;
  /** Mean cross-entropy; the graph's input `labels` is int64 [batch]. */
  readonly loss: Value;
  /** Of every weight, in the order of the graph's inputs. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Weights to begin with, uniform within ±1/√inputs of each layer. */
  readonly initial: (seed: number) => Arrays;
}

/** Layers `layers.i.weight` [in, out] and `layers.i.bias`, with a rectifier between two. */
export function perceptron({ sizes, batch }: PerceptronShape): Perceptron {
  const graph = newGraph();
  const rows = input(graph, 'rows', [batch, sizes[0]!]);
  const labels = input(graph, 'labels', [batch], 'int64');
  const shapes = shapesOf(sizes);
  const weight = (name: string): Value => input(graph, name, shapes[name]!);
  const logits = sizes.slice(1).reduce((x, _, layer) => {
    const scores = gemm({ a: x, b: weight(`layers.${layer}.weight`), c: weight(`layers.${layer}.bias`) });
    return layer === sizes.length - 2 ? scores : relu(scores);
  }, rows);
  const loss = crossEntropy(logits, labels);
  return { graph, rows, logits, loss, shapes, initial: (seed) => initial(shapes, seed) };
}

function shapesOf(sizes: readonly number[]): Readonly<Record<string, Shape>> {
  const layers = sizes
    .slice(1)
    .flatMap((size, layer) => [
      [`layers.${layer}.weight`, [sizes[layer]!, size]] as const,
      [`layers.${layer}.bias`, [size]] as const,
    ]);
  return Object.fromEntries(layers);
}

function initial(shapes: Readonly<Record<string, Shape>>, seed: number): Arrays {
  const random = randomOf(seed);
  let bound = 1;
  const layers = Object.entries(shapes).map(([name, shape]) => {
    // A bias comes after the matrix of its layer and has its bound.
    if (shape.length === 2) bound = 1 / Math.sqrt(shape[0]!);
    const draw = () => bound * (2 * random.nextFloat() - 1);
    return [name, Float32Array.from({ length: sizeOf(shape) }, draw)] as const;
  });
  return Object.fromEntries(layers);
}
