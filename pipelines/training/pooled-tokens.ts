/** Embeddings with attention pooling as a graph: from tokens in any number to the logits of the text's label. */
import { randomOf } from '../maths/random.ts';
import { type Graph, input, newGraph, type Shape, sizeOf, type Value } from '../onnx/build.ts';
import { add, crossEntropy, gather, gemm, matMul, mul, reshape, softmax } from '../onnx/operators.ts';
import { normal } from './normal.ts';
import type { Arrays, Batch } from './places.ts';

export interface PooledShape {
  readonly vocabulary: number;
  /** Numbers that stand for a token. */
  readonly width: number;
  /** Tokens of a text at most. */
  readonly context: number;
  readonly classes: number;
  /** Texts that go in at once. */
  readonly batch: number;
}

export interface PooledTokens {
  readonly graph: Graph;
  /** One row a text, whatever the number of its tokens: [batch, width]. */
  readonly embedding: Value;
  /** [batch, classes]. */
  readonly logits: Value;
  /** Mean cross-entropy; the graph's input `labels` is int64 [batch]. */
  readonly loss: Value;
  /** Of every weight, in the order of the graph's inputs; matrices are [out, in]. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Weights to begin with: normal of deviation 0.1. */
  readonly initial: (seed: number) => Arrays;
}

/** Added to the scores of places without a token: nothing is left of them. */
const ABSENT = -1e9;

/**
 * e = Σ softmax(x·q/√d)ᵢ·xᵢ over the tokens of a text, where xᵢ are their embeddings of width d and q is learned; then
 * logits W·e + c. The order of tokens does not matter.
 *
 * @param shape  all sizes 1 or more
 * @returns      a graph with the inputs `tokens`, int64 [batch, context], and `absent`, [batch, context]
 * @throws       never
 * @cost         10 nodes
 * @source       Z. Yang et al., "Hierarchical attention networks", NAACL 2016, eq. 5 to 7, without a hidden layer
 */
export function pooledTokens(shape: PooledShape): PooledTokens {
  const { vocabulary, width, context, classes, batch } = shape;
  const graph = newGraph();
  const shapes = {
    'embed_tokens.weight': [vocabulary, width],
    'pool.query': [width, 1],
    'classifier.weight': [classes, width],
    'classifier.bias': [classes],
  };
  const tokens = input(graph, 'tokens', [batch, context], 'int64');
  const absent = input(graph, 'absent', [batch, context]);
  const labels = input(graph, 'labels', [batch], 'int64');
  const weight = (name: keyof typeof shapes): Value => input(graph, name, shapes[name]);

  const embedded = gather(weight('embed_tokens.weight'), tokens);
  const scores = reshape(matMul(embedded, weight('pool.query')), [batch, context]);
  const shares = softmax(add(mul(scores, 1 / Math.sqrt(width)), absent));
  const embedding = reshape(matMul(reshape(shares, [batch, 1, context]), embedded), [batch, width]);
  const logits = gemm({
    a: embedding,
    b: weight('classifier.weight'),
    c: weight('classifier.bias'),
    transB: true,
  });
  const loss = crossEntropy(logits, labels);
  return { graph, embedding, logits, loss, shapes, initial: (seed) => initial(shapes, seed) };
}

function initial(shapes: Readonly<Record<string, Shape>>, seed: number): Arrays {
  const random = randomOf(seed);
  const made = Object.entries(shapes).map(([name, shape]) => [name, normal(random, sizeOf(shape), 0.1)]);
  return Object.fromEntries(made);
}

/** Texts as the graph takes them: of a longer one than the context the first tokens, of a shorter one what there is. */
export function textsOf(texts: readonly Int32Array[], context: number): Batch {
  const tokens = new Int32Array(texts.length * context);
  const absent = new Float32Array(texts.length * context).fill(ABSENT);
  texts.forEach((text, row) => {
    const seen = text.subarray(0, context);
    tokens.set(seen, row * context);
    absent.fill(0, row * context, row * context + seen.length);
  });
  return { tokens, absent };
}
