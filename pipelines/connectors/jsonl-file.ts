/** A file of one JSON object a line (JSON Lines); gzip is unpacked. Numbers and booleans become their text. */
import * as z from 'zod';
import { sourceMisshapen } from '../faults.ts';
import { CELL_MOST, type Connector, type SourceRow } from './connector.ts';
import { textOf } from './text.ts';

const Cells = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const jsonlFile: Connector = {
  name: 'jsonl-file',
  endings: ['.jsonl', '.ndjson', '.jsonl.gz'],
  read(bytes, name) {
    const lines = textOf(bytes, name).split(/\r?\n/);
    const rows = lines.flatMap((text, index) => (text.trim() === '' ? [] : [rowOf(text, index + 1, name)]));
    const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
    return { columns, rows };
  },
};

function rowOf(text: string, line: number, name: string): SourceRow {
  const parsed = Cells.safeParse(jsonOf(text, line, name));
  if (!parsed.success) {
    const found = z.prettifyError(parsed.error).replaceAll('\n', ' ');
    throw sourceMisshapen({ source: name, line, wanted: 'an object of plain values', found }, parsed.error);
  }
  const cells = Object.entries(parsed.data).map(
    ([key, value]) => [key, value === null ? '' : String(value)] as const,
  );
  const long = cells.find(([, value]) => value.length > CELL_MOST);
  if (long !== undefined) {
    const found = `${long[1].length} characters in \`${long[0]}\``;
    throw sourceMisshapen({ source: name, line, wanted: `cells of at most ${CELL_MOST} characters`, found });
  }
  return { line, cells: Object.fromEntries(cells) };
}

function jsonOf(text: string, line: number, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw sourceMisshapen({ source: name, line, wanted: 'one JSON object a line', found }, error);
  }
}
