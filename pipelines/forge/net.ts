/** The small decoder of the forge: learns rows of a task, and is asked whether it answers items exactly. */
import { constant, input, type Value } from '../onnx/build.ts';
import { crossEntropy, gather, reshape } from '../onnx/operators.ts';
import { decoder, type Decoder, type DecoderShape } from '../training/decoder.ts';
import { cosineShare, follow } from '../training/course.ts';
import { forwardOf } from '../training/forward.ts';
import { OptimizerSettings } from '../training/optimizer.ts';
import type { Arrays } from '../training/places.ts';
import type { ResumableRandom } from '../maths/random.ts';
import { ANSWER_FROM, CONTEXT, DIGITS, type Item, type Rows, rowsOf, TOKENS, VOCABULARY } from './tasks.ts';

export type Through = (name: string, weight: Value) => Value;

/** How much of the full steps, generations and items is done: 1 for all of it, little for a try. */
export interface Effort {
  readonly effort: number;
}

export function shareOfSteps(steps: number, { effort }: Effort): number {
  return Math.max(4, Math.round(steps * effort));
}

export interface NetShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
}

export function decoderShape(shape: NetShape): DecoderShape {
  return { ...shape, context: CONTEXT, vocabulary: VOCABULARY };
}

export interface Net {
  readonly decoder: Decoder;
  /** Logits of the tokens of the answers: [batch·DIGITS, VOCABULARY]. */
  readonly answers: Value;
}

export function netOf(shape: NetShape, batch: number, through?: Through): Net {
  const built = decoder({ ...decoderShape(shape), batch, ...(through === undefined ? {} : { through }) });
  return { decoder: built, answers: answersAt(built, batch) };
}

function answersAt({ graph, logits }: Decoder, batch: number): Value {
  const places = Array.from(
    { length: batch * DIGITS },
    (_, at) => Math.floor(at / DIGITS) * CONTEXT + ANSWER_FROM + (at % DIGITS),
  );
  return gather(logits, constant(graph, places, { type: 'int64' }));
}

/** Mean cross-entropy of the answers' tokens; adds the input `labels`. */
export function answerLoss({ decoder: { graph }, answers }: Net): Value {
  const labels = input(graph, 'labels', [answers.shape[0]! / DIGITS, DIGITS], 'int64');
  return crossEntropy(answers, reshape(labels, [answers.shape[0]!]));
}

export interface Lesson {
  readonly shape: NetShape;
  readonly weights: Arrays;
  readonly steps: number;
  /** Of AdamW, at its highest: it rises over the first steps and falls along a cosine. */
  readonly rate: number;
  readonly seed: number;
  readonly through?: Through;
  readonly rowsAt: (random: ResumableRandom, step: number) => Rows;
  readonly tell?: (done: number, total: number) => void;
}

export interface Learned {
  readonly weights: Arrays;
  /** Of each step. */
  readonly losses: Float32Array;
}

/** Rows of a step. */
export const BATCH = 64;
/** Steps over which the rate rises, and its share at the end. */
const WARMUP = 30;
const LEAST_RATE = 0.1;

export function adam(rate: number): OptimizerSettings {
  return OptimizerSettings.parse({ kind: 'adamw', rate, clipNorm: 1 });
}

/** Learns by cross-entropy from rows, `BATCH` a step. */
export async function learn({ shape, weights, steps, rate, seed, ...lesson }: Lesson): Promise<Learned> {
  const loss = answerLoss(netOf(shape, BATCH, lesson.through));
  return follow({
    training: { loss, weights, optimizer: adam(rate), seed },
    steps,
    batchAt: (step, { random }) => {
      const { tokens, answers } = lesson.rowsAt(random, step);
      return { tokens, labels: answers };
    },
    rateShareAt: (step) => cosineShare(step, { steps, warmup: Math.min(WARMUP, steps), least: LEAST_RATE }),
    tell: ({ step }) => lesson.tell?.(step, steps),
  });
}

/** A model that may be asked again and again while others change its weights. */
export interface Scorer {
  /** Whoever writes into them changes the model. */
  readonly weights: Arrays;
  /** What it says, digit by digit: [items, DIGITS]. Each digit follows from the right ones before it. */
  readonly answers: (items: readonly Item[], prompt?: number) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

const ASKED_AT_ONCE = 128;

/** @param weights  copied */
export async function openScorer(shape: NetShape, weights: Arrays, batch = ASKED_AT_ONCE): Promise<Scorer> {
  const { answers } = netOf(shape, batch);
  const own = Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, array.slice()]));
  const forward = await forwardOf({ outputs: { logits: answers }, weights: own });
  return {
    weights: own,
    close: forward.close,
    async answers(items, prompt = TOKENS.plain) {
      const said = new Uint8Array(items.length * DIGITS);
      for (let from = 0; from < items.length; from += batch) {
        const part = items.slice(from, from + batch);
        const tokens = new Int32Array(batch * CONTEXT);
        tokens.set(rowsOf(part, prompt).tokens);
        const { logits } = await forward.run({ tokens });
        for (let at = 0; at < part.length * DIGITS; at++) said[from * DIGITS + at] = largestAt(logits!, at);
      }
      return said;
    },
  };
}

function largestAt(logits: Float32Array, row: number): number {
  const own = logits.subarray(row * VOCABULARY, (row + 1) * VOCABULARY);
  return own.indexOf(own.reduce((a, b) => Math.max(a, b), -Infinity));
}

/** Whether each item was answered exactly; as a greedy decoder would, since a digit is wrong from the first one on. */
export function rightOf(items: readonly Item[], said: Uint8Array): readonly boolean[] {
  return items.map(({ task, digits, operand }, index) =>
    task.answer(digits, operand).every((digit, at) => said[index * DIGITS + at] === digit),
  );
}

export function shareOf(right: readonly boolean[]): number {
  return right.filter(Boolean).length / Math.max(1, right.length);
}

/** Share of items that a model answers exactly. */
export async function accuracyOf(
  shape: NetShape,
  weights: Arrays,
  items: readonly Item[],
  prompt?: number,
): Promise<number> {
  const scorer = await openScorer(shape, weights);
  try {
    return shareOf(rightOf(items, await scorer.answers(items, prompt)));
  } finally {
    await scorer.close();
  }
}

/** Mean cross-entropy of the answers' tokens, over as many items as fill whole batches. */
export async function lossOf(shape: NetShape, weights: Arrays, items: readonly Item[]): Promise<number> {
  const forward = await forwardOf({ outputs: { loss: answerLoss(netOf(shape, BATCH)) }, weights });
  try {
    const batches = Math.floor(items.length / BATCH);
    let sum = 0;
    for (let batch = 0; batch < batches; batch++) {
      const { tokens, answers } = rowsOf(items.slice(batch * BATCH, (batch + 1) * BATCH));
      sum += (await forward.run({ tokens, labels: answers }))['loss']![0]!;
    }
    return sum / batches;
  } finally {
    await forward.close();
  }
}
