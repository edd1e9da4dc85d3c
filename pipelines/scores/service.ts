/** Does what serves still keep its promise? Judged on live outcomes, at every moment, without paying for looking. */
import { decimal } from '../../registry/base/decimal.ts';
import { evidenceAgainst, type Evidence as Sequence } from '../stats/sequential.ts';

export interface ServiceAsk {
  /** In the order in which the truth became known: true for a wrong answer. */
  readonly errors: readonly boolean[];
  /** The error rate that its held-out items promised at most: the high end of the interval. */
  readonly promisedErrorMax: number;
  /** What service may be worse than that, as a share. */
  readonly slack: number;
  /** Chance of ever taking back a version that keeps its promise. */
  readonly alpha: number;
}

export interface ServiceVerdict {
  readonly fails: boolean;
  readonly errorCount: number;
  /** The rate tested against: promise and slack together. */
  readonly errorRateMax: number;
  readonly sequence: Sequence;
}

/**
 * Fails when the e-value against "the error rate is at most promise plus slack" ever reaches 1/alpha. Because it is
 * an e-process it may be asked after every single outcome.
 */
export function judgeService({ errors, promisedErrorMax, slack, alpha }: ServiceAsk): ServiceVerdict {
  // Rounded as it is recorded, so that whoever judges again tests against the same rate.
  const errorRateMax = Number(decimal(Math.min(0.99, Math.max(0.001, promisedErrorMax + slack))));
  const sequence = evidenceAgainst(errors, { errorRate: errorRateMax, alpha });
  const errorCount = errors.filter(Boolean).length;
  return { fails: sequence.passedAt !== null, errorCount, errorRateMax, sequence };
}

export interface ServiceCount {
  /** Outcomes seen, and how many of them were wrong. */
  readonly n: number;
  readonly errors: number;
  readonly errorRateMax: number;
}

/** The e-value after so many outcomes. Their order does not matter to it, so the counts are enough to derive it again. */
export function serviceAgain({ n, errors, errorRateMax }: ServiceCount): number {
  const stream = Array.from({ length: n }, (_, place) => place < errors);
  return evidenceAgainst(stream, { errorRate: errorRateMax }).value;
}
