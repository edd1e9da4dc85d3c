/** The year in which no candidate is better, told: how often each rule promotes one all the same, beside the theory. */
import { expectedPromotions } from '../../pipelines/simulations/null-theory.ts';
import {
  DAY_MS,
  MONTH_MS,
  nullYear,
  steadyRules,
  type NullYear,
  type RuleName,
  type YearOfRule,
} from '../../pipelines/simulations/null-year.ts';
import type { Budget } from '../../pipelines/stats/spending.ts';
import { riseChart } from '../../registry/report/rise-chart.ts';
import { grouped } from '../../registry/report/words.ts';
import { logBars } from './bars.ts';
import type { Told } from './verb.ts';

interface Asked {
  readonly days: number;
  readonly perDay: number;
  readonly holdout: number;
  readonly renewed: number;
  readonly accuracy: number;
  readonly discordance: number;
  readonly seed: number;
  readonly budget: Budget;
}

const HUES: Readonly<Record<RuleName, string>> = {
  'score improves': 'refused',
  'z-test at 5%': 'held',
  Ladder: 'back',
  budget: 'serving',
};

export function tellNull(asked: Asked): Told & { readonly picture: string } {
  const { perDay, renewed, budget, ...same } = asked;
  const year = { ...same, candidatesPerDay: perDay, renewedAfterDays: renewed, budget };
  const theory = new Map(steadyRules(year).map(([rule, promotes]) => [rule, monthly(year, promotes)]));
  const rules = nullYear(year).map((rule) => ({ ...rule, theoryPerMonth: theory.get(rule.rule) ?? null }));
  const most = budget.falsePromotions;
  const bound = { name: `budget: ${most} a month`, value: most };
  return {
    data: { what: 'null', rules, boundPerMonth: most },
    text: (paint) =>
      [
        saidOf(asked),
        '',
        paint.table([HEAD, ...rules.map((rule) => rowOf(rule, most))]),
        '',
        'False promotions a month, on a logarithmic scale:',
        logBars(
          rules.map(({ rule, perMonth }) => ({ name: rule, value: perMonth, told: perMonth.toFixed(2) })),
          bound,
        ),
        '',
        paint.dim('Theory: expected promotions, exactly, by the Markov chain of what the holdout shows of'),
        paint.dim('the champion; of the budget at its steady pace, and what it never exceeds.'),
      ].join('\n'),
    picture: pictureOf(rules, most),
  };
}

const HEAD = ['rule', 'promotions', 'a day', 'a month', 'theory', 'worst month', 'shown gain'];

function monthly(year: NullYear, promotes: Parameters<typeof expectedPromotions>[1]): number | null {
  const expected = expectedPromotions(year, promotes);
  return expected === null ? null : (expected / year.days) * (MONTH_MS / DAY_MS);
}

function rowOf(found: YearOfRule & { readonly theoryPerMonth: number | null }, most: number): string[] {
  const { rule, promotions, perDay, perMonth, monthMax, shownGain, theoryPerMonth } = found;
  const theory = theoryPerMonth === null ? '–' : theoryPerMonth.toFixed(2);
  return [
    rule,
    grouped(promotions),
    perDay.toFixed(3),
    perMonth.toFixed(2),
    rule === 'budget' ? `${theory}, at most ${most}` : theory,
    String(monthMax),
    `${(shownGain * 100).toFixed(1)} points`,
  ];
}

function saidOf({ days, perDay, holdout, renewed, accuracy, discordance, seed }: Asked): string {
  const often = renewed === 1 ? 'day' : `${renewed} days`;
  return `${grouped(days * perDay)} candidates in ${days} days, none better than what serves; ${grouped(holdout)} held-out items, other ones every ${often}; accuracy ${accuracy}, discordance ${discordance}, seed ${seed}.`;
}

function pictureOf(rules: readonly YearOfRule[], most: number): string {
  return riseChart(
    {
      title: 'Promotions of candidates that are not better',
      rises: rules.map(({ rule, byDay }) => ({ name: rule, byDay, hue: HUES[rule] })),
      bound: { name: `${most} a month`, perDay: (most * DAY_MS) / MONTH_MS },
    },
    'wide',
  );
}
