/** Colours and tables for a terminal; plain text everywhere else. */
import { styleText, stripVTControlCharacters } from 'node:util';
import type { Paint } from './verbs/verb.ts';

type Style = Parameters<typeof styleText>[0];

export function paintFor(colours: boolean): Paint {
  const style = (name: Style) => (text: string) =>
    colours ? styleText(name, text, { validateStream: false }) : text;
  const bold = style('bold');
  return {
    bold,
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
    table: (rows) => tableOf(rows, bold),
  };
}

/** Cells of the last column are not padded, so that no line ends in spaces. */
function tableOf(rows: readonly (readonly string[])[], bold: (text: string) => string): string {
  const [header = [], ...others] = rows;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)),
      )
      .join('  ')
      .trimEnd();
  return [bold(line(header)), ...others.map(line)].join('\n');
}

/** Columns on a terminal: wide East Asian characters and emoji take two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(stripVTControlCharacters(text))) {
    width +=
      /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}
