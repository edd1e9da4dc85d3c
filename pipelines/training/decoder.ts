/** A decoder-only transformer as a graph: from tokens to the logits of those that follow them. */
import * as z from 'zod';
import { randomOf } from '../maths/random.ts';
import { constant, type Graph, input, newGraph, type Shape, sizeOf, type Value } from '../onnx/build.ts';
import {
  add,
  crossEntropy,
  gather,
  gelu,
  gemm,
  layerNormalization,
  matMul,
  mul,
  reshape,
  softmax,
  split,
  transpose,
} from '../onnx/operators.ts';
import { normal } from './normal.ts';
import type { Arrays } from './places.ts';

export const DecoderShape = z
  .strictObject({
    layers: z.int().min(1).max(256),
    width: z.int().min(1).max(65_536).describe('numbers that stand for a token'),
    heads: z.int().min(1).max(1024).describe('parts into which attention is divided'),
    context: z.int().min(1).max(65_536).describe('tokens that are seen at once'),
    vocabulary: z.int().min(2).max(1_000_000),
  })
  .refine(({ width, heads }) => width % heads === 0, 'heads that divide the width');
export type DecoderShape = z.infer<typeof DecoderShape>;

export interface DecoderAsk extends DecoderShape {
  /** Texts that go in at once. */
  readonly batch: number;
  /** What is multiplied in the place of a weight: of its shape, and made of it; the weight itself unless told. */
  readonly through?: (name: string, weight: Value) => Value;
}

const asItIs = (_: string, weight: Value): Value => weight;

export interface Decoder {
  readonly graph: Graph;
  readonly shape: DecoderShape;
  readonly batch: number;
  /** Int64 [batch, context], an input named `tokens`. */
  readonly tokens: Value;
  /** What the last layer gives, normalized: [batch·context, width]. */
  readonly hidden: Value;
  /** Of the token after each: [batch·context, vocabulary]. */
  readonly logits: Value;
  /** Of every weight, in the order of the graph's inputs; matrices are [out, in]. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Weights to begin with: normal of deviation 0.02, less where layers add to the stream; scales 1, shifts 0. */
  readonly initial: (seed: number) => Arrays;
}

/**
 * Embeddings of tokens and places, then layers of attention and a perceptron of four times the width, each behind its
 * normalization and added to what it was given, then a last normalization and the logits. A token attends to itself and
 * to those before it.
 *
 * @param ask    a parsed shape, and what is made of it
 * @returns      a graph whose names are those of Hugging Face's decoders, `model.layers.0.…`
 * @throws       never: who has parsed the shape has checked it
 * @cost         about 20 nodes a layer
 * @source       A. Radford et al., "Language models are unsupervised multitask learners" (2019), section 2.3, without
 *               weights shared between embedding and logits
 */
export function decoder({ batch, through = asItIs, ...shape }: DecoderAsk): Decoder {
  const graph = newGraph();
  const { width, context, layers } = shape;
  const shapes = weightShapes(shape);
  const tokens = input(graph, 'tokens', [batch, context], 'int64');
  const weights = new Map(
    Object.entries(shapes).map(([name, sides]) => [name, through(name, input(graph, name, sides))]),
  );
  const weight = (name: string): Value => weights.get(name)!;

  const embedded = gather(weight('model.embed_tokens.weight'), tokens);
  let stream = reshape(add(embedded, weight('model.embed_positions.weight')), [batch * context, width]);
  const mask = maskOf(graph, context);
  for (let layer = 0; layer < layers; layer++) {
    const part = (name: string): Value => weight(`model.layers.${layer}.${name}`);
    const seen = normalized(stream, 'input_layernorm', part);
    stream = add(stream, attention({ seen, part, mask, shape, batch }));
    const settled = normalized(stream, 'post_attention_layernorm', part);
    const opened = gelu(dense(settled, 'mlp.up_proj', part));
    stream = add(stream, dense(opened, 'mlp.down_proj', part));
  }
  const hidden = normalized(stream, 'model.norm', weight);
  const logits = gemm({ a: hidden, b: weight('lm_head.weight'), transB: true });
  return {
    graph,
    shape,
    batch,
    tokens,
    hidden,
    logits,
    shapes,
    initial: (seed) => initial(shapes, layers, seed),
  };
}

function weightShapes({ layers, width, context, vocabulary }: DecoderShape): Readonly<Record<string, Shape>> {
  const norm = (name: string) => ({ [`${name}.weight`]: [width], [`${name}.bias`]: [width] });
  const layer = (index: number): Readonly<Record<string, Shape>> => {
    const at = `model.layers.${index}`;
    return {
      ...norm(`${at}.input_layernorm`),
      [`${at}.self_attn.qkv_proj.weight`]: [3 * width, width],
      [`${at}.self_attn.qkv_proj.bias`]: [3 * width],
      [`${at}.self_attn.o_proj.weight`]: [width, width],
      [`${at}.self_attn.o_proj.bias`]: [width],
      ...norm(`${at}.post_attention_layernorm`),
      [`${at}.mlp.up_proj.weight`]: [4 * width, width],
      [`${at}.mlp.up_proj.bias`]: [4 * width],
      [`${at}.mlp.down_proj.weight`]: [width, 4 * width],
      [`${at}.mlp.down_proj.bias`]: [width],
    };
  };
  return {
    'model.embed_tokens.weight': [vocabulary, width],
    'model.embed_positions.weight': [context, width],
    ...Object.assign({}, ...Array.from({ length: layers }, (_, index) => layer(index))),
    ...norm('model.norm'),
    'lm_head.weight': [vocabulary, width],
  };
}

type Part = (name: string) => Value;

function normalized(x: Value, name: string, part: Part): Value {
  return layerNormalization(x, part(`${name}.weight`), part(`${name}.bias`));
}

function dense(x: Value, name: string, part: Part): Value {
  return gemm({ a: x, b: part(`${name}.weight`), c: part(`${name}.bias`), transB: true });
}

/** Added to scores: so much where a token would look ahead that nothing of it is left. */
function maskOf(graph: Graph, context: number): Value {
  const scores = Array.from({ length: context * context }, (_, at) =>
    at % context > Math.floor(at / context) ? -1e9 : 0,
  );
  return constant(graph, scores, { shape: [context, context] });
}

interface Attending {
  readonly seen: Value;
  readonly part: Part;
  readonly mask: Value;
  readonly shape: DecoderShape;
  readonly batch: number;
}

/** softmax(Q·Kᵀ/√d + mask)·V for each head of width d. */
function attention({ seen, part, mask, shape: { width, heads, context }, batch }: Attending): Value {
  const depth = width / heads;
  const all = reshape(dense(seen, 'self_attn.qkv_proj', part), [batch, context, 3, heads, depth]);
  const byKind = split(transpose(all, [2, 0, 3, 1, 4]), 0, [1, 1, 1]);
  const [q, k, v] = byKind.map((each) => reshape(each, [batch, heads, context, depth]));
  const scores = mul(matMul(q!, transpose(k!, [0, 1, 3, 2])), 1 / Math.sqrt(depth));
  const mixed = transpose(matMul(softmax(add(scores, mask)), v!), [0, 2, 1, 3]);
  return dense(reshape(mixed, [batch * context, width]), 'self_attn.o_proj', part);
}

/**
 * Mean cross-entropy of each token's successor.
 *
 * @param net  its graph gets one more input, `targets`: int64 [batch, context]
 */
export function nextTokenLoss(net: Decoder): Value {
  const targets = input(net.graph, 'targets', net.tokens.shape, 'int64');
  return crossEntropy(net.logits, reshape(targets, [sizeOf(targets.shape)]));
}

function initial(shapes: Readonly<Record<string, Shape>>, layers: number, seed: number): Arrays {
  const random = randomOf(seed);
  const begin = (name: string, shape: Shape): Float32Array => {
    const size = sizeOf(shape);
    if (shape.length === 1) return new Float32Array(size).fill(name.endsWith('norm.weight') ? 1 : 0);
    return normal(random, size, /o_proj|down_proj/.test(name) ? 0.02 / Math.sqrt(2 * layers) : 0.02);
  };
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, begin(name, shape)]));
}
