/** An interval for the difference of two models that holds at every moment at once, however often one looks. */
import type { PairedCount } from './compare.ts';
import type { Interval } from './interval.ts';

/** 0.01, 0.03 … 0.49: all below ½, so that no factor is negative for a difference between −1 and 1. */
const BETS: readonly number[] = Array.from({ length: 25 }, (_, index) => 0.01 + 0.02 * index);
const HALVINGS = 40;

/**
 * A confidence sequence for the mean of paired differences xᵢ ∈ {1, 0, −1}, candidate minus champion. For a mean of m,
 * U(m) = mean over bets λ of ∏ (1 + λ(xᵢ − m)) is a supermartingale that begins at 1, so P(U ever ≥ 2/α) ≤ α/2, and the
 * same from the other side. U falls as m rises: the low end is where it passes 2/α, found by halving.
 *
 * @param count  whole wins and losses, n ≥ wins + losses, n ≥ 0; the order of the items does not matter
 * @param alpha  strictly between 0 and 1; 0.05 unless told
 * @returns      ends within −1 … 1; all of it before there is any item
 * @throws       RangeError when the count is impossible or alpha is out of range: a programmer's error
 * @cost         40 times 25 exponentials an end
 * @source       I. Waudby-Smith, A. Ramdas, JRSS B 86 (2024) §4, betting; H. Robbins, Ann. Math. Stat. 41 (1970), the
 *               mixture; J. Ville (1939), the bound
 */
export function confidenceSequence({ wins, losses, n }: PairedCount, alpha = 0.05): Interval {
  if (!(wins >= 0 && losses >= 0 && n >= wins + losses)) {
    throw new RangeError(`no ${wins} wins and ${losses} losses among ${n} items`);
  }
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is in (0, 1), not ${alpha}`);
  const low = lowEnd({ wins, losses, n }, alpha);
  const high = lowEnd({ wins: losses, losses: wins, n }, alpha);
  return { low, high: 0 - high };
}

/** The least mean that is not excluded from below. */
function lowEnd(count: PairedCount, alpha: number): number {
  const most = Math.log(2 / alpha);
  let [out, kept] = [-1, 1];
  if (logEvidence(count, out) < most) return out;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (out + kept) / 2;
    if (logEvidence(count, middle) < most) kept = middle;
    else out = middle;
  }
  return out;
}

/** ln U(m), without overflow. */
function logEvidence({ wins, losses, n }: PairedCount, mean: number): number {
  const ties = n - wins - losses;
  const logs = BETS.map(
    (bet) =>
      wins * Math.log1p(bet * (1 - mean)) +
      losses * Math.log1p(bet * (-1 - mean)) +
      ties * Math.log1p(-bet * mean),
  );
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}
