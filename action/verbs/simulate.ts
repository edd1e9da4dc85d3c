/** `fettle simulate null|gain|peeking`: how often each rule of promotion errs, with the theory beside it. */
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { gainOf } from '../../pipelines/simulations/gain.ts';
import { DAY_MS, MONTH_MS, nullYear, type RuleName } from '../../pipelines/simulations/null-year.ts';
import { peekingOf } from '../../pipelines/simulations/peeking.ts';
import { slicesOfRuns } from '../../pipelines/simulations/slices.ts';
import { itemsNeeded } from '../../pipelines/stats/power.ts';
import { riseChart } from '../../registry/report/rise-chart.ts';
import { standAlone } from '../../registry/report/stand-alone.ts';
import { grouped } from '../../registry/report/words.ts';
import { defineVerb, type Paint, type Told } from './verb.ts';

const Input = z.strictObject({
  what: z
    .enum(['null', 'gain', 'peeking', 'slices'])
    .describe(
      '`null`: no candidate is better; `gain`: all are; `peeking`: one duel, looked at after every item; `slices`: worse on one of twelve',
    ),
  days: z.coerce.number().pipe(z.int().min(1).max(3650)).default(365).describe('days of `null`'),
  perDay: z.coerce.number().pipe(z.int().min(1).max(1440)).default(96).describe('candidates a day'),
  holdout: z.coerce.number().pipe(z.int().min(50).max(100_000)).default(1000).describe('held-out items'),
  renewed: z.coerce
    .number()
    .pipe(z.int().min(1))
    .default(1)
    .describe('days after which other items are held out, for `null`'),
  accuracy: z.coerce.number().pipe(z.number().gt(0).lt(1)).default(0.8).describe('true accuracy, for `null`'),
  discordance: z.coerce
    .number()
    .pipe(z.number().gt(0).max(1))
    .default(0.12)
    .describe('share of items on which exactly one of the two is right'),
  gain: z.coerce.number().pipe(z.number().gt(0).lt(1)).default(0.02).describe('true gain, for `gain`'),
  budget: z.coerce
    .number()
    .pipe(z.number().gt(0))
    .default(1)
    .describe('false promotions that may be expected in a month'),
  runs: z.coerce.number().pipe(z.int().min(10)).default(2000).describe('runs of `gain` and `peeking`'),
  seed: z.coerce.number().pipe(z.int().min(0)).default(1).describe('the same seed gives the same numbers'),
  svg: z.string().optional().describe('write a picture of `null` to this file'),
});
type Input = z.infer<typeof Input>;

export const simulate = defineVerb({
  name: 'simulate',
  says: 'Shows how often each rule of promotion errs, with the theory beside it.',
  words: ['what'],
  input: Input,
  writes: true,
  examples: [
    'fettle simulate null',
    'fettle simulate null --svg null.svg',
    'fettle simulate gain --gain 0.05',
  ],

  run: async (context, input) => {
    if (input.what === 'gain') return tellGain(input);
    if (input.what === 'peeking') return tellPeeking(input);
    if (input.what === 'slices') return tellSlices(input);
    const file = input.svg === undefined ? null : path.resolve(context.folder, input.svg);
    const told = tellNull(input);
    if (file !== null && !context.dryRun) await writeDurably(file, told.picture);
    return told;
  },
});

function budgetOf({ budget }: Input) {
  return { falsePromotions: budget, windowMs: MONTH_MS, alphaMax: 0.025 };
}

const HUES: Readonly<Record<RuleName, string>> = {
  'score improves': 'refused',
  'z-test at 5%': 'held',
  Ladder: 'back',
  budget: 'serving',
};

function tellNull(input: Input): Told & { readonly picture: string } {
  const { days, perDay, holdout, renewed, accuracy, discordance, seed, budget } = input;
  const rules = nullYear({
    days,
    candidatesPerDay: perDay,
    holdout,
    renewedAfterDays: renewed,
    accuracy,
    discordance,
    budget: budgetOf(input),
    seed,
  });
  const theory: Readonly<Record<RuleName, string>> = {
    'score improves': '–',
    'z-test at 5%': '–',
    Ladder: '–',
    budget: `at most ${budget} a month expected`,
  };
  const picture = standAlone(
    riseChart(
      {
        title: 'Promotions of candidates that are not better',
        rises: rules.map(({ rule, byDay }) => ({ name: rule, byDay, hue: HUES[rule] })),
        bound: { name: `${budget} a month`, perDay: (budget * DAY_MS) / MONTH_MS },
      },
      'wide',
    ),
  );
  const rows = rules.map(({ rule, promotions, perDay: daily, perMonth, monthMax, shownGain }) => [
    rule,
    grouped(promotions),
    daily.toFixed(3),
    perMonth.toFixed(2),
    String(monthMax),
    `${(shownGain * 100).toFixed(1)} points`,
    theory[rule],
  ]);
  const head = ['rule', 'promotions', 'a day', 'a month', 'worst month', 'shown gain', 'theory'];
  const said = `${grouped(days * perDay)} candidates in ${days} days, none better than what serves; ${grouped(holdout)} held-out items, others after every ${renewed === 1 ? 'day' : `${renewed} days`}; accuracy ${accuracy}, discordance ${discordance}, seed ${seed}.`;
  return {
    data: { what: 'null', rules },
    text: (paint) => [said, '', paint.table([head, ...rows])].join('\n'),
    picture,
  };
}

function tellGain(input: Input): Told {
  const { perDay, holdout, discordance, gain, runs, seed } = input;
  const itemsPerCandidate = Math.max(1, Math.round(holdout / 20));
  const ask = { runs, candidatesPerDay: perDay, itemsPerCandidate, discordance, gain, seed };
  const { items, ...found } = gainOf({ ...ask, budget: budgetOf(input) });
  const promoted = items.filter((n) => Number.isFinite(n)).length;
  const ratio = found.eightieth / found.theory;
  const text = (paint: Paint): string =>
    [
      `${grouped(runs)} runs; every candidate truly ${(gain * 100).toFixed(1)} points better, ${perDay} a day, each adding ${itemsPerCandidate} held-out items; discordance ${discordance}, seed ${seed}.`,
      '',
      paint.table([
        ['', 'paired items', 'ratio'],
        ['theory: one test of 80% power at the same α', grouped(found.theory), '1.00'],
        ['promoted in 80% of the runs', grouped(found.eightieth), ratio.toFixed(2)],
        ['promoted in half of the runs', grouped(found.median), (found.median / found.theory).toFixed(2)],
      ]),
      '',
      `α of each candidate ${found.alpha.toExponential(2)}; promoted in ${promoted} of ${runs} runs.`,
    ].join('\n');
  return { data: { what: 'gain', ...found, promoted, runs, ratio }, text };
}

function tellPeeking({ runs, discordance, gain, seed }: Input): Told {
  const ask = { runs, items: 2880, discordance, alpha: 0.05, seed };
  const [same, better] = [peekingOf({ ...ask, gain: 0 }), peekingOf({ ...ask, gain })];
  const rows = same.map(({ rule, declared }, index) => {
    const other = better[index];
    return [
      rule,
      `${(declared * 100).toFixed(1)}%`,
      rule === 'e-process' ? 'at most 5%' : '–',
      `${((other?.declared ?? 0) * 100).toFixed(1)}%`,
      other?.medianItems === null || other === undefined ? 'more than 2,880' : grouped(other.medianItems),
    ];
  });
  const needed = itemsNeeded(gain, { discordance });
  const head = ['rule', 'false wins', 'theory', 'true wins', 'items at the median'];
  const said = `${grouped(runs)} duels of 2,880 items, looked at after every item; equal models, then one truly ${(gain * 100).toFixed(1)} points better; discordance ${discordance}, seed ${seed}.`;
  return {
    data: { what: 'peeking', same, better, oneLook: needed },
    text: (paint) =>
      [
        said,
        '',
        paint.table([head, ...rows]),
        '',
        `One look alone needs ${grouped(needed)} items for 80% power.`,
      ].join('\n'),
  };
}

function tellSlices({ runs, holdout, discordance, seed }: Input): Told {
  const ask = { runs, slices: 12, itemsPerSlice: holdout, discordance, q: 0.05, seed };
  const losses = [0, 0.03, 0.05, 0.08].filter((loss) => loss <= discordance);
  const found = losses.map((loss) => ({ loss, ...slicesOfRuns({ ...ask, loss }) }));
  const rows = found.map(({ loss, caught, falseDiscovery }) => [
    loss === 0 ? 'none' : `${(loss * 100).toFixed(0)} points`,
    loss === 0 ? '–' : `${(caught * 100).toFixed(1)}%`,
    `${(falseDiscovery * 100).toFixed(1)}%`,
    'at most 5%',
  ]);
  const said = `${grouped(runs)} candidates on 12 slices of ${grouped(holdout)} items; discordance ${discordance}, seed ${seed}.`;
  return {
    data: { what: 'slices', found },
    text: (paint) =>
      [said, '', paint.table([['loss on one slice', 'caught', 'false discovery', 'theory'], ...rows])].join(
        '\n',
      ),
  };
}
