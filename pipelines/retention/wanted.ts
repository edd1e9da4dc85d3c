/** Which rows are to be forgotten, and in which bytes: an id names a row only among those of its own models. */
import type { Digest } from '../../registry/base/digest.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { Row } from '../artifacts/batch.ts';
import type { Table } from './tables.ts';

export interface Cell {
  readonly column: string;
  readonly value: string;
}

/** Which models an id is spoken of in; null: all. Bytes that nobody knows the maker of are always included. */
export type Scope = ReadonlySet<ModelName> | null;

export type Makers = (digest: Digest) => ReadonlySet<ModelName>;

export interface Wanted {
  /** Another place where rows of this id lie. */
  add(id: string, scope: Scope): void;
  has(id: string, makers: ReadonlySet<ModelName>): boolean;
}

export function wantedRows(ids: readonly string[], scope: Scope): Wanted {
  const scopes = new Map<string, Scope[]>(ids.map((id) => [id, [scope]]));
  return {
    add: (id, other) => void scopes.set(id, [...(scopes.get(id) ?? []), other]),
    has: (id, makers) => (scopes.get(id) ?? []).some((one) => covers(one, makers)),
  };
}

export function covers(scope: Scope, makers: ReadonlySet<ModelName>): boolean {
  return scope === null || makers.size === 0 || [...makers].some((maker) => scope.has(maker));
}

/** Indexes of the rows in which one of the cells stands. */
export function rowsWith({ rows }: Table, where: readonly Cell[]): ReadonlySet<number> {
  const found = new Set<number>();
  rows.forEach(({ cells }, index) => {
    if (where.some(({ column, value }) => cells[column]?.trim() === value)) found.add(index);
  });
  return found;
}

/** Of a batch whose source is not here only these words are known. */
export function isRowWith(row: Row, { column, value }: Cell): boolean {
  const words: Readonly<Record<string, string | undefined>> = {
    id: row.id,
    label: row.label,
    group: row.group,
    at: row.at,
    ...('title' in row.input ? row.input : {}),
  };
  return words[column]?.trim() === value;
}

/** Whether the batch was made of the table: row by row, each of its words stands in a cell. */
export function isMadeOf(rows: readonly Row[], table: Table): boolean {
  return (
    rows.length === table.rows.length && rows.every((row, index) => isRowOf(row, table.rows[index]?.cells))
  );
}

/** Rows that had no id of their own got one from their place. */
const PLACED = /^[0-9a-f]{12}:\d+$/;

function isRowOf(row: Row, cells: Readonly<Record<string, string>> | undefined): boolean {
  if (cells === undefined) return false;
  const words = Object.values(cells);
  const trimmed = new Set(words.map((word) => word.trim()));
  const { id, label, at, group, input } = row;
  if (!trimmed.has(label) || !(PLACED.test(id) || trimmed.has(id))) return false;
  const texts = 'title' in input ? [at, group, input.title, input.body] : [at, group];
  if (!texts.every((text) => text === '' || words.includes(text))) return false;
  if ('title' in input) return true;
  const numbers = new Set([...trimmed].filter((word) => word !== '').map(Number));
  return input.every((value) => numbers.has(value));
}
