/** Rows -> a SQLite file, by the SQLite that Node has built in. */
import { DatabaseSync } from 'node:sqlite';
import { SCHEMA } from './sqlite-schema.ts';
import type { Tables } from './sqlite-rows.ts';

/** @param file  must not be there yet; it is whole when this returns, but not yet flushed to the disk */
export function writeSqlite(file: string, tables: Tables): void {
  // A log may speak of versions that it never registered, and its export still tells what it says.
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    // A file that nobody else sees yet needs no journal to come back from.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;');
    database.exec(SCHEMA);
    for (const [table, rows] of tables) {
      const width = rows[0]?.length;
      if (width === undefined) continue;
      const insert = database.prepare(`INSERT INTO ${table} VALUES (${Array(width).fill('?').join(', ')})`);
      for (const row of rows) insert.run(...row);
    }
    database.exec('COMMIT; PRAGMA optimize;');
  } finally {
    database.close();
  }
}
