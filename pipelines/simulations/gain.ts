/** A candidate that is truly better, judged every time that more items are held out: how many it takes to be believed. */
import { randomOf } from '../maths/random.ts';
import { itemsNeeded } from '../stats/power.ts';
import { steadyAlpha, type Budget } from '../stats/spending.ts';
import { drawBinomial } from './binomial.ts';
import { budgetRule, DAY_MS } from './null-year.ts';

export interface GainAsk {
  readonly runs: number;
  readonly candidatesPerDay: number;
  /** Items that are held out for the first judgement, and that every further one adds. */
  readonly itemsPerCandidate: number;
  readonly discordance: number;
  /** True accuracy of every candidate minus that of the champion; above 0, at most the discordance. */
  readonly gain: number;
  readonly budget: Budget;
  readonly seed: number;
}

export interface GainFound {
  /** Paired items when the candidate was promoted, by rising number. */
  readonly items: readonly number[];
  readonly median: number;
  /** The 80th of 100: what a test of 80% power is to be compared with. */
  readonly eightieth: number;
  /** The chance of a false promotion that the candidates were granted at the steady pace. */
  readonly alpha: number;
  /** Items that a single McNemar test at this alpha needs for 80% power. */
  readonly theory: number;
}

/**
 * The pace is steady: the month before had as many candidates as the month to come, none of them better.
 *
 * @param ask  see its fields
 * @returns    see its fields
 * @throws     RangeError when the gain does not fit the discordance: a programmer's error
 * @cost       two binomial draws and one exact test a candidate
 * @source     theory: R. J. Connor, Biometrics 43 (1987), by `itemsNeeded`
 */
export function gainOf(ask: GainAsk): GainFound {
  const { runs, candidatesPerDay, itemsPerCandidate, discordance, gain, budget } = ask;
  const random = randomOf(ask.seed);
  const window = Math.round((budget.windowMs / DAY_MS) * candidatesPerDay);
  const alpha = steadyAlpha(budget, window);
  const theory = itemsNeeded(gain, { discordance, alpha, power: 0.8 });
  const win = (discordance + gain) / 2;
  const all = Array.from({ length: runs }, () => {
    const promotes = budgetRule({ ...budget, alphaMax: alpha });
    let [wins, losses, n] = [0, 0, 0];
    for (let turn = 0; ; turn++) {
      const won = drawBinomial(random, { count: itemsPerCandidate, chance: win });
      const rest = (discordance - win) / (1 - win);
      losses += drawBinomial(random, { count: itemsPerCandidate - won, chance: rest });
      wins += won;
      n += itemsPerCandidate;
      if (promotes({ wins, losses, n }, (turn * DAY_MS) / candidatesPerDay)) return n;
      if (n > 20 * theory) return Infinity;
    }
  }).sort((a, b) => a - b);
  const at = (share: number): number => all[Math.ceil(share * runs) - 1]!;
  return { items: all, median: at(0.5), eightieth: at(0.8), alpha, theory };
}
