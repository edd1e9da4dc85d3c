/** Whole trainings that PyTorch has done too: the same start, the same batches, the same optimizer. */
import type { Shape } from '../../pipelines/onnx/build.ts';
import { decoder, nextTokenLoss } from '../../pipelines/training/decoder.ts';
import { OptimizerSettings } from '../../pipelines/training/optimizer.ts';
import { perceptron } from '../../pipelines/training/perceptron-graph.ts';
import type { Batch } from '../../pipelines/training/places.ts';
import { trainerOf, type Stepped, type Training } from '../../pipelines/training/trainer.ts';
import { drawn, drawnWeights, drawnWhole } from './drawn.ts';

interface Asked {
  readonly name: string;
  readonly batch: number;
  /** Batches a step. */
  readonly batches: number;
  readonly optimizer: OptimizerSettings;
}

export type Case = Asked &
  (
    | { readonly kind: 'perceptron'; readonly shape: readonly number[] }
    | { readonly kind: 'decoder'; readonly shape: Parameters<typeof decoder>[0] }
  );

const MLP = { kind: 'perceptron', shape: [64, 32, 10], batch: 32, batches: 1 } as const;
const TEXT = { layers: 2, width: 32, heads: 4, context: 16, vocabulary: 64, batch: 4 };
const GPT = { kind: 'decoder', shape: TEXT, batch: 4 } as const;
const settings = (value: object): OptimizerSettings => OptimizerSettings.parse(value);

export const TRAININGS: readonly Case[] = [
  { ...MLP, name: 'perceptron, AdamW', optimizer: settings({ kind: 'adamw', rate: 1e-3, decay: 0.1 }) },
  {
    ...MLP,
    name: 'perceptron, SGD with momentum and decay',
    optimizer: settings({ kind: 'sgd', rate: 0.05, momentum: 0.9, decay: 0.01 }),
  },
  {
    ...MLP,
    name: 'perceptron, Grokfast on AdamW, clipped',
    optimizer: settings({ kind: 'adamw', rate: 1e-3, clipNorm: 0.5, grokfast: {} }),
  },
  { ...GPT, batches: 1, name: 'decoder, AdamW', optimizer: settings({ kind: 'adamw', rate: 1e-3 }) },
  {
    ...GPT,
    batches: 2,
    name: 'decoder, two batches a step, clipped',
    optimizer: settings({ kind: 'adamw', rate: 3e-3, clipNorm: 0.25 }),
  },
];

interface Ready {
  readonly training: Pick<Training, 'loss' | 'weights' | 'optimizer' | 'batches' | 'seed'>;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly batchAt: (index: number) => Batch;
}

export function readied(one: Case): Ready {
  const common = { optimizer: one.optimizer, batches: one.batches, seed: 1 };
  if (one.kind === 'perceptron') {
    const net = perceptron({ sizes: one.shape, batch: one.batch });
    return {
      training: { ...common, loss: net.loss, weights: drawnWeights(net.shapes) },
      shapes: net.shapes,
      batchAt: (index) => ({
        rows: drawn(1000 + index, one.batch * one.shape[0]!),
        labels: drawnWhole(2000 + index, one.batch, one.shape.at(-1)!),
      }),
    };
  }
  const net = decoder(one.shape);
  const count = one.batch * one.shape.context;
  return {
    training: { ...common, loss: nextTokenLoss(net), weights: drawnWeights(net.shapes) },
    shapes: net.shapes,
    batchAt: (index) => ({
      tokens: drawnWhole(1000 + index, count, one.shape.vocabulary),
      targets: drawnWhole(2000 + index, count, one.shape.vocabulary),
    }),
  };
}

/** The first steps, by whatever runtime `more` names. */
export async function stepped(
  one: Case,
  steps: number,
  more: Partial<Training> = {},
): Promise<readonly Stepped[]> {
  const { training, batchAt } = readied(one);
  const trainer = await trainerOf({ ...training, ...more });
  const found: Stepped[] = [];
  for (let step = 0; step < steps; step++) {
    const list = Array.from({ length: one.batches }, (_, part) => batchAt(step * one.batches + part));
    found.push(await trainer.step(list));
  }
  await trainer.close();
  return found;
}
