/** Decoders on long rows of tokens: learning them, weighing how well they are foretold, and going on from some. */
import type { Random } from '../maths/random.ts';
import { input, sizeOf } from '../onnx/build.ts';
import { logLikelihood, reshape } from '../onnx/operators.ts';
import type { Machine } from '../onnx/resident.ts';
import { type Course, cosineShare, follow } from './course.ts';
import { decoder, type DecoderShape, nextTokenLoss } from './decoder.ts';
import { forwardOf } from './forward.ts';
import type { OptimizerSettings } from './optimizer.ts';
import type { Arrays, Batch } from './places.ts';
import type { TrainingState } from './trainer.ts';

export interface TextLesson extends Machine, Pick<Course, 'left' | 'tell'> {
  /** More than the shape's context. */
  readonly tokens: Int32Array;
  readonly shape: DecoderShape;
  /** Windows of a step. */
  readonly batch: number;
  readonly steps: number;
  readonly optimizer: OptimizerSettings;
  /** Steps in which the rate rises; it then falls to a tenth along a cosine. */
  readonly warmup: number;
  readonly seed: number;
}

const LEAST_RATE_SHARE = 0.1;

/**
 * Trains a decoder to foretell each token from those before it, in windows drawn from anywhere.
 *
 * @param lesson  see its fields
 * @returns       the state after the last step
 * @throws        faults of `follow`; RangeError when the tokens are not more than a window: a programmer's error
 * @cost          about 6 multiply-adds a weight and token
 * @source        A. Radford et al., "Language models are unsupervised multitask learners" (2019), section 2
 */
export function learnTokens({ tokens, shape, batch, seed, ...lesson }: TextLesson): Promise<TrainingState> {
  const { steps, warmup, optimizer, left, tell, ...machine } = lesson;
  const room = tokens.length - shape.context;
  if (room <= 0) throw new RangeError(`more than ${shape.context} tokens, not ${tokens.length}`);
  const net = decoder({ ...shape, batch });
  return follow({
    training: { ...machine, loss: nextTokenLoss(net), weights: net.initial(seed), optimizer, seed },
    steps,
    batchAt: (_, { random }) => {
      const starts = Array.from({ length: batch }, () => random.nextBelow(room));
      return windowsAt(tokens, starts, shape.context);
    },
    rateShareAt: (step) => cosineShare(step, { steps, warmup, least: LEAST_RATE_SHARE }),
    ...(left === undefined ? {} : { left }),
    ...(tell === undefined ? {} : { tell }),
  });
}

/** Each window, and the same one token on. */
function windowsAt(tokens: Int32Array, starts: readonly number[], context: number): Batch {
  const [seen, next] = [0, 1].map((by) => {
    const windows = new Int32Array(starts.length * context);
    starts.forEach((start, row) =>
      windows.set(tokens.subarray(start + by, start + by + context), row * context),
    );
    return windows;
  });
  return { tokens: seen!, targets: next! };
}

export interface TextModel {
  readonly shape: DecoderShape;
  readonly weights: Arrays;
}

/** Windows that are asked about at once. */
const AT_ONCE = 8;

/**
 * How well a decoder foretells tokens: the mean of −log₂ p over windows that lie one behind the other, the first token of
 * the first foretold by none.
 *
 * @param model   a shape and its weights
 * @param tokens  more than the context; what is left of the last window is not asked about
 * @returns       bits a token
 * @throws        faults of `forwardOf`; RangeError when the tokens are not more than a window: a programmer's error
 * @cost          2 multiply-adds a weight and token
 * @source        C. Shannon, "A mathematical theory of communication" (1948), section 7
 */
export async function bitsPerToken({ shape, weights }: TextModel, tokens: Int32Array): Promise<number> {
  const { context } = shape;
  const windows = Math.floor((tokens.length - 1) / context);
  if (windows < 1) throw new RangeError(`more than ${context} tokens, not ${tokens.length}`);
  const net = decoder({ ...shape, batch: AT_ONCE });
  const targets = input(net.graph, 'targets', net.tokens.shape, 'int64');
  const likelihoods = logLikelihood(net.logits, reshape(targets, [sizeOf(targets.shape)]));
  const forward = await forwardOf({ outputs: { likelihoods }, weights });
  let sum = 0;
  for (let from = 0; from < windows; from += AT_ONCE) {
    const asked = Math.min(AT_ONCE, windows - from);
    // The last ones stand in for those that are missing, and do not count.
    const starts = Array.from({ length: AT_ONCE }, (_, row) => Math.min(from + row, windows - 1) * context);
    const found = await forward.run(windowsAt(tokens, starts, context));
    for (let at = 0; at < asked * context; at++) sum -= found['likelihoods']![at]!;
  }
  await forward.close();
  return sum / Math.LN2 / (windows * context);
}

export interface Continuing {
  /** One or more. */
  readonly tokens: Int32Array;
  readonly count: number;
  /** 0 takes the likeliest each time; 1 draws as the decoder says. */
  readonly temperature: number;
  readonly random: Random;
}

/**
 * Goes on from some tokens, one after the other; each is foretold from as many before it as the context holds.
 *
 * @param model  a shape and its weights
 * @returns      the tokens that come, without those that were given
 * @throws       faults of `forwardOf`
 * @cost         a whole window for each token
 * @source       softmax of the logits divided by the temperature
 */
export async function continued({ shape, weights }: TextModel, how: Continuing): Promise<Int32Array> {
  const { context, vocabulary } = shape;
  const net = decoder({ ...shape, batch: 1 });
  const forward = await forwardOf({ outputs: { logits: net.logits }, weights });
  const all = [...how.tokens];
  for (let made = 0; made < how.count; made++) {
    const seen = all.slice(-context);
    const tokens = new Int32Array(context);
    tokens.set(seen);
    const { logits } = await forward.run({ tokens });
    all.push(chosen(logits!.subarray((seen.length - 1) * vocabulary, seen.length * vocabulary), how));
  }
  await forward.close();
  return Int32Array.from(all.slice(how.tokens.length));
}

function chosen(logits: Float32Array, { temperature, random }: Continuing): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (temperature === 0) return logits.indexOf(most);
  const shares = Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  let left = random.nextFloat() * shares.reduce((a, b) => a + b, 0);
  const found = shares.findIndex((share) => (left -= share) < 0);
  return found < 0 ? shares.length - 1 : found;
}
