/** Rows of a dataset -> issues that the triage learner takes. */
import type { Row } from '../artifacts/batch.ts';
import { type Dataset, PART, rowsOf } from '../artifacts/dataset.ts';
import { inputMisfit, singleClass } from '../faults.ts';
import type { DeniedIssue, LabelledIssue } from '../models/triage-cross-validate.ts';
import type { StageContext } from './stage.ts';

export interface Issues {
  readonly rows: readonly Row[];
  readonly issues: readonly LabelledIssue[];
  /** With the part that is trained on: issues of which people only said what they are not. */
  readonly denied: readonly DeniedIssue[];
  /** Sorted. */
  readonly labels: readonly string[];
}

type Part = (typeof PART)[keyof typeof PART];

/** @throws inputMisfit when the rows are numbers, singleClass when there are not two labels to tell apart */
export async function issuesFrom(
  dataset: Dataset,
  parts: readonly Part[],
  load: StageContext['load'],
): Promise<Issues> {
  const every: Row[] = [];
  for (const part of parts) {
    const letters = part === PART.train ? [PART.train, PART.denied] : part;
    every.push(...(await rowsOf(dataset, letters, load)));
  }
  const last = correctedIn(every);
  const rows = last.filter(({ label }) => label !== '');
  const issues = rows.map((row) => ({ issue: textOf(row), labels: [row.label] }));
  const refused = last.filter(({ label }) => label === '');
  const denied = refused.map((row) => ({ issue: textOf(row), denied: row.not ?? [] }));
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  if (labels.length === 1) throw singleClass({ label: labels[0] ?? '', rows: rows.length });
  return { rows, issues, denied, labels };
}

function textOf({ input }: Row): LabelledIssue['issue'] {
  if (!('title' in input)) throw inputMisfit({ wanted: 'a title and a body', found: 'numbers' });
  return input;
}

/** A later row of the same id corrects the one before, in its place. */
function correctedIn(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** Row-major: 1 where the issue has the label. */
export function truthOf({ issues, labels }: Issues): Float64Array {
  const truth = new Float64Array(issues.length * labels.length);
  issues.forEach((issue, row) => {
    for (const label of issue.labels) truth[row * labels.length + labels.indexOf(label)] = 1;
  });
  return truth;
}
