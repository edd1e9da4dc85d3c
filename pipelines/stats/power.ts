/** What a paired comparison of two accuracies can see: the least difference for so many items, and the reverse. */
import { normalQuantile } from '../maths/special.ts';

/** How a comparison is judged. */
export interface Design {
  /** The share of items on which exactly one of the two is right, above 0 and at most 1. */
  readonly discordance: number;
  /** One-sided false alarm rate; 0.05 unless told. */
  readonly alpha?: number;
  /** The chance to notice a difference that is there; 0.8 unless told. */
  readonly power?: number;
}

/**
 * Items needed to notice that the candidate is better by `difference`, by a one-sided McNemar test:
 * n = ⌈(z_α·√ψ + z_β·√(ψ − d²))² / d²⌉ with ψ = discordance, d = difference.
 *
 * @param difference  of accuracies, as a fraction: above 0, at most the discordance
 * @param design      see its fields
 * @returns           whole items, 1 or more
 * @throws            RangeError outside these ranges: a programmer's error
 * @cost              two normal quantiles
 * @source            R. J. Connor, Biometrics 43 (1987), formula for matched pairs
 */
export function itemsNeeded(difference: number, design: Design): number {
  if (!(difference > 0 && difference <= design.discordance)) {
    throw new RangeError(`a difference is above 0 and at most ${design.discordance}, not ${difference}`);
  }
  // The slack keeps rounding from asking for one item more when the formula gives a whole number.
  return Math.max(1, Math.ceil(exactItems(difference, design) - 1e-9));
}

/**
 * The least difference of accuracies that n items can show: the d whose `itemsNeeded` is n.
 *
 * @param n       items compared, 1 or more
 * @param design  see its fields
 * @returns       a fraction, above 0 and at most the discordance; null when n items cannot show even a candidate that
 *                wins every discordant one
 * @throws        RangeError when the design is out of range: a programmer's error
 * @cost          about 60 halvings
 * @source        `itemsNeeded`, which falls as the difference grows
 */
export function detectableDifference(n: number, design: Design): number | null {
  const { discordance } = design;
  if (exactItems(discordance, design) > n) return null;
  let [low, high] = [0, discordance];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (exactItems(middle, design) > n) low = middle;
    else high = middle;
  }
  return high;
}

function exactItems(difference: number, { discordance, alpha = 0.05, power = 0.8 }: Design): number {
  if (!(discordance > 0 && discordance <= 1)) {
    throw new RangeError(`a discordance is in (0, 1], not ${discordance}`);
  }
  const spread = Math.sqrt(Math.max(0, discordance - difference ** 2));
  const sum = normalQuantile(1 - alpha) * Math.sqrt(discordance) + normalQuantile(power) * spread;
  return (sum / difference) ** 2;
}
