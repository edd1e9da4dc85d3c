/** What gates judge by: the candidate's outcomes beside the champion's on the same items, with their metrics. */
import { decimal } from '../../registry/base/decimal.ts';
import type { Metric } from '../../registry/schema/metric.ts';
import type { Row } from '../artifacts/batch.ts';
import type { Measures } from '../artifacts/measures.ts';
import type { Outcomes } from '../artifacts/outcomes.ts';
import { bootstrapMacroF1 } from '../stats/bootstrap.ts';
import { calibrationErrorOf, confusionOf, reportsOf } from '../stats/classification.ts';
import { BOOTSTRAP, comparisonOf, type Comparison, type Paired } from './comparison.ts';
import { slicePairs, type SlicePair } from './slice-losses.ts';
import { wilson } from '../stats/interval.ts';
import type { Spent } from '../stats/spending.ts';

export interface Answers {
  readonly labels: readonly string[];
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
}

export interface Evidence {
  readonly candidate: Answers;
  readonly metrics: readonly Metric[];
  /** The version that serves; null when none does. */
  readonly against: string | null;
  /** Beside that version, on identical items; null when none serves or no item was scored by both. */
  readonly comparison: Comparison | null;
  /** Beside that version, slice by slice; none where no item was scored by both. */
  readonly slices: readonly SlicePair[];
  readonly measures: Measures | null;
  /** When it is judged, and what candidates before it were granted of the budget of false promotions. */
  readonly court: Court;
}

export interface Court {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly before: readonly Spent[];
}

export interface Gathered {
  readonly candidate: Outcomes;
  readonly champion: { readonly version: string; readonly outcomes: Outcomes } | null;
  readonly measures: Measures | null;
  /** Out-of-fold outcomes, where the recipe cross-validates. */
  readonly folds: Outcomes | null;
  /** The held-out rows, by which slices are cut; none where they are not at hand. */
  readonly rows: readonly Row[];
  readonly court: Court;
}

export function evidenceOf({ candidate, champion, measures, folds, rows, court }: Gathered): Evidence {
  return {
    candidate,
    metrics: [...metricsOf(candidate), ...costsOf(measures), ...(folds === null ? [] : foldMetricsOf(folds))],
    against: champion?.version ?? null,
    comparison: champion === null ? null : comparisonOf(pairedOf(candidate, champion.outcomes)),
    slices: champion === null ? [] : slicePairs(candidate, champion.outcomes, rows),
    measures,
    court,
  };
}

/** Accuracy with Wilson's interval, macro-F1 with a bootstrap interval, and the calibration error. */
export function metricsOf(outcomes: Outcomes): readonly Metric[] {
  const { truth, predicted, probabilities, labels } = outcomes;
  const n = truth.length;
  if (n === 0) return [];
  const right = truth.filter((label, index) => label === predicted[index]).length;
  const share = wilson({ successes: right, trials: n });
  const f1 = bootstrapMacroF1({ truth, predicted }, { classCount: labels.length, ...BOOTSTRAP });
  const ece = calibrationErrorOf({ truth, probabilities, classCount: labels.length });
  return [
    ratio({ name: 'accuracy', value: right / n, n, interval: { ...share, method: 'wilson' } }),
    ratio({ name: 'macro_f1', value: f1.estimate, n, interval: { ...f1, method: 'bootstrap' } }),
    { ...ratio({ name: 'ece', value: ece, n, interval: null }), better: 'lower' },
  ];
}

/** Row: truth; column: predicted; both in the order of the labels. */
export function confusionRows({ truth, predicted, labels }: Answers): number[][] {
  const { counts, classCount } = confusionOf({ truth, predicted, classCount: labels.length });
  return labels.map((_, row) => [...counts.subarray(row * classCount, (row + 1) * classCount)]);
}

/** How many items truly have each label. */
export function supportsOf({ truth, predicted, labels }: Answers): readonly number[] {
  return reportsOf(confusionOf({ truth, predicted, classCount: labels.length })).map(
    ({ support }) => support,
  );
}

interface Measured {
  readonly name: string;
  readonly value: number;
  readonly n: number;
  readonly interval: { readonly low: number; readonly high: number; readonly method: string } | null;
}

function ratio({ name, value, n, interval }: Measured): Metric {
  const ends =
    interval === null
      ? null
      : { low: decimal(interval.low), high: decimal(interval.high), method: interval.method };
  return { name, value: decimal(value), unit: 'ratio', better: 'higher', n, interval: ends };
}

function foldMetricsOf(folds: Outcomes): readonly Metric[] {
  const { truth, predicted, labels } = folds;
  const f1 = bootstrapMacroF1({ truth, predicted }, { classCount: labels.length, ...BOOTSTRAP });
  const interval = { low: f1.low, high: f1.high, method: 'bootstrap' };
  return [ratio({ name: 'cv_macro_f1', value: f1.estimate, n: truth.length, interval })];
}

function costsOf(measures: Measures | null): readonly Metric[] {
  if (measures === null) return [];
  const { sizeBytes, latency } = measures;
  const cost = { better: 'lower', interval: null } as const;
  return [
    { name: 'size', value: decimal(sizeBytes, 0), unit: 'bytes', n: 1, ...cost },
    { name: 'latency_p99', value: decimal(latency.p99Ms, 3), unit: 'ms', n: latency.n, ...cost },
  ];
}

/** Brings both to one list of labels and to the items that both have. */
export function pairedOf(candidate: Outcomes, champion: Outcomes): Paired {
  const labels = [...new Set([...candidate.labels, ...champion.labels])].sort();
  const placeOf = new Map(labels.map((label, index) => [label, index]));
  const places = (known: readonly string[]) => known.map((label) => placeOf.get(label) ?? 0);
  const [mine, theirs] = [places(candidate.labels), places(champion.labels)];
  const rowOf = new Map(champion.ids.map((id, row) => [id, row]));
  const shared = candidate.ids.flatMap((id, row) => {
    const other = rowOf.get(id);
    return other === undefined ? [] : [{ row, other }];
  });
  return {
    labels,
    truth: shared.map(({ row }) => mine[candidate.truth[row] ?? 0] ?? 0),
    candidate: shared.map(({ row }) => mine[candidate.predicted[row] ?? 0] ?? 0),
    champion: shared.map(({ other }) => theirs[champion.predicted[other] ?? 0] ?? 0),
  };
}
