/** How a comparison of solvers is told on a terminal: the table, the verdict, and how to read both. */
import { comparisonMarkdown } from '../../registry/report/comparison-markdown.ts';
import {
  behindText,
  comparisonRows,
  READING,
  termsText,
  verdictText,
} from '../../registry/report/comparison-words.ts';
import type { Optimisation } from '../../registry/schema/optimisation.ts';
import type { Paint, Told } from './verb.ts';

export interface ComparisonTelling {
  readonly found: Optimisation;
  /** Beside the comparison itself, for programs. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Lines that follow. */
  readonly notes: readonly string[];
}

export function comparisonTold({ found, data, notes }: ComparisonTelling): Told {
  const summary = comparisonMarkdown(found);
  return { data: { ...data, ...found }, text: (paint) => textOf(found, notes, paint), summary };
}

function textOf(found: Optimisation, notes: readonly string[], paint: Paint): string {
  const behind = behindText(found);
  const mark = found.verdict.answer === 'advantage' ? paint.good : paint.bold;
  return [
    termsText(found),
    '',
    paint.table(comparisonRows(found)),
    '',
    mark(verdictText(found)),
    ...(behind === '' ? [] : [behind]),
    '',
    ...READING.map((each) => paint.dim(each)),
    ...notes.map((note) => paint.dim(note)),
  ].join('\n');
}
