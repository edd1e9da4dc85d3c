/** Phase 4: matrices of three values by groups, learned through the rounding, and written in 1.6 bits a weight. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Phase } from '../artifacts/phase.ts';
import { GROUP, ternary as ternaryCodec } from '../codecs/grouped.ts';
import { sizeOf } from '../onnx/build.ts';
import { abs, add, clip, div, mul, reduceMean, reshape, round, stop, sub } from '../onnx/operators.ts';
import { forwardOf } from '../training/forward.ts';
import type { Arrays } from '../training/places.ts';
import { quantize } from '../transforms/quantize.ts';
import { TEST_ITEMS } from './combine.ts';
import {
  accuracyOf,
  BATCH,
  learn,
  netOf,
  shareOfSteps,
  type Effort,
  type NetShape,
  type Through,
} from './net.ts';
import { curve, rounded } from './picture.ts';
import { DOMAINS, drawn, itemsOf, numbersOf, rowsOf } from './tasks.ts';
import { inFolder, readWeights, writeWeights } from './weights-file.ts';

/** Matrices that codecs take in are ternary; vectors and small tables stay as they are. */
export function isTernary(shape: readonly number[]): boolean {
  return shape.length === 2 && sizeOf(shape) >= 1024 && sizeOf(shape) % GROUP === 0;
}

/** So that no group of zeros is divided by 0. */
const LEAST = 1e-8;

/**
 * w̃ = γ·RoundClip(w/γ, −1, 1) with γ = mean|w| of each group of 128, forward; backward the weights learn as if nothing
 * had been rounded (straight-through).
 *
 * @source  S. Ma et al., "The era of 1-bit LLMs", arXiv 2402.17764, section 2, with a scale for each group
 */
export const throughTernary: Through = (_, weight) => {
  if (!isTernary(weight.shape)) return weight;
  const groups = reshape(weight, [sizeOf(weight.shape) / GROUP, GROUP]);
  const scale = add(reduceMean(abs(groups), [1]), LEAST);
  const kept = mul(clip(round(div(groups, scale)), -1, 1), scale);
  return reshape(add(groups, stop(sub(kept, groups))), weight.shape);
};

/** The weights that a model computes with when each goes through something. */
export async function effectiveOf(shape: NetShape, weights: Arrays, through: Through): Promise<Arrays> {
  const { decoder } = netOf(shape, 1);
  const outputs = Object.fromEntries(
    [...decoder.graph.inputs.values()]
      .filter(({ name }) => name in weights && isTernary(decoder.shapes[name] ?? []))
      .map((value) => [`effective ${value.name}`, through(value.name, value)]),
  );
  const forward = await forwardOf({ outputs, weights });
  try {
    const found = await forward.run({});
    return Object.fromEntries(
      Object.entries(weights).map(([name, own]) => [name, (found[`effective ${name}`] ?? own).slice()]),
    );
  } finally {
    await forward.close();
  }
}

export interface Ternarizing extends Effort {
  readonly shape: NetShape;
  readonly weights: Arrays;
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Ternarized {
  /** The floats that learning goes on with; rounded, they are the weights of the file. */
  readonly latent: Arrays;
  /** Of the ternary file. */
  readonly file: Uint8Array;
  readonly phase: Omit<Phase, 'format'>;
}

const STEPS = 1100;
const RATE = 3e-3;

export async function ternarize({ shape, weights, seed, tell, effort }: Ternarizing): Promise<Ternarized> {
  const numbers = numbersOf(seed);
  const test = DOMAINS.flatMap((task) => itemsOf(task, numbers.test, TEST_ITEMS));
  const before = await accuracyOf(shape, weights, test);
  const mixture = DOMAINS.map((task) => ({ task, share: 1 }));
  const steps = shareOfSteps(STEPS, { effort });
  const lesson = { shape, weights, steps, rate: RATE, seed };
  const rowsAt: Parameters<typeof learn>[0]['rowsAt'] = (random) =>
    rowsOf(drawn(mixture, numbers.training, { random, count: BATCH }));
  // The same steps without rounding: what the file is compared with has learned as long.
  const full = await learn({ ...lesson, rowsAt, tell: (done) => tell(done, 2 * steps) });
  const few = await learn({
    ...lesson,
    through: throughTernary,
    rowsAt,
    tell: (done) => tell(steps + done, 2 * steps),
  });
  return inFolder(async (folder) => {
    const { shapes } = netOf(shape, 1).decoder;
    const [plain, small, naive] = ['plain', 'small', 'naive'].map((name) =>
      path.join(folder, `${name}.safetensors`),
    );
    writeWeights(plain!, await effectiveOf(shape, few.weights, throughTernary), shapes);
    await quantize({ source: plain!, target: small!, by: { codec: ternaryCodec } });
    const found = await accuracyOf(shape, readWeights(small!), test);
    writeWeights(plain!, full.weights, shapes);
    await quantize({ source: plain!, target: naive!, by: { codec: ternaryCodec } });
    const ratio = statSync(plain!).size / statSync(small!).size;
    const rows: [string, number][] = [
      ['as it was merged', before],
      ['after as many steps in floats', await accuracyOf(shape, full.weights, test)],
      ['that, rounded afterwards', await accuracyOf(shape, readWeights(naive!), test)],
      ['ternary, learned through the rounding, read from the file', found],
    ];
    const bytes = `${statSync(small!).size} bytes of ${statSync(plain!).size}`;
    return {
      latent: few.weights,
      file: readFileSync(small!),
      phase: phaseOf({ rows, ratio, bytes, full: full.losses, few: few.losses }),
    };
  });
}

interface Telling {
  /** What the merge, the model in floats, its rounding and the file do. */
  readonly rows: readonly (readonly [string, number])[];
  readonly ratio: number;
  readonly bytes: string;
  readonly full: Float32Array;
  readonly few: Float32Array;
}

function phaseOf({ rows, ratio, bytes, full, few }: Telling): Omit<Phase, 'format'> {
  const [floats, found] = [rows[1]?.[1] ?? 0, rows.at(-1)?.[1] ?? 0];
  return {
    phase: 'ternary',
    measured: { ...(floats > 0 ? { kept: found / floats } : {}), ratio, accuracy: found },
    tables: [
      {
        title: 'Share of the sealed test answered exactly',
        columns: ['model', 'right'],
        rows: rows.map(([name, right]) => [name, rounded(right)]),
      },
    ],
    plots: [
      {
        title: 'Loss in floats and through the rounding',
        kind: 'lines',
        across: 'step',
        up: 'cross-entropy',
        series: [curve('floats', full), curve('ternary', few)],
      },
    ],
    notes: [
      `${bytes}, headers and unrounded vectors included. What is kept is of the model that took the same steps in floats.`,
    ],
  };
}
