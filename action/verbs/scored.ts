/** Outcomes told in full: by class, by slice, how well calibrated, and how right at which coverage. */
import { decodeDataset, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import type { Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { coverageOf, slicedScores, type Coverage, type Slice } from '../../pipelines/scores/slices.ts';
import { brierOf, calibrationErrorOf, confusionOf, reportsOf } from '../../pipelines/stats/classification.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { percent } from '../../registry/report/words.ts';
import type { Paint } from './verb.ts';

export interface Scored {
  readonly n: number;
  readonly classes: readonly ClassScore[];
  readonly slices: readonly Slice[];
  /** Mean of the projects' macro-F1; null where no slice is a project's. */
  readonly meanMacroF1: number | null;
  readonly ece: number;
  readonly brier: number;
  readonly coverage: readonly Coverage[];
}

interface ClassScore {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

const SHARES = [0.5, 0.7, 0.9, 1] as const;

/** All rows of a dataset that are in either part. */
export async function rowsIn(data: Digest, store: ArtifactStore): Promise<readonly Row[]> {
  const dataset = decodeDataset(await store.get(data));
  const load = (digest: Digest) => store.get(digest);
  return [...(await rowsOf(dataset, PART.train, load)), ...(await rowsOf(dataset, PART.holdout, load))];
}

export function scoredOf(outcomes: Outcomes, rows: readonly Row[]): Scored | null {
  const { truth, predicted, probabilities, labels } = outcomes;
  if (truth.length === 0) return null;
  const classCount = labels.length;
  const slices = slicedScores(outcomes, rows);
  const projects = slices.filter(({ by }) => by === 'project');
  const sum = projects.reduce((total, { macroF1 }) => total + macroF1, 0);
  return {
    n: truth.length,
    classes: reportsOf(confusionOf({ truth, predicted, classCount })).map((report, label) => ({
      label: labels[label] ?? '',
      ...report,
    })),
    slices,
    meanMacroF1: projects.length === 0 ? null : sum / projects.length,
    ece: calibrationErrorOf({ truth, probabilities, classCount }),
    brier: brierOf({ truth, probabilities, classCount }),
    coverage: coverageOf(outcomes, SHARES),
  };
}

export function scoredText(scored: Scored, paint: Paint): string {
  const { classes, slices, coverage, ece, brier, meanMacroF1, n } = scored;
  const classRows = classes.map(({ label, precision, recall, f1, support }) => [
    label,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
  ]);
  const sliceRows = slices.map(({ by, value, macroF1, low, high, accuracy, ece: gap, n: items }) => [
    `${by} ${value}`,
    `${percent(macroF1)} (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)})`,
    percent(accuracy),
    gap.toFixed(3),
    String(items),
  ]);
  const answered = coverage.map(
    ({ coverage: share, accuracy, threshold }) =>
      `${percent(accuracy)} right on the surest ${(share * 100).toFixed(0)}% (p ≥ ${threshold.toFixed(2)})`,
  );
  const parts = [paint.table([['label', 'precision', 'recall', 'F1', 'items'], ...classRows])];
  if (sliceRows.length > 0) {
    parts.push(paint.table([['slice', 'macro-F1 (95%)', 'accuracy', 'ECE', 'items'], ...sliceRows]));
  }
  parts.push(`calibration: ECE ${ece.toFixed(3)}, Brier ${brier.toFixed(3)} on ${n} items`);
  parts.push(`coverage: ${answered.join('; ')}`);
  if (meanMacroF1 !== null) parts.push(`mean macro-F1 of the projects ${paint.bold(meanMacroF1.toFixed(4))}`);
  return parts.join('\n');
}
