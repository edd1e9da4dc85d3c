/** Who was how fast on the same problems, and whether a quantum machine has an advantage: none, unless it is shown. */
import { decimal, type Decimal } from '../../registry/base/decimal.ts';
import type { Optimisation, SolverRow, Span, Standing } from '../../registry/schema/optimisation.ts';
import type { Attempt, Attempts } from '../artifacts/attempts.ts';
import type { NamedProblem } from '../artifacts/problems.ts';
import { comparisonUnfair } from '../faults.ts';
import { exhaustive } from '../solvers/exhaustive.ts';
import { quboOf, type Qubo } from '../solvers/qubo.ts';
import { medianOf, type Median } from '../stats/median.ts';
import { timeToSolution, type TimeToSolution } from '../stats/time-to-solution.ts';

const CONFIDENCE = 0.95;

export interface Compared {
  readonly problems: readonly NamedProblem[];
  /** Everybody on all of the problems; an exact one and blind chance must be among them. */
  readonly attempts: readonly Attempts[];
  readonly seed: number;
  readonly budgetMs: number;
}

/**
 * For each solver and problem the time to solution; over the problems its median; and for whoever is neither exact nor
 * a classical heuristic, how many times as long it took as the fastest of these on each problem. That ratio is taken at
 * the far end of the one interval and at the near end of the other. An advantage is found for quantum machines alone,
 * and only where the upper end of the median ratio's interval lies below 1, at a confidence that is shared out among
 * all the machines that took part.
 *
 * @param compared  problems of at most 32 variables
 * @returns         the rows in the order of the attempts, and the verdict
 * @throws          comparisonUnfair where no row is exact, none is of chance, or a row lacks a problem
 * @cost            two exhaustive searches a problem
 * @source          T. F. Rønnow et al., Science 345 (2014) 420, on what a speedup is
 */
export function comparisonOf({ problems, attempts, seed, budgetMs }: Compared): Optimisation {
  for (const kind of ['exact', 'chance'] as const) {
    if (attempts.every((one) => one.kind !== kind)) {
      throw comparisonUnfair({ wanted: `a solver of the kind \`${kind}\``, found: 'none' });
    }
  }
  const truths = problems.map(truthOf);
  const timed = attempts.map((one) => ({ one, entries: truths.map((truth) => timedOf(one, truth)) }));
  const rivals = timed.filter(({ one }) => isRival(one));
  const fastest = truths.map((_, at) => Math.min(...rivals.map(({ entries }) => entries[at]!.time.low)));
  const machines = attempts.filter(({ kind }) => kind === 'quantum').length;
  const rows = timed.map(({ one, entries }) => {
    if (isRival(one)) return rowOf(one, entries, null);
    const confidence = one.kind === 'quantum' ? 1 - (1 - CONFIDENCE) / machines : CONFIDENCE;
    const ratios = entries.map(({ time }, at) => (fastest[at] === 0 ? Infinity : time.high / fastest[at]!));
    return rowOf(one, entries, medianOf(ratios, confidence));
  });
  return {
    seed,
    budgetMs,
    confidence: decimal(CONFIDENCE, 2),
    problems: truths.map(({ name, hash, n, least, greatest }) => {
      return { name, hash, n, least: told(least), greatest: told(greatest) };
    }),
    rows,
    verdict: verdictOf(rows),
  };
}

/** What a quantum machine has to beat: to be faster than chance, or than the simulation of itself, shows nothing. */
function isRival({ kind }: Pick<Attempts, 'kind'>): boolean {
  return kind === 'exact' || kind === 'classical';
}

interface Truth extends Pick<NamedProblem, 'name' | 'hash' | 'n'> {
  readonly least: number;
  readonly greatest: number;
}

function truthOf({ name, hash, n, offset, linear, couplings }: NamedProblem): Truth {
  const turned = {
    n,
    offset: -offset,
    linear: linear.map((weight) => -weight),
    couplings: couplings.map((term) => ({ ...term, weight: -term.weight })),
  };
  const least = smallest(quboOf({ n, offset, linear, couplings }));
  return { name, hash, n, least, greatest: -smallest(quboOf(turned)) };
}

function smallest(qubo: Qubo): number {
  return exhaustive.solve(qubo, { seed: 0, flips: 0 }).energy;
}

interface Timed {
  readonly attempt: Attempt;
  readonly truth: Truth;
  readonly count: number;
  readonly successes: number;
  readonly time: TimeToSolution;
}

/** Sums of the same terms in another order differ in their last bits. */
const SLACK = 1e-9;

function timedOf({ by, attempts }: Attempts, truth: Truth): Timed {
  const attempt = attempts.find(({ problem }) => problem === truth.name);
  if (attempt === undefined) {
    throw comparisonUnfair({
      wanted: `every solver on every problem`,
      found: `none of ${by} on ${truth.name}`,
    });
  }
  const enough = truth.least + SLACK * Math.max(1, Math.abs(truth.least));
  const { setupMs, attemptMs, queueMs, certain } = attempt;
  let [count, successes] = [0, 0];
  for (const [energy, times] of attempt.energies) {
    count += times;
    if (energy <= enough) successes += times;
  }
  const searched = { setupMs: setupMs + queueMs, attemptMs, successes, attempts: count };
  const time = timeToSolution({ ...searched, certain: certain && successes === count }, CONFIDENCE);
  return { attempt, truth, count, successes, time };
}

function rowOf({ by, kind }: Attempts, entries: readonly Timed[], slower: Median | null): SolverRow {
  const sum = (of: (entry: Timed) => number): number => entries.reduce((total, one) => total + of(one), 0);
  const dollars = entries.map(dollarsOf);
  const priced = dollars.every((each) => each !== null && Number.isFinite(each));
  return {
    by,
    kind,
    standings: entries.map(standingOf),
    solved: entries.filter(({ successes }) => successes > 0).length,
    tts: spanOf(
      medianOf(
        entries.map(({ time }) => time.ms),
        CONFIDENCE,
      ),
    ),
    chance: told(medianOf(entries.map(({ time }) => time.chance.value)).value),
    ratio: told(sum(ratioOf) / entries.length),
    evaluations: sum(({ attempt }) => attempt.evaluations),
    shots: sum(({ attempt }) => attempt.shots),
    queueMs: Math.round(sum(({ attempt }) => attempt.queueMs)),
    dollars: priced ? told(dollars.reduce((total: number, each) => total + (each ?? 0), 0)) : null,
    slower: slower === null ? null : spanOf(slower),
  };
}

function standingOf(entry: Timed): Standing {
  const { time, count } = entry;
  const tts = spanOf({ value: time.ms, low: time.low, high: time.high });
  return { tts, chance: spanOf(time.chance), ratio: told(ratioOf(entry)), attempts: count };
}

function ratioOf({ attempt, truth, count }: Timed): number {
  const range = truth.greatest - truth.least;
  if (range === 0) return 1;
  const sum = attempt.energies.reduce((total, [energy, times]) => total + energy * times, 0);
  return (truth.greatest - sum / count) / range;
}

/** Of the setup, and of as many attempts as the time to solution stands for. */
function dollarsOf({ attempt, time }: Timed): number | null {
  const { dollars, attemptMs, setupMs, queueMs } = attempt;
  if (dollars === null) return null;
  const repetitions = attemptMs === 0 ? 1 : (time.ms - setupMs - queueMs) / attemptMs;
  return dollars.setup + dollars.attempt * repetitions;
}

/** What has no end is null. */
function spanOf({ value, low, high }: Median): Span {
  const end = (one: number): Decimal | null => (Math.abs(one) < 1e15 ? told(one) : null);
  return { value: end(value), low: end(low), high: end(high) };
}

function told(value: number): Decimal {
  return decimal(value, 6);
}

function verdictOf(rows: readonly SolverRow[]): Optimisation['verdict'] {
  const machines = rows.filter(({ kind }) => kind === 'quantum').toSorted(nearest('high'));
  const [first] = machines;
  if (first === undefined) {
    const [best] = rows.filter(({ kind }) => kind === 'simulated').toSorted(nearest('value'));
    const beside = best === undefined ? '' : `; ${bestSimulated(best)}`;
    return { answer: 'no advantage', by: null, reason: `no quantum machine took part${beside}` };
  }
  const { by: name, slower } = first;
  const most = slower?.high ?? null;
  const than = 'the time of the fastest classical solver of each problem';
  if (most !== null && Number(most) < 1) {
    const reason = `${name} takes ${timesText(most)} ${than} at most, in the median`;
    return { answer: 'advantage', by: name, reason };
  }
  const upTo =
    most === null ? 'nothing bounds what it takes' : `it may take up to ${timesText(most)} ${than}`;
  return { answer: 'no advantage', by: null, reason: `${name} came nearest, and ${upTo}, in the median` };
}

/** The smallest first; what has no end comes last. */
function nearest(end: 'value' | 'high'): (a: SolverRow, b: SolverRow) => number {
  const of = ({ slower }: SolverRow): number => Number(slower?.[end] ?? Number.MAX_VALUE);
  return (a, b) => of(a) - of(b);
}

function bestSimulated({ by, slower }: SolverRow): string {
  if (slower === null || slower.value === null) {
    return 'the simulated circuits did not find the best of most problems';
  }
  return `the simulation of ${by} takes this processor ${timesText(slower.value)} the time of the fastest classical solver of each problem, in the median`;
}

/** Two digits are more than such a ratio is good for. */
function timesText(value: Decimal): string {
  const times = Number(value);
  return `${times >= 10 ? String(Math.round(times)) : times.toPrecision(2)} times`;
}
