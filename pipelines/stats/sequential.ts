/** Watches a stream of errors and says when their rate is above a promise, valid at every moment one looks. */

/** The promise that is put to the test. */
export interface Promised {
  /** The error rate that is promised at most, strictly between 0 and 1. */
  readonly errorRate: number;
  /** The chance of ever crying out although the promise is kept; 0.05 unless told. */
  readonly alpha?: number;
  /** Bets as shares of the largest one allowed, 1/errorRate; each strictly between 0 and 1. */
  readonly betShares?: readonly number[];
}

export interface Evidence {
  /** The e-value after the whole stream; 1 before it. Capped at 1e300 so that it stays a number in JSON. */
  readonly value: number;
  /** The largest e-value on the way, the 1 of the beginning included; capped alike. */
  readonly peak: number;
  /** Index of the first outcome at which the e-value reached 1/alpha; null when it never did. */
  readonly passedAt: number | null;
}

/** At 1/errorRate = 5 these are bets of 0.25, 0.5, 1 and 2: between them lie the best bets for 1.05 to 2.5 times the rate. */
const BET_SHARES = [0.05, 0.1, 0.2, 0.4] as const;
const LOG_CAP = Math.log(1e300);

/**
 * The betting e-process against "the error rate is at most p₀": E_t = mean over bets λ of ∏_{i≤t} (1 + λ·(x_i − p₀)),
 * xᵢ = 1 for an error. While each error's conditional chance is at most p₀, P(E ever ≥ 1/α) ≤ α, whenever one looks.
 *
 * @param errors    outcomes in order: 1 (or true) for an error, 0 for a right answer
 * @param promised  see its fields
 * @returns         the last e-value, the largest, and where 1/α was first reached
 * @throws          RangeError when the rate, alpha or a bet is out of range: a programmer's error
 * @cost            one logarithm a bet and outcome, kept as two constants; one exponential each
 * @source          I. Waudby-Smith, A. Ramdas, JRSS B 86 (2024) §4 (hedged betting); J. Ville (1939) for the bound
 */
export function evidenceAgainst(errors: ArrayLike<number | boolean>, promised: Promised): Evidence {
  const { errorRate, alpha = 0.05, betShares = BET_SHARES } = promised;
  if (!(errorRate > 0 && errorRate < 1)) throw new RangeError(`an error rate is in (0, 1), not ${errorRate}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is in (0, 1), not ${alpha}`);
  if (betShares.length === 0 || !betShares.every((share) => share > 0 && share < 1)) {
    throw new RangeError(`bets are shares in (0, 1), not ${betShares.join(', ')}`);
  }
  const gains = betShares.map((share) => Math.log1p((share / errorRate) * (1 - errorRate)));
  const costs = betShares.map((share) => Math.log1p(-share));
  const logs = new Float64Array(betShares.length);
  const threshold = -Math.log(alpha);

  let [now, peak] = [0, 0];
  let passedAt: number | null = null;
  for (let index = 0; index < errors.length; index++) {
    const steps = Number(errors[index]) === 1 ? gains : costs;
    for (let bet = 0; bet < logs.length; bet++) logs[bet]! += steps[bet]!;
    now = logMean(logs);
    peak = Math.max(peak, now);
    if (passedAt === null && now >= threshold) passedAt = index;
  }
  return { value: Math.exp(Math.min(now, LOG_CAP)), peak: Math.exp(Math.min(peak, LOG_CAP)), passedAt };
}

/** ln of the mean of exp, without overflow. */
function logMean(logs: Float64Array): number {
  const most = Math.max(...logs);
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - most);
  return most + Math.log(sum / logs.length);
}
