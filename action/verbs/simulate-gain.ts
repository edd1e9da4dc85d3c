/** A candidate that is truly better, told: how many paired items it takes to be believed, beside the theory. */
import { gainOf } from '../../pipelines/simulations/gain.ts';
import type { Budget } from '../../pipelines/stats/spending.ts';
import { shareChart } from '../../registry/report/share-chart.ts';
import { grouped } from '../../registry/report/words.ts';
import { shareBars } from './bars.ts';
import type { Paint, Told } from './verb.ts';

interface Asked {
  readonly perDay: number;
  readonly holdout: number;
  readonly discordance: number;
  readonly gain: number;
  readonly runs: number;
  readonly seed: number;
  readonly budget: Budget;
}

/** What the court may take beyond the theory. */
const SLACK = 1.5;
/** Lines of the picture on a terminal. */
const LINES = 12;

export function tellGain(asked: Asked): Told & { readonly picture: string } {
  const { perDay, holdout, discordance, gain, runs, seed, budget } = asked;
  const itemsPerCandidate = Math.max(1, Math.round(holdout / 20));
  const ask = { runs, candidatesPerDay: perDay, itemsPerCandidate, discordance, gain, budget, seed };
  const { items, ...found } = gainOf(ask);
  const promoted = items.filter((n) => Number.isFinite(n)).length;
  const { theory, eightieth, median, alpha } = found;
  const ratio = eightieth / theory;
  const marks = [
    { name: 'theory', at: theory },
    { name: `${SLACK} times theory`, at: SLACK * theory },
  ];
  const text = (paint: Paint): string =>
    [
      `${grouped(runs)} runs; every candidate truly ${(gain * 100).toFixed(1)} points better, ${perDay} a day, each adding ${itemsPerCandidate} held-out items; discordance ${discordance}, seed ${seed}.`,
      '',
      paint.table([
        ['', 'paired items', 'ratio'],
        ['theory: one test of 80% power at the same α', grouped(theory), '1.00'],
        ['promoted in 80% of the runs', grouped(eightieth), ratio.toFixed(2)],
        ['promoted in half of the runs', grouped(median), (median / theory).toFixed(2)],
      ]),
      '',
      'Share of the runs that have promoted, by paired items:',
      shareBars(items, { marks, lines: LINES }),
      '',
      `α of each candidate ${alpha.toExponential(2)}; promoted in ${promoted} of ${runs} runs.`,
    ].join('\n');
  const title = `Believing a true gain of ${(gain * 100).toFixed(1)} points`;
  return {
    data: { what: 'gain', ...found, promoted, runs, ratio },
    text,
    picture: shareChart({ title, items, marks, level: 0.8 }, 'wide'),
  };
}
