/** Source bytes -> a batch: columns get their meaning, every row is checked, ids are unique. */
import * as z from 'zod';
import { digestOf, shortOf } from '../../registry/base/digest.ts';
import { encodeBatch, type InputKind, type Row } from '../artifacts/batch.ts';
import type { SourceRow, SourceTable } from '../connectors/connector.ts';
import { connectorFor } from '../connectors/index.ts';
import { columnMissing, sourceEmpty, sourceMisshapen } from '../faults.ts';
import { defineStage, required } from './stage.ts';

/** Which column plays which part; null where the source has none. */
export const Columns = z.strictObject({
  label: z.string().default('label').describe('what a model is to say'),
  id: z
    .string()
    .nullable()
    .default(null)
    .describe('names a row for ever; null: the column `id` where there is one, else its position'),
  at: z.string().nullable().default(null).describe('when it happened; null: rows are in order of time'),
  group: z.string().nullable().default(null).describe('one model is trained for each value'),
  title: z.string().nullable().default(null).describe('text inputs: the title'),
  body: z.string().nullable().default(null).describe('text inputs: the body'),
  project: z.string().optional().describe('text inputs: whose it is, for one model of several projects'),
  association: z.string().optional().describe('text inputs: what the author is to the project'),
  features: z
    .array(z.string())
    .nullable()
    .default(null)
    .describe('number inputs: the columns; null: every other column'),
});
export type Columns = z.infer<typeof Columns>;

export const ingest = defineStage({
  name: 'ingest',
  version: 3,
  takes: { source: required('source') },
  gives: { batch: 'batch' },
  params: z.strictObject({ name: z.string(), columns: Columns }),
  reaches: 'nothing',

  async perform({ read, write }, { name, columns: asked }) {
    const bytes = await read('source');
    const table = connectorFor(name).read(bytes, name);
    if (table.rows.length === 0) throw sourceEmpty({ source: name });
    const columns = { ...asked, id: asked.id ?? (table.columns.includes('id') ? 'id' : null) };
    checkColumns(table, columns, name);

    const prefix = shortOf(digestOf(bytes));
    const roles = { columns, features: featuresOf(table, columns), name, prefix };
    const rows = table.rows.map((row, index) => rowOf(row, index, roles));
    checkIds(rows, table.rows, name);
    await write('batch', encodeBatch({ input: inputOf(columns, roles.features), rows }));
  },
});

/** What people only denied: it names no label, but one that is not to be learned there. */
function isDenial({ cells }: SourceRow, { label }: Columns): boolean {
  return (cells[label] ?? '').trim() === '' && (cells['not'] ?? '').trim() !== '';
}

interface Roles {
  readonly columns: Columns;
  readonly features: readonly string[];
  readonly name: string;
  /** Begins the ids of rows that have none of their own. */
  readonly prefix: string;
}

function isText({ title, body }: Columns): boolean {
  return title !== null || body !== null;
}

function inputOf(columns: Columns, features: readonly string[]): InputKind {
  return isText(columns) ? { kind: 'text' } : { kind: 'dense', columns: [...features] };
}

function checkColumns(table: SourceTable, columns: Columns, source: string): void {
  const { features, ...single } = columns;
  for (const [role, column] of [
    ...Object.entries(single),
    ...(features ?? []).map((name) => ['features', name]),
  ]) {
    if (column === null || column === undefined || table.columns.includes(column)) continue;
    throw columnMissing({ source, column, role: role ?? '', columns: table.columns });
  }
  if (!isText(columns) && featuresOf(table, columns).length === 0) {
    throw columnMissing({ source, column: 'any other', role: 'features', columns: table.columns });
  }
}

function featuresOf(table: SourceTable, { features, ...single }: Columns): readonly string[] {
  const taken = new Set<string | null | undefined>(Object.values(single));
  return features ?? table.columns.filter((column) => !taken.has(column));
}

function rowOf(row: SourceRow, index: number, roles: Roles): Row {
  const { columns, name, prefix } = roles;
  const cell = (column: string | null): string => (column === null ? '' : (row.cells[column] ?? ''));
  const label = cell(columns.label).trim();
  const denied = isDenial(row, columns);
  if (label === '' && !denied) {
    throw sourceMisshapen({ source: name, line: row.line, wanted: 'a label', found: 'an empty cell' });
  }
  const id = columns.id === null ? `${prefix}:${index + 1}` : cell(columns.id).trim();
  if (id === '') {
    throw sourceMisshapen({ source: name, line: row.line, wanted: 'an id', found: 'an empty cell' });
  }
  const not = denied ? { not: (row.cells['not'] ?? '').trim().split('\n') } : {};
  const shared = { id, at: cell(columns.at), label, group: cell(columns.group), ...not };
  if (!isText(columns)) return { ...shared, input: numbersOf(row, roles) };
  const was = (row.cells['was'] ?? '').trim();
  const { project, association } = columns;
  const text = { title: cell(columns.title), body: cell(columns.body) };
  return {
    ...shared,
    ...(was === '' || was === label || denied ? {} : { was }),
    ...(association === undefined ? {} : { association: cell(association) }),
    input: project === undefined ? text : { ...text, project: cell(project) },
  };
}

function numbersOf({ cells, line }: SourceRow, { features, name }: Roles): readonly number[] {
  return features.map((column) => {
    const text = (cells[column] ?? '').trim();
    const value = text === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    const found = text === '' ? 'an empty cell' : `\`${text.slice(0, 40)}\``;
    throw sourceMisshapen({ source: name, line, wanted: `a number in \`${column}\``, found });
  });
}

function checkIds(rows: readonly Row[], read: readonly SourceRow[], source: string): void {
  const seen = new Map<string, number>();
  rows.forEach(({ id }, index) => {
    const line = read[index]?.line ?? 0;
    const before = seen.get(id);
    if (before !== undefined) {
      const found = `id \`${id}\` already on line ${before}`;
      throw sourceMisshapen({ source, line, wanted: 'an id once', found });
    }
    seen.set(id, line);
  });
}
