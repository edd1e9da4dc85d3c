/** Champion against challenger on items that become known one by one: evidence that may be looked at at any time. */
import type { Discordance } from './compare.ts';

/** 0.02, 0.06 … 0.98: between them lies a good bet for every share of wins above one half. */
export const DUEL_BETS: readonly number[] = Array.from({ length: 25 }, (_, index) => 0.02 + 0.04 * index);

const LOG_CAP = Math.log(1e300);

/**
 * The e-value against "the challenger wins at most half of the items on which exactly one of the two is right":
 * E = mean over bets λ of (1 + λ)^wins · (1 − λ)^losses. While each such item's chance of a win, given the past, is
 * at most ½, P(E ever ≥ 1/α) ≤ α, whenever and however often one looks. The order of the items does not matter, so
 * two whole numbers are all that has to be kept.
 *
 * @param discordance  whole numbers, 0 or more, over all items so far
 * @returns            1 before the first item; capped at 1e300 so that it stays a number in JSON
 * @throws             RangeError when a number is not whole: a programmer's error
 * @cost               25 exponentials
 * @source             G. Shafer, JRSS A 184 (2021), testing by betting; J. Ville (1939) for the bound; the mixture as in
 *                     I. Waudby-Smith, A. Ramdas, JRSS B 86 (2024) §4
 */
export function duelEvidence({ wins, losses }: Discordance): number {
  if (!(Number.isInteger(wins) && Number.isInteger(losses) && wins >= 0 && losses >= 0)) {
    throw new RangeError(`a duel has whole wins and losses, not ${wins} and ${losses}`);
  }
  const logs = DUEL_BETS.map((bet) => wins * Math.log1p(bet) + losses * Math.log1p(-bet));
  const most = Math.max(...logs);
  const sum = logs.reduce((total, log) => total + Math.exp(log - most), 0);
  return Math.exp(Math.min(most + Math.log(sum / logs.length), LOG_CAP));
}

/**
 * The wins that are enough when the challenger lost so many: the least w with E(w, losses) ≥ 1/alpha.
 *
 * @param losses  whole, 0 or more
 * @param alpha   strictly between 0 and 1
 * @returns       a whole number; E rises with every win, so all larger numbers are enough too
 * @throws        RangeError when alpha is out of range: a programmer's error
 * @cost          about 2·log₂(wins) e-values
 * @source        `duelEvidence`
 */
export function winsNeeded(losses: number, alpha: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is in (0, 1), not ${alpha}`);
  const enough = (wins: number): boolean => duelEvidence({ wins, losses }) >= 1 / alpha;
  let high = 1;
  while (!enough(high)) high *= 2;
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
