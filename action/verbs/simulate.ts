/** `fettle simulate null|gain|peeking|slices`: how often each rule of promotion errs, with the theory beside it. */
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { MONTH_MS } from '../../pipelines/simulations/null-year.ts';
import { peekingOf } from '../../pipelines/simulations/peeking.ts';
import { slicesOfRuns } from '../../pipelines/simulations/slices.ts';
import { itemsNeeded } from '../../pipelines/stats/power.ts';
import { standAlone } from '../../registry/report/stand-alone.ts';
import { grouped } from '../../registry/report/words.ts';
import { tellGain } from './simulate-gain.ts';
import { tellNull } from './simulate-null.ts';
import { defineVerb, type Told } from './verb.ts';

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
  svg: z.string().optional().describe('write the picture of `null` or of `gain` to this file'),
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
    if (input.what === 'peeking') return tellPeeking(input);
    if (input.what === 'slices') return tellSlices(input);
    const budget = { falsePromotions: input.budget, windowMs: MONTH_MS, alphaMax: 0.025 };
    const { picture, ...told } =
      input.what === 'null' ? tellNull({ ...input, budget }) : tellGain({ ...input, budget });
    const file = input.svg === undefined ? null : path.resolve(context.folder, input.svg);
    if (file !== null && !context.dryRun) await writeDurably(file, standAlone(picture));
    return told;
  },
});

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
