/** The court's promises, each played with a fixed seed: false promotions, power, peeking, slices, honesty, derivation, rollback. */
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { askedText, judgedAgain, verdictsOf } from '../../pipelines/gates/court.ts';
import { GATES } from '../../pipelines/gates/index.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { evidenceFrom } from '../../pipelines/scores/evidence.ts';
import { gainOf } from '../../pipelines/simulations/gain.ts';
import { expectedPromotions } from '../../pipelines/simulations/null-theory.ts';
import { MONTH_MS, nullYear, steadyRules } from '../../pipelines/simulations/null-year.ts';
import { peekingOf } from '../../pipelines/simulations/peeking.ts';
import { slicesOfRuns } from '../../pipelines/simulations/slices.ts';
import { confidenceSequence } from '../../pipelines/stats/confidence-sequence.ts';
import { answerOf } from '../../registry/schema/verdict.ts';
import { injectedFailures, madeModels } from '../fixtures/ill-models.ts';
import { beside } from '../gates/evidence.ts';
import { codesOf, FAKES, honest } from '../scores/fakes.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const BUDGET = { falsePromotions: 1, windowMs: MONTH_MS, alphaMax: 0.025 };
const RUNS = 2000;
const SEED = 1;

export async function measureCourt(): Promise<readonly Figure[]> {
  return [
    nullFigure(),
    gainFigure(),
    ...peekingFigures(),
    ...sliceFigures(),
    ...honestyFigures(),
    derivedFigure(),
    await rollbackFigure(),
  ];
}

/** A candidate every 15 minutes for a year, none better than what serves. */
function nullFigure(): Figure {
  const year = {
    days: 365,
    candidatesPerDay: 96,
    holdout: 1000,
    renewedAfterDays: 1,
    accuracy: 0.8,
    discordance: 0.12,
    budget: BUDGET,
    seed: SEED,
  };
  const rules = nullYear(year);
  const rateOf = (name: string): number => rules.find(({ rule }) => rule === name)?.perMonth ?? Number.NaN;
  const measured = { value: rateOf('budget'), target: 1, unit: 'a month' };
  const steady = steadyRules(year).find(([rule]) => rule === 'budget')?.[1];
  const theory = ((steady === undefined ? null : expectedPromotions(year, steady)) ?? 0) * (30 / year.days);
  const peer = `theory ${theory.toFixed(2)}; higher score ${rateOf('score improves').toFixed(0)}, z-test ${rateOf('z-test at 5%').toFixed(0)} a month`;
  return atMost('court: false promotions, 35,040 candidates, none better', measured, peer);
}

function gainFigure(): Figure {
  const ask = { runs: RUNS, candidatesPerDay: 96, itemsPerCandidate: 50, discordance: 0.12, gain: 0.02 };
  const { eightieth, theory, median } = gainOf({ ...ask, budget: BUDGET, seed: SEED });
  const measured = { value: eightieth / theory, target: 1.5, unit: 'times theory' };
  return atMost(
    'court: items until 2 points are believed, 80% of runs',
    measured,
    `theory ${theory} items, median ${median}`,
  );
}

function peekingFigures(): readonly Figure[] {
  const ask = { runs: RUNS, items: 2880, discordance: 0.12, alpha: 0.05, seed: SEED };
  const same = peekingOf({ ...ask, gain: 0 });
  const better = peekingOf({ ...ask, gain: 0.05 }).find(({ rule }) => rule === 'e-process');
  const shareOf = (name: string): number =>
    100 * (same.find(({ rule }) => rule === name)?.declared ?? Number.NaN);
  return [
    atMost(
      `court: A/A false wins, looked at after every item, ${RUNS} runs`,
      { value: shareOf('e-process'), target: 5, unit: '%' },
      `z-test ${shareOf('z-test').toFixed(0)}%`,
    ),
    intervalFigure(),
    atMost('court: pairs until 5 points are seen, median', {
      value: better?.medianItems ?? Infinity,
      target: 650,
      unit: 'pairs',
      digits: 0,
    }),
  ];
}

/** Streams of a true gain of 5 points, looked at after every 30 of 2,880 items. */
function intervalFigure(): Figure {
  const random = randomOf(SEED);
  const [win, lose] = [0.085, 0.035];
  const streams = 250;
  let missed = 0;
  for (let stream = 0; stream < streams; stream++) {
    let [wins, losses, misses] = [0, 0, false];
    for (let n = 1; n <= 2880 && !misses; n++) {
      const draw = random.nextFloat();
      if (draw < win) wins += 1;
      else if (draw < win + lose) losses += 1;
      if (n % 30 > 0) continue;
      const { low, high } = confidenceSequence({ wins, losses, n });
      misses = win - lose < low || win - lose > high;
    }
    if (misses) missed += 1;
  }
  const measured = { value: (100 * missed) / streams, target: 5, unit: '%' };
  return atMost(`court: confidence sequences that ever miss the truth, ${streams} streams`, measured);
}

function sliceFigures(): readonly Figure[] {
  const ask = {
    runs: RUNS,
    slices: 12,
    itemsPerSlice: 1000,
    loss: 0.05,
    discordance: 0.12,
    q: 0.05,
    seed: SEED,
  };
  const { caught, falseDiscovery } = slicesOfRuns(ask);
  return [
    atLeast('court: a loss of 5 points on one slice of 12, caught', {
      value: 100 * caught,
      target: 95,
      unit: '%',
    }),
    atMost('court: slices that are blamed falsely', { value: 100 * falseDiscovery, target: 5, unit: '%' }),
  ];
}

function honestyFigures(): readonly Figure[] {
  const caught = FAKES.filter(([, code, lie]) => codesOf(lie(honest(1))).includes(code)).length;
  const blamed = Array.from({ length: 20 }, (_, index) => codesOf(honest(index + 1))).filter(
    (codes) => codes.length > 0,
  ).length;
  return [
    atLeast('audit: planted fakes found out', {
      value: caught,
      target: FAKES.length,
      unit: `of ${FAKES.length}`,
      digits: 0,
    }),
    atMost('audit: honest runs blamed', { value: blamed, target: 0, unit: 'of 20', digits: 0 }),
  ];
}

/** Of five real models the files go bad, before a rollback or in its very moment. */
async function rollbackFigure(): Promise<Figure> {
  const store = memoryStore();
  const made = await madeModels(store);
  const { verified, trials } = await injectedFailures({ store, made, count: 200 });
  const measured = { value: verified, target: trials, unit: `of ${trials}`, digits: 0 };
  return atLeast('rollback: injected failures that end on a verified version', measured);
}

/** Verdicts of every gate on drawn evidence, judged again from what would be recorded of them. */
function derivedFigure(): Figure {
  const random = randomOf(SEED);
  const asked = Object.fromEntries(GATES.map(({ name }) => [name, {}]));
  const count = 200;
  let agreeing = 0;
  for (let decision = 0; decision < count; decision++) {
    const recorded = beside(60 + random.nextBelow(200), random.nextBelow(30), random.nextBelow(30));
    const gates = verdictsOf(asked, evidenceFrom(recorded));
    const judged = { asked: askedText(asked), ...recorded.judged };
    if (judgedAgain({ ...recorded, judged, gates, answer: answerOf(gates) }).agrees) agreeing += 1;
  }
  return atLeast('court: decisions derived again from the record', {
    value: agreeing,
    target: count,
    unit: `of ${count}`,
    digits: 0,
  });
}
