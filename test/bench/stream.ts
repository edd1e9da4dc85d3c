/** Measures learning label by label: against batch training in accuracy, against scikit-learn's partial_fit in speed. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { permutation, randomOf } from '../../pipelines/maths/random.ts';
import { issueRow, rememberingRows } from '../../pipelines/models/issue-blocks.ts';
import type { IssueRow } from '../../pipelines/models/issue-row.ts';
import { type LabelledIssue, triageOf } from '../../pipelines/models/triage-cross-validate.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { scaledRow, scoresOf, type TriageModel } from '../../pipelines/models/triage-model.ts';
import { openStream, resumeStream } from '../../pipelines/models/triage-stream.ts';
import { confusionOf, macroF1Of } from '../../pipelines/stats/classification.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const SEEDS = [1, 2, 3];
const LEARNED = 1200;
/** The thousand labels after these are what is measured. */
const BEFORE = 200;

interface Streamed {
  readonly gap: number;
  readonly updateS: number;
  readonly perSecond: number;
}

/** @param folder  for what the peer is given */
export function measureStream(issues: readonly LabelledIssue[], folder: string): readonly Figure[] {
  const rowOf = rememberingRows();
  const found = SEEDS.map((seed) => streamed(shuffled(issues, seed), rowOf));
  const peer = peerRates(shuffled(issues, 1).slice(0, LEARNED), folder);
  const mean = (of: (one: Streamed) => number): number =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length;
  const told =
    peer === null
      ? 'scikit-learn not installed'
      : `partial_fit of one label a call ${peer.one.toFixed(0)}/s, of a thousand ${peer.thousand.toFixed(0)}/s`;
  return [
    atMost('stream: macro-F1 that batch training has more, 300 unseen, mean of 3 orders', {
      value: 100 * mean(({ gap }) => gap),
      target: 1,
      unit: 'points',
    }),
    atMost('stream: 1,000 labels asked and told, and a model of them (CPU)', {
      value: mean(({ updateS }) => updateS),
      target: 1,
      unit: 's',
    }),
    ...resumedFigures(issues),
    atLeast(
      'stream: labels a second, each asked and told (CPU)',
      {
        value: mean(({ perSecond }) => perSecond),
        target: Math.round(peer?.one ?? 0),
        unit: '/s',
        digits: 0,
      },
      told,
    ),
  ];
}

function shuffled(issues: readonly LabelledIssue[], seed: number): readonly LabelledIssue[] {
  return Array.from(permutation(issues.length, randomOf(seed)), (index) => issues[index]).flatMap((one) =>
    one === undefined ? [] : [one],
  );
}

function streamed(issues: readonly LabelledIssue[], rowOf: ReturnType<typeof rememberingRows>): Streamed {
  const [learned, unseen] = [issues.slice(0, LEARNED), issues.slice(LEARNED)];
  const labels = [...new Set(issues.flatMap((issue) => issue.labels))].sort();
  const params = TriageParams.parse({});
  const batch = triageOf(learned, { labels, choice: 'one', params, rowOf });
  const stream = openStream({ bits: batch.features.bits, params, seed: 1 });
  const tell = (index: number): void => {
    const { row, project, labels: own } = batch.examples[index] ?? { row: EMPTY, project: '', labels: [] };
    stream.ask(row, project);
    stream.tell({ id: String(index), row, project, label: own[0] ?? null, denied: [] });
  };
  for (let index = 0; index < BEFORE; index++) tell(index);
  const began = process.cpuUsage();
  for (let index = BEFORE; index < LEARNED; index++) tell(index);
  const toldS = secondsSince(began);
  const model = stream.model();
  const updateS = secondsSince(began);
  const f1Of = (one: TriageModel): number => f1On(unseen, one, (issue) => rowOf(batch.features, issue));
  return { gap: f1Of(batch.model) - f1Of(model), updateS, perSecond: (LEARNED - BEFORE) / toldS };
}

/** Behind the second of them columns and scales are looked at again, which no update of such a size costs more than. */
const HISTORIES = [10_000, 11_500];

function resumedFigures(issues: readonly LabelledIssue[]): readonly Figure[] {
  const [calm = 0, reviewed = 0] = HISTORIES.map((history) => resumedS(issues, history));
  return [
    atMost(
      `stream: 1,000 labels after ${HISTORIES[0]}, from a checkpoint to a model and a checkpoint (CPU)`,
      { value: calm, target: 1, unit: 's' },
      `${reviewed.toFixed(2)} s where the columns are chosen anew, after ${HISTORIES[1]}`,
    ),
  ];
}

/** The same issues under other names make a long history; the thousand are read from their texts. */
function resumedS(issues: readonly LabelledIssue[], history: number): number {
  const labels = [...new Set(issues.flatMap((issue) => issue.labels))].sort();
  const params = TriageParams.parse({});
  const { features, examples } = triageOf(issues, { labels, choice: 'one', params });
  const settings = { bits: features.bits, params, seed: 1 };
  const before = openStream(settings);
  for (let index = 0; index < history; index++) {
    const {
      row,
      project,
      labels: own,
    } = examples[index % examples.length] ?? { row: EMPTY, project: '', labels: [] };
    before.tell({ id: String(index), row, project, label: own[0] ?? null, denied: [] });
  }
  const left = before.checkpoint();
  const began = process.cpuUsage();
  const stream = resumeStream(settings, left);
  for (let index = history; index < history + 1000; index++) {
    const one = issues[index % issues.length];
    if (one === undefined) continue;
    const [row, project] = [issueRow(features, one.issue), one.issue.project ?? ''];
    stream.ask(row, project);
    stream.tell({ id: String(index), row, project, label: one.labels[0] ?? null, denied: [] });
  }
  stream.model();
  stream.checkpoint();
  return secondsSince(began);
}

const EMPTY: IssueRow = { columns: new Int32Array(0), blocks: new Uint8Array(0) };

function f1On(
  unseen: readonly LabelledIssue[],
  model: TriageModel,
  rowOf: (issue: LabelledIssue['issue']) => IssueRow,
): number {
  const truth = unseen.map(({ labels: [label = ''] }) => model.labels.indexOf(label));
  const predicted = unseen.map(({ issue }) => {
    const scores = scoresOf(model, rowOf(issue), model.projects.indexOf(issue.project ?? ''));
    return scores.indexOf(Math.max(...scores));
  });
  return macroF1Of(confusionOf({ truth, predicted, classCount: model.labels.length }));
}

function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

const Rates = z.object({ one: z.number(), thousand: z.number() });

/** The same scaled rows; null where Python or scikit-learn are not there. */
function peerRates(learned: readonly LabelledIssue[], folder: string): z.infer<typeof Rates> | null {
  const labels = [...new Set(learned.flatMap((issue) => issue.labels))].sort();
  const { model, examples } = triageOf(learned, { labels, choice: 'one', params: TriageParams.parse({}) });
  const rows = examples.map(({ row }) => scaledRow(row, model));
  const file = path.join(folder, 'stream.json');
  const given = {
    width: model.scales.length,
    columns: rows.map(({ places }) => [...places]),
    values: rows.map(({ values }) => [...values]),
    labels: examples.map(({ labels: [label = ''] }) => labels.indexOf(label)),
    before: BEFORE,
  };
  writeFileSync(file, JSON.stringify(given));
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const script = path.join(import.meta.dirname, 'peer-stream.py');
  try {
    const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return Rates.parse(
      JSON.parse(execFileSync(python, [script, file], { encoding: 'utf8', stdio: [...stdio], env })),
    );
  } catch {
    return null;
  }
}
