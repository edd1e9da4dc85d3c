/** Stored sources, whose name is no longer known: read as what they look like, and cut row by row. */
import { gzipSync } from 'node:zlib';
import { FettleError } from '../../registry/base/fault.ts';
import type { Connector, SourceRow, SourceTable } from '../connectors/connector.ts';
import { csvFile } from '../connectors/csv-file.ts';
import { jsonlFile } from '../connectors/jsonl-file.ts';
import { textOf } from '../connectors/text.ts';

const NAME = 'a stored source';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly SourceRow[];
  /** By which it could be read. */
  readonly connector: Connector;
}

/** Null where the bytes are no table. */
export function tableIn(bytes: Uint8Array): Table | null {
  for (const connector of [jsonlFile, csvFile]) {
    const table = readAs(connector, bytes);
    if (table !== null && table.rows.length > 0) return { ...table, connector };
  }
  return null;
}

function readAs(connector: Connector, bytes: Uint8Array): SourceTable | null {
  try {
    return connector.read(bytes, NAME);
  } catch (error) {
    if (error instanceof FettleError) return null;
    throw error;
  }
}

/**
 * The same text without some rows: every other byte of it stays, line ends and quotes included. Where records
 * cannot be told apart safely, the rows that stay are written anew. What was packed is packed again.
 *
 * @param gone  indexes of rows
 * @returns null when no row is left
 */
export function withoutRows(bytes: Uint8Array, table: Table, gone: ReadonlySet<number>): Uint8Array | null {
  const kept = { ...table, rows: table.rows.filter((_, index) => !gone.has(index)) };
  if (kept.rows.length === 0) return null;
  const cut = cutRows(textOf(bytes, NAME), table.connector, gone);
  const text = isSame(tableIn(Buffer.from(cut)), kept) ? cut : writtenAnew(kept);
  return isPacked(bytes) ? gzipSync(text) : Buffer.from(text);
}

function cutRows(text: string, connector: Connector, gone: ReadonlySet<number>): string {
  const records = connector === csvFile ? recordsOf(text) : text.split(/(?<=\n)/);
  let index = connector === csvFile ? -1 : 0;
  const kept = records.filter((record) => record.trim() === '' || !gone.has(index++));
  return kept.join('');
}

/** Each with its line end, which does not end a record between quotes. */
function recordsOf(text: string): readonly string[] {
  const end = text.includes('\n') ? '\n' : '\r';
  const records: string[] = [];
  let [from, quoted] = [0, false];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (quoted || text[at] !== end) continue;
    records.push(text.slice(from, at + 1));
    from = at + 1;
  }
  return [...records, text.slice(from)];
}

/** Whether the right records were cut is seen by reading the outcome. */
function isSame(found: Table | null, wanted: Table): boolean {
  const cells = (table: Table | null): string => JSON.stringify(table?.rows.map((row) => row.cells));
  return cells(found) === cells(wanted);
}

function writtenAnew({ columns, rows }: Table): string {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = [columns, ...rows.map(({ cells }) => columns.map((column) => cells[column] ?? ''))];
  return lines.map((line) => `${line.map(quoted).join(',')}\n`).join('');
}

function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
