/** A budget of false promotions: how much error each candidate may be judged with, so that a month never exceeds it. */

/** Candidates that were judged before at about one time, and the chance of a false promotion they were granted. */
export interface Spent {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The sum over them. */
  readonly alpha: number;
  /** How many they were; 1 unless told. */
  readonly judged?: number;
}

/** A pace that is told from less than a day is a burst's. */
const DAY_MS = 86_400_000;

export interface Budget {
  /** False promotions that may be expected in any window of this length, at most; above 0. */
  readonly falsePromotions: number;
  readonly windowMs: number;
  /** No candidate is judged with more, however few there are; strictly between 0 and 1. */
  readonly alphaMax: number;
}

export interface Grant {
  /** The chance of a false promotion that this candidate is judged with; 0 when nothing is left. */
  readonly alpha: number;
  /** Granted within the window before it. */
  readonly spent: number;
  /** Candidates that were judged within the window before it. */
  readonly judged: number;
}

/**
 * What is left of the window's budget, shared with a quarter as many candidates as a window at this pace has, or at
 * least with ten: α = min(αmax, (B − spent) / max(10, J/4)), spent = Σ of the α granted less than a window ago, J the
 * candidates judged since then, brought from the time since the first of them, a day at least, to a whole window. If
 * no candidate is truly better, the expected number of promotions in any window is at most Σα ≤ B, whatever the tests
 * depend on, because expectations add. At a steady pace four fifths of the budget are spent; a candidate after a quiet
 * time gets more, one in a burst less.
 *
 * @param budget  see its fields
 * @param before  candidates judged before, in any order
 * @param nowMs   milliseconds since 1970
 * @returns       see its fields; spent + alpha ≤ falsePromotions
 * @throws        RangeError when the budget is out of range: a programmer's error
 * @cost          one pass over what was judged before
 * @source        K. K. G. Lan, D. L. DeMets, Biometrika 70 (1983), alpha spending; here over candidates, by the linearity
 *                of expectation, with a rolling window
 */
export function grantOf(budget: Budget, before: readonly Spent[], nowMs: number): Grant {
  const { falsePromotions, windowMs, alphaMax } = budget;
  if (!(falsePromotions > 0)) throw new RangeError(`a budget is above 0, not ${falsePromotions}`);
  if (!(windowMs > 0)) throw new RangeError(`a window is above 0 ms, not ${windowMs}`);
  if (!(alphaMax > 0 && alphaMax < 1)) throw new RangeError(`alpha is in (0, 1), not ${alphaMax}`);
  // A clock that was set back leaves candidates in the future: they count, for they did spend.
  const recent = before.filter(({ atMs }) => atMs > nowMs - windowMs);
  const spent = recent.reduce((sum, { alpha }) => sum + alpha, 0);
  const judged = recent.reduce((sum, one) => sum + (one.judged ?? 1), 0);
  const first = recent.reduce((least, { atMs }) => Math.min(least, atMs), nowMs);
  const pace = (judged * windowMs) / Math.max(nowMs - first, Math.min(DAY_MS, windowMs));
  const share = Math.max(0, falsePromotions - spent) / Math.max(10, pace / 4);
  return { alpha: Math.min(alphaMax, share), spent, judged };
}

/**
 * What every candidate is granted once each window has had so many: the α with α = `grantOf` after as many of the same,
 * α = min(αmax, B / (J + max(10, J/4))).
 *
 * @param budget     see its fields
 * @param perWindow  candidates in each window, J, whole and 0 or more
 * @returns          a chance; J·α is at most four fifths of the budget
 * @throws           never: the caller checked the budget
 * @cost             a few operations
 * @source           `grantOf`
 */
export function steadyAlpha({ falsePromotions, alphaMax }: Budget, perWindow: number): number {
  return Math.min(alphaMax, falsePromotions / (perWindow + Math.max(10, perWindow / 4)));
}
