/** Measures the triage learner itself: what it reaches in cross-validation, and what learning and asking cost in CPU. */
import { readFileSync } from 'node:fs';
import { csvFile } from '../../pipelines/connectors/csv-file.ts';
import { calibrated } from '../../pipelines/models/calibration.ts';
import { type Classifier, openClassifier } from '../../pipelines/models/classifier.ts';
import { issueRow } from '../../pipelines/models/issue-blocks.ts';
import { likeliest } from '../../pipelines/models/linear-model.ts';
import {
  crossValidatedTriage,
  type LabelledIssue,
  triageOf,
} from '../../pipelines/models/triage-cross-validate.ts';
import { exportTriage } from '../../pipelines/models/triage-export.ts';
import { learnTriage, TriageParams } from '../../pipelines/models/triage-learner.ts';
import { probabilitiesFrom } from '../../pipelines/models/triage-model.ts';
import { calibrationErrorOf, confusionOf, macroF1Of } from '../../pipelines/stats/classification.ts';
import { measureStream } from './stream.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const SEEDS = [1, 2, 3];
/**
 * What is slow in one round is not in the next: CPU is that of the whole process, and the collector and the compiler
 * come in the midst of some call. So each issue is asked several times, after rounds in which most is compiled.
 */
const WARMING = 3;
const ROUNDS = 5;

/** @param file  with the columns repo, title, body and label; @param folder  for what peers are given */
export async function measureLearner(file: string, folder: string): Promise<readonly Figure[]> {
  const { rows } = csvFile.read(readFileSync(file), 'issues.csv');
  const issues: readonly LabelledIssue[] = rows.map(({ cells }) => ({
    issue: { title: cells['title'] ?? '', body: cells['body'] ?? '', project: cells['repo'] ?? '' },
    labels: [cells['label'] ?? ''],
  }));
  return [
    ...crossValidationFigures(issues),
    ...(await costFigures(issues)),
    ...measureStream(issues, folder),
  ];
}

function lessonOf(issues: readonly LabelledIssue[]) {
  const labels = [...new Set(issues.flatMap((issue) => issue.labels))].sort();
  return { labels, choice: 'one', params: TriageParams.parse({}) } as const;
}

function crossValidationFigures(issues: readonly LabelledIssue[]): readonly Figure[] {
  const lesson = lessonOf(issues);
  const { labels } = lesson;
  const truth = issues.map((issue) => labels.indexOf(issue.labels[0] ?? ''));
  const wanted = truth.flatMap((own) => labels.map((_, label) => (label === own ? 1 : 0)));
  const found = SEEDS.map((seed) => {
    const { scores } = crossValidatedTriage(issues, { ...lesson, folds: 5, seed });
    const calibration = calibrated({ scores, truth: wanted, labelCount: labels.length, choice: 'one' });
    const probabilities = truth.flatMap((_, row) => [
      ...probabilitiesFrom(
        scores.subarray(row * labels.length, (row + 1) * labels.length),
        calibration,
        'one',
      ),
    ]);
    const ece = calibrationErrorOf({ truth, probabilities, classCount: labels.length });
    return { f1: meanF1(issues, truth, likeliest(scores, labels.length)), ece };
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const each = found.map(({ f1 }) => f1.toFixed(4)).join(', ');
  return [
    atLeast(
      'learner: mean macro-F1, 5-fold CV, mean of 3 seeds',
      { value: mean(found.map(({ f1 }) => f1)), target: 0.815, unit: '', digits: 4 },
      each,
    ),
    atMost('learner: ECE out of fold, mean of 3 seeds', {
      value: mean(found.map(({ ece }) => ece)),
      target: 0.05,
      unit: '',
      digits: 3,
    }),
  ];
}

function meanF1(issues: readonly LabelledIssue[], truth: readonly number[], predicted: Int32Array): number {
  const projects = Map.groupBy(issues.keys(), (index) => issues[index]?.issue.project ?? '');
  const scores = [...projects.values()].map((members) =>
    macroF1Of(
      confusionOf({
        truth: members.map((index) => truth[index] ?? 0),
        predicted: members.map((index) => predicted[index] ?? 0),
        classCount: Math.max(...truth) + 1,
      }),
    ),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

async function costFigures(issues: readonly LabelledIssue[]): Promise<readonly Figure[]> {
  const lesson = lessonOf(issues);
  const { features, examples, model } = triageOf(issues, lesson);
  const fits = [1, 2, 3].map(() => cpuMs(() => learnTriage({ ...lesson, examples, bits: features.bits })));
  const featurising = [1, 2, 3].map(() => cpuMs(() => issues.map(({ issue }) => issueRow(features, issue))));
  const bytes = exportTriage(model, features);
  const classifier = await openClassifier(bytes);
  const rounds: number[][] = [];
  for (let round = 0; round < WARMING + ROUNDS; round++) rounds.push(await askedOnce(classifier, issues));
  await classifier.close();
  const warm = rounds.slice(WARMING);
  const texts = issues.map((_, index) => median(warm.map((times) => times[index] ?? 0)));
  return [
    atMost('learner: fitting the joint model (CPU)', { value: median(fits) / 1000, target: 1.5, unit: 's' }),
    atMost('learner: featurising, an issue (CPU)', {
      value: median(featurising) / issues.length,
      target: 0.5,
      unit: 'ms',
    }),
    atMost(
      `learner: prediction with featurising, p99 of the issues, each the median of ${ROUNDS} calls (CPU)`,
      { value: shareOf(texts, 0.99), target: 2, unit: 'ms' },
      `p50 ${shareOf(texts, 0.5).toFixed(2)} ms, the longest ${Math.max(...texts).toFixed(2)} ms`,
    ),
    atMost(
      'learner: prediction with featurising, p99 of all calls, collector and compiler included (CPU)',
      { value: shareOf(warm.flat(), 0.99), target: 2, unit: 'ms' },
      `of the first ${issues.length} calls ${shareOf(rounds[0] ?? [], 0.99).toFixed(2)} ms`,
    ),
    atMost('learner: model file', { value: bytes.byteLength / 1e6, target: 2, unit: 'MB' }),
  ];
}

/** CPU of each call in milliseconds, in the order of the issues. */
async function askedOnce(classifier: Classifier, issues: readonly LabelledIssue[]): Promise<number[]> {
  const times: number[] = [];
  for (const { issue } of issues) {
    const began = process.cpuUsage();
    await classifier.predict(issue);
    times.push(msSince(began));
  }
  return times;
}

/** The smallest value that so large a share of all does not exceed. */
function shareOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

function cpuMs(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  return msSince(began);
}

function msSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
