/** A comparison of solvers: the same problems, the same budget, what each needed, and who has an advantage. */
import * as z from 'zod';
import { Decimal } from '../base/decimal.ts';
import { Digest } from '../base/digest.ts';
import { RunId } from './run.ts';

/**
 * `exact` proves; `chance` guesses; `simulated` is a quantum algorithm on a classical processor, whose time is that of
 * the processor; `quantum` ran on a quantum machine.
 */
export const SolverKind = z.enum(['exact', 'chance', 'classical', 'simulated', 'quantum']);
export type SolverKind = z.infer<typeof SolverKind>;

/** An estimate with its interval; null where it has no end. */
export const Span = z.strictObject({
  value: Decimal.nullable(),
  low: Decimal.nullable(),
  high: Decimal.nullable(),
});
export type Span = z.infer<typeof Span>;

const ComparedProblem = z.strictObject({
  name: z.string().min(1).max(100),
  /** Of the function that was minimized. */
  hash: Digest,
  /** Variables. */
  n: z.int().min(1),
  /** The smallest and the largest value there are. */
  least: Decimal,
  greatest: Decimal,
});

/** One solver on one problem, in the order of the problems. */
const Standing = z.strictObject({
  /** Milliseconds until the best is found with probability 0.99, everything before the first attempt included. */
  tts: Span,
  /** Probability that one attempt finds the best. */
  chance: Span,
  /** (greatest − E)/(greatest − least), the mean over attempts. */
  ratio: Decimal,
  attempts: z.int().min(1),
});
export type Standing = z.infer<typeof Standing>;

export const SolverRow = z.strictObject({
  by: z.string().min(1).max(100),
  kind: SolverKind,
  standings: z.array(Standing).min(1).max(100),
  /** Problems whose best was found at least once. */
  solved: z.int().min(0),
  /** Medians over the problems. */
  tts: Span,
  chance: Decimal,
  /** Means and sums over the problems. */
  ratio: Decimal,
  /** Circuits that were run to find angles. */
  evaluations: z.int().min(0),
  shots: z.int().min(0),
  queueMs: z.int().min(0),
  /** Until every problem is solved with probability 0.99; null where nobody told a price, or one was never solved. */
  dollars: Decimal.nullable(),
  /** How many times as long it takes as the fastest classical solver of each problem: the median; null for classical ones. */
  slower: Span.nullable(),
});
export type SolverRow = z.infer<typeof SolverRow>;

export const Optimisation = z.strictObject({
  seed: z.int(),
  /** What each solver might take on each problem. */
  budgetMs: z.int().min(1),
  /** Of the intervals. */
  confidence: Decimal,
  problems: z.array(ComparedProblem).min(1).max(100),
  rows: z.array(SolverRow).min(1).max(50),
  verdict: z.strictObject({
    answer: z.enum(['no advantage', 'advantage']),
    /** Who has it; null for nobody. */
    by: z.string().nullable(),
    reason: z.string().min(1).max(1000),
  }),
});
export type Optimisation = z.infer<typeof Optimisation>;

export const OptimisationRecorded = z.strictObject({
  /** Null where it was not a run of a recipe. */
  run: RunId.nullable(),
  /** The comparison as an artifact. */
  comparison: Digest,
  found: Optimisation,
});
