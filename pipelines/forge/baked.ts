/** Phase 6: what a model does behind a prompt is distilled into its weights, so that the prompt can be left out. */
import type { Phase } from '../artifacts/phase.ts';
import { input } from '../onnx/build.ts';
import { add, logSoftmax, mean, mul, neg, reshape, softmax } from '../onnx/operators.ts';
import { forwardOf } from '../training/forward.ts';
import type { Arrays } from '../training/places.ts';
import { trainerOf } from '../training/trainer.ts';
import { TEST_ITEMS } from './combine.ts';
import {
  accuracyOf,
  adam,
  BATCH,
  learn,
  netOf,
  openScorer,
  shareOfSteps,
  type Effort,
  type NetShape,
} from './net.ts';
import { curve, rounded } from './picture.ts';
import {
  ADDITION,
  DIGITS,
  DOMAINS,
  drawn,
  itemsOf,
  numbersOf,
  PROMPTED,
  rowsOf,
  TOKENS,
  UNPROMPTED,
  VOCABULARY,
  type Item,
} from './tasks.ts';
import { effectiveOf, throughTernary } from './ternary.ts';

export interface Baking extends Effort {
  readonly shape: NetShape;
  readonly latent: Arrays;
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Baked {
  readonly latent: Arrays;
  readonly phase: Omit<Phase, 'format'>;
}

const TEACHING = { steps: 300, rate: 1.5e-3 } as const;
const BAKING = { steps: 300, rate: 1e-3, warm: 30 } as const;
/** Of the rows those of everything else, which must stay as it is. */
const KEPT = BATCH / 2;
/** Of these, while the teacher learns, those that teach it to do something else without the prompt. */
const ECHOED = BATCH / 4;
/** Parts of the course over which the divergence is averaged, to see whether it falls from each to the next. */
const PARTS = 5;

/** All that a model knows without a prompt. */
export const KNOWN = [...DOMAINS, ADDITION];

/**
 * A teacher learns a task that it does behind the prompt, and another one without. Then KL(teacher behind the prompt ‖ student without it)
 * is made small on that task, and KL(teacher ‖ student), both without, on all others.
 *
 * @source  A. Bhargava et al., "Prompt baking", arXiv 2409.13697, eq. 3, over answers instead of sampled texts
 */
export async function bake({ shape, latent, seed, tell, effort }: Baking): Promise<Baked> {
  const numbers = numbersOf(seed);
  const [teaching, baking] = [TEACHING, BAKING].map(({ steps }) => shareOfSteps(steps, { effort })) as [
    number,
    number,
  ];
  const total = teaching + baking;
  const teacher = await learn({
    shape,
    weights: latent,
    steps: teaching,
    rate: TEACHING.rate,
    seed: seed + 1,
    through: throughTernary,
    rowsAt: (random) => {
      const behind = drawn([{ task: PROMPTED, share: 1 }], numbers.training, { random, count: BATCH - KEPT });
      const before = drawn([{ task: UNPROMPTED, share: 1 }], numbers.training, { random, count: ECHOED });
      const others = known(numbers.training, random).slice(0, KEPT - ECHOED);
      return joined(rowsOf(behind, TOKENS.prompted), rowsOf([...before, ...others]));
    },
    tell: (done) => tell(done, total),
  });
  const taught = await effectiveOf(shape, teacher.weights, throughTernary);
  const { weights, losses } = await distilled({
    shape,
    latent: teacher.weights,
    taught,
    seed,
    steps: baking,
    told: (done) => tell(teaching + done, total),
  });
  const baked = await effectiveOf(shape, weights, throughTernary);

  const test = itemsOf(PROMPTED, numbers.test, TEST_ITEMS);
  const others = KNOWN.flatMap((task) => itemsOf(task, numbers.test, TEST_ITEMS / 2));
  return { latent: weights, phase: await phaseOf({ shape, taught, baked, losses, test, others }) };
}

interface Telling {
  readonly shape: NetShape;
  readonly taught: Arrays;
  readonly baked: Arrays;
  readonly losses: readonly number[];
  readonly test: readonly Item[];
  readonly others: readonly Item[];
}

async function phaseOf({
  shape,
  taught,
  baked,
  losses,
  test,
  others,
}: Telling): Promise<Omit<Phase, 'format'>> {
  const behind = await said(shape, taught, test, TOKENS.prompted);
  const without = await said(shape, baked, test, TOKENS.plain);
  const unbaked = await said(shape, taught, test, TOKENS.plain);
  const same = test.filter((_, index) => sameAnswer(behind, without, index)).length;
  const first = test.filter((_, index) => sameAnswer(behind, unbaked, index)).length;
  const parts = partsOf(losses);
  const row = async (name: string, model: Arrays): Promise<(string | number)[]> => [
    name,
    rounded(await accuracyOf(shape, model, test, TOKENS.prompted)),
    rounded(await accuracyOf(shape, model, test)),
    rounded(await accuracyOf(shape, model, others)),
  ];
  return {
    phase: 'baking',
    measured: {
      agreement: same / test.length,
      'agreement-before': first / test.length,
      'divergence-falls': parts.slice(1).filter((value, at) => value < parts[at]!).length / (PARTS - 1),
      'tokens-saved': 1,
      old: await accuracyOf(shape, baked, others),
    },
    tables: [
      {
        title: 'Share of the sealed test answered exactly',
        columns: ['model', 'behind the prompt', 'without it', 'all other tasks'],
        rows: [await row('teacher', taught), await row('baked', baked)],
      },
    ],
    plots: [
      {
        title: 'Divergence of the student from its teacher',
        kind: 'lines',
        across: 'step',
        up: 'KL, nats a token',
        series: [curve('KL', losses)],
      },
    ],
    notes: ['Saved is the prompt’s one token of each row. Tools are not baked: no tool is run here.'],
  };
}

function known(
  numbers: Parameters<typeof drawn>[1],
  random: Parameters<typeof drawn>[2]['random'],
): readonly Item[] {
  return drawn(
    KNOWN.map((task) => ({ task, share: 1 })),
    numbers,
    { random, count: KEPT },
  );
}

function joined(a: ReturnType<typeof rowsOf>, b: ReturnType<typeof rowsOf>): ReturnType<typeof rowsOf> {
  return {
    tokens: Int32Array.from([...a.tokens, ...b.tokens]),
    answers: Int32Array.from([...a.answers, ...b.answers]),
  };
}

interface Distilling {
  readonly shape: NetShape;
  readonly latent: Arrays;
  /** What the teacher computes with. */
  readonly taught: Arrays;
  readonly seed: number;
  readonly steps: number;
  readonly told: (done: number) => void;
}

async function distilled({
  shape,
  latent,
  taught,
  seed,
  steps,
  told,
}: Distilling): Promise<{ readonly weights: Arrays; readonly losses: readonly number[] }> {
  const numbers = numbersOf(seed);
  const net = netOf(shape, BATCH, throughTernary);
  const places = BATCH * DIGITS;
  const wanted = reshape(input(net.decoder.graph, 'wanted', [BATCH, DIGITS, VOCABULARY]), [
    places,
    VOCABULARY,
  ]);
  const entropy = reshape(input(net.decoder.graph, 'entropy', [1]), []);
  // Σ p·ln p − Σ p·ln q, of which the first part does not move but makes the sum a divergence.
  const cross = mul(neg(mean(mul(wanted, logSoftmax(net.answers)))), VOCABULARY);
  const loss = add(cross, entropy);
  const teaching = netOf(shape, BATCH);
  const shares = softmax(teaching.answers);
  const forward = await forwardOf({ outputs: { shares }, weights: taught });
  const trainer = await trainerOf({ loss, weights: latent, optimizer: adam(BAKING.rate), seed: seed + 2 });
  const losses: number[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      const { random } = trainer;
      const own = drawn([{ task: PROMPTED, share: 1 }], numbers.training, { random, count: BATCH - KEPT });
      const others = rowsOf(known(numbers.training, random));
      const { shares: likely } = await forward.run({
        tokens: joined(rowsOf(own, TOKENS.prompted), others).tokens,
      });
      const wantedNow = likely!.slice();
      const batch = {
        tokens: joined(rowsOf(own), others).tokens,
        wanted: wantedNow,
        entropy: [negativeEntropy(wantedNow) / places],
      };
      losses.push((await trainer.step(batch, Math.min(1, step / BAKING.warm))).loss);
      told(step);
    }
    const weights = Object.fromEntries(
      Object.entries(trainer.weights).map(([name, values]) => [name, values.slice()]),
    );
    return { weights, losses };
  } finally {
    await Promise.all([trainer.close(), forward.close()]);
  }
}

/** Σ p·ln p over all shares. */
function negativeEntropy(shares: Float32Array): number {
  return shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
}

async function said(
  shape: NetShape,
  weights: Arrays,
  items: readonly Item[],
  prompt: number,
): Promise<Uint8Array> {
  const scorer = await openScorer(shape, weights);
  try {
    return await scorer.answers(items, prompt);
  } finally {
    await scorer.close();
  }
}

function sameAnswer(a: Uint8Array, b: Uint8Array, index: number): boolean {
  const at = (answers: Uint8Array): string => answers.subarray(index * DIGITS, (index + 1) * DIGITS).join();
  return at(a) === at(b);
}

function partsOf(losses: readonly number[]): readonly number[] {
  const size = Math.floor(losses.length / PARTS);
  return Array.from({ length: PARTS }, (_, part) => {
    return losses.slice(part * size, (part + 1) * size).reduce((sum, value) => sum + value, 0) / size;
  });
}
