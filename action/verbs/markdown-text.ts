/** The bot's Markdown on a terminal: headings, tables, code and folds; not Markdown in general. */
import type { Paint } from './verb.ts';

export function markdownText(body: string, paint: Paint): string {
  const text = body.replaceAll(/<!--[\s\S]*?-->\n?/g, '').trim();
  const lines: string[] = [];
  const source = text.split('\n');
  for (let at = 0; at < source.length; at++) {
    const line = source[at] ?? '';
    if (line.startsWith('```')) {
      const end = source.indexOf('```', at + 1);
      const code = source.slice(at + 1, end < 0 ? source.length : end);
      lines.push(...code.map((one) => `  ${paint.good(one)}`));
      at += code.length + 1;
    } else if (line.startsWith('|')) {
      const rows = rowsFrom(source.slice(at));
      lines.push(...tableOf(rows, paint).split('\n'));
      at += rows.length - 1;
    } else lines.push(lineOf(line, paint));
  }
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function lineOf(line: string, paint: Paint): string {
  const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
  if (heading !== undefined) return paint.bold(spanned(heading, PLAIN));
  const [, small] = /^<sub>(.*)<\/sub>$/.exec(line) ?? [];
  if (small !== undefined) return paint.dim(spanned(small, PLAIN));
  const [, quoted] = /^> ?(.*)$/.exec(line) ?? [];
  if (quoted !== undefined) return `${paint.warn('▌')} ${spanned(quoted, paint)}`;
  if (line === '---') return paint.dim('────');
  return spanned(line, paint);
}

type Spans = Pick<Paint, 'bold' | 'good' | 'dim'>;
const same = (text: string): string => text;
const PLAIN: Spans = { bold: same, good: same, dim: same };

/** Bold, code, links and escapes; tags are left out. */
function spanned(text: string, paint: Spans): string {
  return text
    .split(/\*\*(.+?)\*\*/)
    .map((part, index) => (index % 2 === 1 ? paint.bold(coded(part, paint)) : coded(part, paint)))
    .join('');
}

function coded(text: string, paint: Spans): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? paint.good(part.slice(1, -1)) : words(part, paint)))
    .join('');
}

function words(text: string, { dim }: Spans): string {
  return text
    .replaceAll(/<summary>(.*?)<\/summary>/g, (_, summary: string) => dim(`${summary}:`))
    .replaceAll(/<\/?[a-z]+>/g, '')
    .replaceAll(/(?<![\w\\])_([^_]+)_(?!\w)/g, '$1')
    .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 ($2)')
    .replaceAll(/\\([^\w\s])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function rowsFrom(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end < 0 ? lines.length : end);
}

/** Reasons are long, and a table whose lines the terminal breaks is hard to read. */
const LAST_MOST = 72;

function tableOf(rows: readonly string[], paint: Paint): string {
  const cells = rows
    .filter((_, index) => index !== 1)
    .map((row) => row.replace(/^\|\s*|\s*\|$/g, '').split(/\s*(?<!\\)\|\s*/));
  return paint.table(cells.flatMap(broken).map((row) => row.map((cell) => spanned(cell, paint))));
}

/** A long last cell goes on in rows whose other cells are empty. */
function broken(row: readonly string[]): readonly (readonly string[])[] {
  const last = row.at(-1) ?? '';
  const parts = last.match(new RegExp(`.{1,${LAST_MOST}}(?: |$)|\\S+`, 'g')) ?? [''];
  const empty = row.slice(1).map(() => '');
  return parts.map((part, index) => [...(index === 0 ? row.slice(0, -1) : empty), part.trim()]);
}
