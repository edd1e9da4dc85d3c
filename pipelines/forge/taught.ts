/** Phase 5: a new task is learned at the edge of what succeeds, old ones are kept by verified replay, and parts are ablated. */
import { percent } from '../../registry/report/words.ts';
import type { Phase } from '../artifacts/phase.ts';
import { randomOf } from '../maths/random.ts';
import { constant, input } from '../onnx/build.ts';
import { add, gather, gemm, mean, mul, stop, sub } from '../onnx/operators.ts';
import { normal } from '../training/normal.ts';
import type { Arrays } from '../training/places.ts';
import { trainerOf } from '../training/trainer.ts';
import { bandOf, EDGE, isWithin } from './band.ts';
import { TEST_ITEMS } from './combine.ts';
import { dream } from './dreams.ts';
import {
  accuracyOf,
  adam,
  answerLoss,
  BATCH,
  lossOf,
  netOf,
  openScorer,
  shareOfSteps,
  type Effort,
  type Net,
  type NetShape,
} from './net.ts';
import { curve, rounded } from './picture.ts';
import {
  ADDITION,
  CONTEXT,
  DIGITS,
  DOMAINS,
  drawn,
  itemsOf,
  numbersOf,
  rowsOf,
  VOCABULARY,
  type Item,
  type Numbers,
} from './tasks.ts';
import { effectiveOf, throughTernary } from './ternary.ts';

export interface Teaching extends Effort {
  readonly shape: NetShape;
  /** Floats whose rounding is the model. */
  readonly latent: Arrays;
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Taught {
  readonly latent: Arrays;
  readonly phase: Omit<Phase, 'format'>;
}

/** Which parts of the training are on. */
interface Arm {
  readonly name: string;
  readonly band: boolean;
  readonly replay: boolean;
  readonly selfModel: boolean;
}

const ARMS: readonly Arm[] = [
  { name: 'everything', band: true, replay: true, selfModel: true },
  { name: 'without the band', band: false, replay: true, selfModel: true },
  { name: 'without replay', band: true, replay: false, selfModel: true },
  { name: 'without the self-model', band: true, replay: true, selfModel: false },
];

const STEPS = 400;
const WARM = 40;
const RATE = 1.5e-3;
/** Rows of a batch that the model made itself. */
const DREAMT = Math.floor(0.2 * BATCH);
/** Steps after which new dreams are dreamt. */
const NIGHT = 100;
/** Weight of the loss by which the model foretells its own next activations. */
const SELF = 0.05;
const SELF_WEIGHT = 'self.weight';

export async function teach({ shape, latent, seed, tell, effort }: Teaching): Promise<Taught> {
  const numbers = numbersOf(seed);
  const before = await scoresOf(shape, latent, numbers);
  const steps = shareOfSteps(STEPS, { effort });
  const outcomes: Outcome[] = [];
  for (const [index, arm] of ARMS.entries()) {
    const told = (done: number): void => tell(index * steps + done, ARMS.length * steps);
    outcomes.push(await trained(arm, { shape, latent, seed, numbers, steps, told }));
  }
  const [full, , forgetful] = outcomes;
  return { latent: full!.latent, phase: phaseOf({ outcomes, full: full!, forgetful: forgetful!, before }) };
}

interface Scores {
  readonly added: number;
  readonly old: number;
  /** Mean cross-entropy of the new task's test items. */
  readonly loss: number;
}

interface Outcome extends Scores {
  readonly arm: Arm;
  readonly latent: Arrays;
  readonly losses: readonly number[];
  readonly successes: readonly number[];
  readonly levels: readonly number[];
  readonly accepted: readonly number[];
  readonly distinct: readonly number[];
}

interface Training {
  readonly shape: NetShape;
  readonly latent: Arrays;
  readonly seed: number;
  readonly numbers: Numbers;
  readonly steps: number;
  readonly told: (done: number) => void;
}

async function trained(arm: Arm, { shape, latent, seed, numbers, steps, told }: Training): Promise<Outcome> {
  const net = netOf(shape, BATCH, throughTernary);
  const answers = answerLoss(net);
  const width = shape.width;
  const self = arm.selfModel ? { [SELF_WEIGHT]: normal(randomOf(seed), width * width, 0.02) } : {};
  const loss = arm.selfModel ? add(answers, mul(selfLoss(net, width), SELF)) : answers;
  const weights = { ...latent, ...self };
  const trainer = await trainerOf({
    loss,
    weights,
    outputs: { said: net.answers },
    optimizer: adam(RATE),
    seed,
  });
  const scorer = await openScorer(shape, await effectiveOf(shape, latent, throughTernary));
  const [band, random] = [bandOf(EDGE), trainer.random];
  const course = {
    losses: [] as number[],
    successes: [] as number[],
    levels: [] as number[],
    accepted: [] as number[],
    distinct: [] as number[],
  };
  let dreams: readonly Item[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      if (arm.replay && step % NIGHT === 1) {
        const night = await dream(scorer, DOMAINS, { random, numbers: numbers.training });
        dreams = night.items;
        course.accepted.push(night.accepted);
        course.distinct.push(night.distinct);
      }
      const level = arm.band ? band.level() : EDGE.levels[1];
      const old = arm.replay && dreams.length > 0 ? DREAMT : 0;
      const items = [
        ...added(level, numbers, { random, count: BATCH - old }),
        ...Array.from({ length: old }, () => dreams[random.nextBelow(dreams.length)]!),
      ];
      const rows = rowsOf(items);
      const { loss: now, outputs } = await trainer.step(
        { tokens: rows.tokens, labels: rows.answers },
        Math.min(1, step / WARM),
      );
      const success = successOf(outputs['said']!, rows.answers, BATCH - old);
      band.hear(success);
      course.losses.push(now);
      course.successes.push(success);
      course.levels.push(level);
      told(step);
    }
    const learned = Object.fromEntries(
      Object.keys(latent).map((name) => [name, trainer.weights[name]!.slice()]),
    );
    return { arm, latent: learned, ...course, ...(await scoresOf(shape, learned, numbers)) };
  } finally {
    await Promise.all([trainer.close(), scorer.close()]);
  }
}

/** Operands up to the level; a level between two whole ones is drawn from both. */
function added(
  level: number,
  numbers: Numbers,
  { random, count }: Parameters<typeof drawn>[2],
): readonly Item[] {
  const low = Math.floor(level);
  return Array.from({ length: count }, () => {
    const most = low + (random.nextFloat() < level - low ? 1 : 0);
    const task = { ...ADDITION, operandMost: Math.min(ADDITION.operandMost, most) };
    return { ...drawn([{ task, share: 1 }], numbers.training, { random, count: 1 })[0]!, task: ADDITION };
  });
}

/**
 * The mean square by which a linear map of each activation misses the next one of its row, which is taken as it is.
 * After V. Premakumar et al., "Unexpected benefits of self-modeling in neural systems", arXiv 2407.10188.
 */
function selfLoss({ decoder: { graph, hidden } }: Net, width: number) {
  const places = Array.from({ length: BATCH * CONTEXT }, (_, at) => at).filter(
    (at) => (at + 1) % CONTEXT !== 0,
  );
  const at = (shift: number) =>
    gather(
      hidden,
      constant(
        graph,
        places.map((place) => place + shift),
        { type: 'int64' },
      ),
    );
  const map = input(graph, SELF_WEIGHT, [width, width]);
  const missed = sub(gemm({ a: at(0), b: map }), stop(at(1)));
  return mean(mul(missed, missed));
}

/** Of the first rows of a batch, the share whose answers are all the likeliest. */
function successOf(logits: Float32Array, answers: Int32Array, rows: number): number {
  let right = 0;
  for (let row = 0; row < rows; row++) {
    right += Number(
      Array.from({ length: DIGITS }, (_, digit) => row * DIGITS + digit).every((place) => {
        const own = logits.subarray(place * VOCABULARY, (place + 1) * VOCABULARY);
        return own.every((value) => value <= own[answers[place]!]!);
      }),
    );
  }
  return right / rows;
}

async function scoresOf(shape: NetShape, latent: Arrays, numbers: Numbers): Promise<Scores> {
  const weights = await effectiveOf(shape, latent, throughTernary);
  const test = itemsOf(ADDITION, numbers.test, TEST_ITEMS);
  const old = DOMAINS.flatMap((task) => itemsOf(task, numbers.test, TEST_ITEMS));
  return {
    added: await accuracyOf(shape, weights, test),
    old: await accuracyOf(shape, weights, old),
    loss: await lossOf(shape, weights, test),
  };
}

interface Ablation {
  readonly outcomes: readonly Outcome[];
  readonly full: Outcome;
  readonly forgetful: Outcome;
  readonly before: Scores;
}

/** Batches over which a success is taken: of one batch alone, chance moves it by 7 points. */
const SMOOTHED = 5;

/** Of the steps after the warm-up that still had a harder level, the share with successes in the band. */
function inBand({ successes, levels }: Outcome): number | null {
  const judged = successes.flatMap((_, at) => {
    if (at < WARM || levels[at]! >= EDGE.levels[1]) return [];
    const last = successes.slice(at + 1 - SMOOTHED, at + 1);
    return [isWithin(EDGE, last.reduce((sum, value) => sum + value, 0) / SMOOTHED)];
  });
  return judged.length === 0 ? null : judged.filter(Boolean).length / judged.length;
}

function phaseOf({ outcomes, full, forgetful, before }: Ablation): Omit<Phase, 'format'> {
  const forgotten = before.old - forgetful.old;
  const band = inBand(full);
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return {
    phase: 'training',
    measured: {
      'loss-fall': 1 - full.loss / before.loss,
      synthetic: DREAMT / BATCH,
      added: full.added,
      old: full.old,
      ...(band === null ? {} : { 'in-band': band }),
      ...(forgotten > 0 ? { 'forgetting-avoided': 1 - (before.old - full.old) / forgotten } : {}),
    },
    tables: tablesOf(outcomes, full, before),
    plots: plotsOf(outcomes, full),
    notes: [
      `A success in the band is that of ${SMOOTHED} batches; steps at the highest level do not count, since nothing harder is left to ask.`,
      `Of what the model dreamt, ${percent(mean(full.accepted))} was right and learned again; all else was thrown away.`,
    ],
  };
}

function tablesOf(outcomes: readonly Outcome[], full: Outcome, before: Scores): Phase['tables'] {
  return [
    {
      title: 'Ablation, on the sealed test',
      columns: ['training', 'new task right', 'old tasks right', 'loss of the new task', 'steps in the band'],
      rows: [
        ['before', rounded(before.added), rounded(before.old), rounded(before.loss), ''],
        ...outcomes.map((outcome): (string | number)[] => {
          const { arm, added: right, old, loss } = outcome;
          return [arm.name, rounded(right), rounded(old), rounded(loss), rounded(inBand(outcome) ?? 0)];
        }),
      ],
    },
    {
      title: 'Dreams',
      columns: ['night', 'right', 'different'],
      rows: full.accepted.map((share, night) => [
        `${night + 1}`,
        rounded(share),
        rounded(full.distinct[night] ?? 0),
      ]),
    },
  ];
}

function plotsOf(outcomes: readonly Outcome[], full: Outcome): Phase['plots'] {
  return [
    {
      title: 'Loss while a new task is learned',
      kind: 'lines',
      across: 'step',
      up: 'loss',
      series: outcomes.map(({ arm, losses }) => curve(arm.name, losses)),
    },
    {
      title: 'Share of answers right, and the level asked',
      kind: 'lines',
      across: 'step',
      up: 'share',
      series: [
        curve('right', full.successes),
        curve(
          'level / 9',
          full.levels.map((level) => level / EDGE.levels[1]),
        ),
      ],
    },
  ];
}
