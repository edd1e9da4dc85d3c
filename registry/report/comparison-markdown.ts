/** A comparison of solvers as Markdown, for a job summary or a comment: verdict first. */
import type { Optimisation } from '../schema/optimisation.ts';
import { behindText, comparisonRows, READING, termsText, verdictText } from './comparison-words.ts';
import { markdown } from './words.ts';

export function comparisonMarkdown(found: Optimisation): string {
  const [header = [], ...rows] = comparisonRows(found);
  const line = (cells: readonly string[]): string => `| ${cells.map(markdown).join(' | ')} |`;
  const behind = behindText(found);
  return [
    `**${markdown(verdictText(found))}**${behind === '' ? '' : ` ${markdown(behind)}`}`,
    '',
    termsText(found),
    '',
    line(header),
    `|${header.map((_, column) => (column < 2 ? '---' : '---:')).join('|')}|`,
    ...rows.map(line),
    '',
    ...READING.map((each) => `- ${each}`),
    '',
  ].join('\n');
}
