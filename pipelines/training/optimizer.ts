/** Optimizers: what a step does to the weights once it has their gradients. */
import * as z from 'zod';
import type { Updates } from './update.ts';

const Share = z.number().min(0).lt(1);

const Any = {
  rate: z.number().positive().max(1000).describe('how far a step goes'),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('the length to which longer gradients are brought'),
  grokfast: z
    .strictObject({
      memory: Share.default(0.98).describe('how much of the slow gradient stays from step to step'),
      louder: z.number().min(0).default(2).describe('how often the slow gradient is added'),
    })
    .nullable()
    .default(null)
    .describe('makes what is slow in the gradients louder'),
};

export const Sgd = z.strictObject({
  kind: z.literal('sgd'),
  ...Any,
  momentum: Share.default(0.9),
  decay: z.number().min(0).default(0).describe('times the weights, added to their gradients'),
});

export const AdamW = z.strictObject({
  kind: z.literal('adamw'),
  ...Any,
  first: Share.default(0.9).describe('decay of the first moment'),
  second: Share.default(0.999).describe('decay of the second moment'),
  epsilon: z.number().positive().default(1e-8),
  decay: z.number().min(0).default(0).describe('share of the weights, times the rate, taken off in a step'),
});

export const OptimizerSettings = z.discriminatedUnion('kind', [Sgd, AdamW]);
export type OptimizerSettings = z.infer<typeof OptimizerSettings>;

/** All weights one after the other, and beside them what the optimizer knows of each; of one length. */
export interface Moments {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly first: Float32Array;
  /** Empty for those that have no second moment. */
  readonly second: Float32Array;
  /** Empty without Grokfast. */
  readonly slow: Float32Array;
}

export interface Move {
  /** 1 for the first. */
  readonly step: number;
  /** What the gradients are to be multiplied with, clipping included. */
  readonly share: number;
  /** Factor of the settings' rate. */
  readonly rateShare: number;
}

/**
 * Moves the weights. SGD: m ← μ·m + g + λ·w, w ← w − η·m. AdamW: m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g²,
 * w ← (1−η·λ)·w − η·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ). Grokfast changes g before either: h ← α·h +
 * (1−α)·g, g ← g + λ·h.
 *
 * @param settings  parsed
 * @param moments   changed; gradients are spoiled
 * @param move      which step it is
 * @throws          never
 * @cost            one pass over the arrays, two with Grokfast
 * @source          I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2; SGD as in
 *                  PyTorch's `torch.optim.SGD`; J. Lee et al., "Grokfast", arXiv 2405.20233, algorithm 2 (EMA)
 */
export function moveWeights(
  updates: Updates,
  settings: OptimizerSettings,
  moments: Moments,
  { step, share, rateShare }: Move,
): void {
  const { weights: w, gradients: g, first: m, second: v, slow } = moments;
  const { grokfast } = settings;
  if (grokfast !== null) {
    updates.grokfast(slow, g, { share, fresh: 1 - grokfast.memory, louder: grokfast.louder });
  }
  const left = grokfast === null ? share : 1;
  const rate = settings.rate * rateShare;
  if (settings.kind === 'sgd') {
    updates.momentum({ w, m, g }, { share: left, rate, kept: settings.momentum, decay: settings.decay });
    return;
  }
  updates.adam(
    { w, m, v, g },
    {
      share: left,
      rate: rate / (1 - settings.first ** step),
      root: 1 / Math.sqrt(1 - settings.second ** step),
      first: 1 - settings.first,
      second: 1 - settings.second,
      epsilon: settings.epsilon,
      keep: 1 - rate * settings.decay,
    },
  );
}
