/** A year in which no candidate is truly better: how often each rule promotes one all the same, and what it then shows. */
import { randomOf } from '../maths/random.ts';
import { mcnemar, type Discordance } from '../stats/compare.ts';
import { rungOf } from '../stats/ladder.ts';
import { grantOf, steadyAlpha, type Budget, type Spent } from '../stats/spending.ts';
import { drawBinomial } from './binomial.ts';

export const DAY_MS = 86_400_000;
export const MONTH_MS = 30 * DAY_MS;

export interface NullYear {
  readonly days: number;
  readonly candidatesPerDay: number;
  /** Items of the holdout. */
  readonly holdout: number;
  /** Days after which other items are held out; a holdout that stays all year is soon used up by every rule. */
  readonly renewedAfterDays: number;
  /** True accuracy of every candidate and of the first champion, strictly between 0 and 1. */
  readonly accuracy: number;
  /** Share of items on which a candidate and the champion differ. */
  readonly discordance: number;
  readonly budget: Budget;
  readonly seed: number;
}

export type RuleName = 'score improves' | 'z-test at 5%' | 'Ladder' | 'budget';

export interface YearOfRule {
  readonly rule: RuleName;
  readonly promotions: number;
  readonly perDay: number;
  readonly perMonth: number;
  /** The most in any 30 days that begin at midnight. */
  readonly monthMax: number;
  /** What the holdout shows of the champion beyond its true accuracy before other items are held out; the mean. */
  readonly shownGain: number;
  /** Promotions by the end of each day. */
  readonly byDay: readonly number[];
}

/** `atMs`: when the candidate is judged. Promotes or not. */
export type Rule = (count: Discordance & { readonly n: number }, atMs: number) => boolean;

/**
 * Plays the year by each rule alone, on the same candidates as far as their champions are the same.
 *
 * The champion is right on R of the n items. A candidate loses each of these with chance ψ/2A and wins each other with
 * chance ψ/2(1 − A), so that its true accuracy is A and its discordance ψ; a promoted one brings its own R. A champion
 * that was lucky with the holdout is thus followed by candidates that look worse than it, as in life.
 *
 * @param year  see its fields; discordance at most 2·min(accuracy, 1 − accuracy)
 * @returns     one line a rule
 * @throws      RangeError when the discordance does not fit: a programmer's error
 * @cost        two binomial draws a candidate and rule; a year of 96 a day on 1,000 items takes about a second
 * @source      the setting of `docs`: a new candidate every 15 minutes
 */
export function nullYear(year: NullYear): readonly YearOfRule[] {
  const { accuracy, discordance } = year;
  if (!(discordance > 0 && discordance <= 2 * Math.min(accuracy, 1 - accuracy))) {
    throw new RangeError(`no discordance of ${discordance} at an accuracy of ${accuracy}`);
  }
  const rules: readonly (readonly [RuleName, Rule])[] = [...COUNTING, ['budget', budgetRule(year.budget)]];
  return rules.map(([rule, promotes]) => play(year, rule, promotes));
}

/** Rules that go by the counts alone, whatever came before. */
const COUNTING: readonly (readonly [RuleName, Rule])[] = [
  ['score improves', ({ wins, losses }) => wins > losses],
  ['z-test at 5%', ({ wins, losses }) => (wins - losses) / Math.sqrt(wins + losses) > 1.6448536269514722],
  ['Ladder', (count) => rungOf(count).climbs],
];

/** The same rules for the theory; the budget as it is once each month had as many candidates as the one before. */
export function steadyRules({ budget, candidatesPerDay }: NullYear): readonly (readonly [RuleName, Rule])[] {
  const alpha = steadyAlpha(budget, Math.round((budget.windowMs / DAY_MS) * candidatesPerDay));
  return [...COUNTING, ['budget', (count) => mcnemar(count).pBetter <= alpha]];
}

/** The exact McNemar test at whatever the month's budget still grants. */
export function budgetRule(budget: Budget): Rule {
  let spent: Spent[] = [];
  return (count, atMs) => {
    spent = spent.filter((one) => one.atMs > atMs - budget.windowMs);
    const { alpha } = grantOf(budget, spent, atMs);
    spent.push({ atMs, alpha });
    return mcnemar(count).pBetter <= alpha;
  };
}

function play(year: NullYear, rule: RuleName, promotes: Rule): YearOfRule {
  const { days, candidatesPerDay, holdout: n, renewedAfterDays, accuracy, discordance } = year;
  const random = randomOf(year.seed);
  const [lose, win] = [discordance / 2 / accuracy, discordance / 2 / (1 - accuracy)];
  let right = 0;
  let promotions = 0;
  const [byDay, shown]: [number[], number[]] = [[], []];
  for (let day = 0; day < days; day++) {
    if (day % renewedAfterDays === 0) right = drawBinomial(random, { count: n, chance: accuracy });
    for (let turn = 0; turn < candidatesPerDay; turn++) {
      const losses = drawBinomial(random, { count: right, chance: lose });
      const wins = drawBinomial(random, { count: n - right, chance: win });
      const atMs = day * DAY_MS + (turn * DAY_MS) / candidatesPerDay;
      if (!promotes({ wins, losses, n }, atMs)) continue;
      promotions += 1;
      right += wins - losses;
    }
    byDay.push(promotions);
    if ((day + 1) % renewedAfterDays === 0 || day + 1 === days) shown.push(right / n - accuracy);
  }
  const within = (day: number): number => byDay[day]! - (byDay[day - 30] ?? 0);
  return {
    rule,
    promotions,
    perDay: promotions / days,
    perMonth: (promotions / days) * 30,
    monthMax: Math.max(...byDay.map((_, day) => within(day))),
    shownGain: shown.reduce((sum, gain) => sum + gain, 0) / shown.length,
    byDay,
  };
}
