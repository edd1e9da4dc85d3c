/** Compares two models that answered the same items: who won where they differ. */
import { binomialTail, normalQuantile } from '../maths/special.ts';
import type { Interval } from './interval.ts';

/** Items that exactly one of the two answered rightly; items on which both were right or wrong say nothing. */
export interface Discordance {
  /** Items that only the candidate had right. */
  readonly wins: number;
  /** Items that only the champion had right. */
  readonly losses: number;
}

export interface McNemar {
  /** One-sided: the chance of at least so many wins if the two were equal. Small means the candidate is better. */
  readonly pBetter: number;
  /** One-sided: the chance of at least so many losses if the two were equal. Small means it is worse. */
  readonly pWorse: number;
  /** Two-sided: twice the smaller of the two, at most 1. */
  readonly pDifferent: number;
}

/**
 * The exact McNemar test: if the models are equal, wins ~ Binomial(wins + losses, ½). pBetter = P(X ≥ wins),
 * pWorse = P(X ≥ losses), pDifferent = min(1, 2·min(pBetter, pWorse)). No discordant item at all gives 1 thrice.
 *
 * @param discordance  whole numbers, 0 or more
 * @returns            three p-values, 0 to 1; not mid-p
 * @throws             RangeError when a number is not whole: a programmer's error
 * @cost               two binomial tails
 * @source             Q. McNemar, Psychometrika 12 (1947); the two-sided one doubles as statsmodels `mcnemar(exact=True)`
 */
export function mcnemar({ wins, losses }: Discordance): McNemar {
  const binomial = { trials: wins + losses, chance: 0.5 };
  const pBetter = binomialTail(wins, binomial);
  const pWorse = binomialTail(losses, binomial);
  return { pBetter, pWorse, pDifferent: Math.min(1, 2 * Math.min(pBetter, pWorse)) };
}

export interface PairedCount extends Discordance {
  /** All items, concordant ones too: at least wins + losses. */
  readonly n: number;
}

/**
 * The interval of Agresti and Min for the difference of two paired proportions, candidate minus champion: ½ is added
 * to each cell of the 2×2 table, then Wald: d = (w − l)/(n+2), se = √(w + l + 1 − (w − l)²/(n+2)) / (n+2).
 *
 * @param count       whole wins and losses, n ≥ wins + losses, n ≥ 1
 * @param confidence  strictly between 0 and 1; 0.95 unless told
 * @returns           ends within −1 … 1; the center is shrunk toward 0 by n/(n+2)
 * @throws            RangeError when the count is impossible: a programmer's error
 * @cost              one normal quantile
 * @source            A. Agresti, Y. Min, Statistics in Medicine 24 (2005), §3
 */
export function pairedDifference({ wins, losses, n }: PairedCount, confidence = 0.95): Interval {
  if (!(n >= 1 && wins >= 0 && losses >= 0 && wins + losses <= n)) {
    throw new RangeError(`no ${wins} wins and ${losses} losses among ${n} items`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  const center = (wins - losses) / (n + 2);
  const half = (z * Math.sqrt(wins + losses + 1 - (wins - losses) ** 2 / (n + 2))) / (n + 2);
  return { low: Math.max(-1, center - half), high: Math.min(1, center + half) };
}

/**
 * Counts where exactly one of two models has the truth.
 *
 * @param answers  label indexes of the same items in the same order, three arrays of one length
 * @returns        wins of the candidate, its losses, and all items
 * @throws         RangeError when the lengths differ: a programmer's error
 * @cost           n comparisons
 * @source         definition
 */
export function pairedCountOf(answers: PairedAnswers): PairedCount {
  const { truth, champion, candidate } = answers;
  if (truth.length !== champion.length || truth.length !== candidate.length) {
    throw new RangeError(
      `paired answers have one length, not ${truth.length}, ${champion.length}, ${candidate.length}`,
    );
  }
  let [wins, losses] = [0, 0];
  for (let item = 0; item < truth.length; item++) {
    const championRight = champion[item] === truth[item];
    const candidateRight = candidate[item] === truth[item];
    if (candidateRight && !championRight) wins += 1;
    if (championRight && !candidateRight) losses += 1;
  }
  return { wins, losses, n: truth.length };
}

/** Label indexes of the same items in the same order. */
export interface PairedAnswers {
  readonly truth: ArrayLike<number>;
  readonly champion: ArrayLike<number>;
  readonly candidate: ArrayLike<number>;
}
