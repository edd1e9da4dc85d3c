/** An interval for the difference of two paired accuracies that holds at every moment at once, however often one looks. */
import type { PairedCount } from './compare.ts';
import { DUEL_BETS } from './duel.ts';
import type { Interval } from './interval.ts';

/**
 * The betting confidence sequence for m = accuracy(candidate) − accuracy(champion), from wins, losses and ties: m stays
 * in it while neither K⁺(m) nor K⁻(m) reaches 2/α, with K⁺(m) = mean over shares s of ∏ (1 + s·(x − m)/(1 + m)),
 * x ∈ {1, 0, −1}, and K⁻ its mirror image. P(m is outside at any moment) ≤ α, so it may be shown after every item.
 *
 * @param count       whole wins and losses, n ≥ wins + losses
 * @param confidence  strictly between 0 and 1; 0.95 unless told
 * @returns           ends within −1 … 1, to 1e-9; −1 … 1 before the first item
 * @throws            RangeError when the count is impossible: a programmer's error
 * @cost              60 halvings of 25 exponentials, twice
 * @source            I. Waudby-Smith, A. Ramdas, JRSS B 86 (2024) §4.2, hedged capital, with fixed shares so that only
 *                    the counts matter
 */
export function differenceSequence(count: PairedCount, confidence = 0.95): Interval {
  const { wins, losses, n } = count;
  if (!(n >= 0 && wins >= 0 && losses >= 0 && wins + losses <= n)) {
    throw new RangeError(`no ${wins} wins and ${losses} losses among ${n} items`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`a confidence is in (0, 1), not ${confidence}`);
  }
  const most = Math.log(2 / (1 - confidence));
  const ties = n - wins - losses;
  return {
    low: endOf({ wins, ties, losses }, most),
    high: 0 - endOf({ wins: losses, ties, losses: wins }, most),
  };
}

interface Outcomes {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
}

/** The least m that is not yet excluded from below; K⁺ falls as m rises, every factor of it does. */
function endOf(outcomes: Outcomes, most: number): number {
  let [low, high] = [-1, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (logCapital(outcomes, middle) >= most) low = middle;
    else high = middle;
  }
  return low;
}

function logCapital({ wins, ties, losses }: Outcomes, m: number): number {
  const logs = DUEL_BETS.map((share) => {
    const bet = share / (1 + m);
    return wins * Math.log1p(bet * (1 - m)) + ties * Math.log1p(-bet * m) + losses * Math.log1p(-share);
  });
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((total, log) => total + Math.exp(log - most), 0) / logs.length);
}
