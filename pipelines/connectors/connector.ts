/** The port of this room: bytes from outside -> rows of named cells. What a row means is the ingest stage's matter. */

export interface SourceRow {
  /** 1-based line of the source where the row begins, for messages. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface SourceTable {
  readonly columns: readonly string[];
  readonly rows: readonly SourceRow[];
}

export interface Connector {
  readonly name: string;
  /** File endings it reads, with the dot. */
  readonly endings: readonly string[];
  /** @param name  of the source, for messages; @throws sourceMisshapen, sourceEmpty */
  read(bytes: Uint8Array, name: string): SourceTable;
}

/** No cell may be longer: 1 MiB, four times what the longest issue body on GitHub takes in UTF-8. */
export const CELL_MOST = 1 << 20;
