/** The port for sources that grow elsewhere: what is new since a cursor, in rows that the connectors read as a file. */

export interface Pull {
  /** What the pull before gave; null begins at the beginning. */
  readonly cursor: string | null;
  /** Labels that rows were already taken in with, by id; what did not change is not asked for again. */
  readonly known: ReadonlyMap<string, string>;
}

export interface Pulled {
  /** Each row in the order in which it came to be, with the same columns; empty cells where nothing is known. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Where the next pull goes on; never later than what was read whole. */
  readonly cursor: string | null;
  /** False where the budget ended before the source did. */
  readonly done: boolean;
  /** Rows that one account made so fast that they are left out. */
  readonly quarantined: number;
}

export interface Feed {
  readonly name: string;
  /** Pulling again from the same cursor gives at least the same rows; a row that is given twice is the same twice. */
  pull(asked: Pull): Promise<Pulled>;
}

/** Bytes of a source that `jsonl-file` reads; the same rows give the same bytes. */
export function sourceOf(rows: Pulled['rows']): Uint8Array {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
