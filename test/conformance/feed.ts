/** What every feed promises, whatever it reads. */
import { describe, expect, it } from 'vitest';
import { sourceOf, type Feed } from '../../pipelines/connectors/feed.ts';
import { jsonlFile } from '../../pipelines/connectors/jsonl-file.ts';

export interface FeedCase {
  readonly name: string;
  /** A world with at least four rows, made at moments that differ; the feed makes at most so many calls a pull. */
  open(callsMost?: number): Promise<Feed>;
}

const FROM_START = { cursor: null, known: new Map() } as const;

export function describeFeed({ name, open }: FeedCase): void {
  describe(`${name}, as any feed`, () => {
    it('gives rows with an id each, all with the same columns, which a connector reads', async () => {
      const { rows, done } = await (await open()).pull(FROM_START);
      expect(done).toBe(true);
      expect(rows.length).toBeGreaterThan(3);
      const table = jsonlFile.read(sourceOf(rows), `${name}.jsonl`);
      expect(table.rows.map(({ cells }) => cells)).toEqual(rows);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      expect(new Set(rows.map((row) => Object.keys(row).join())).size).toBe(1);
    });

    it('gives the same bytes when it is pulled twice', async () => {
      const feed = await open();
      const [one, two] = [await feed.pull(FROM_START), await feed.pull(FROM_START)];
      expect(Buffer.from(sourceOf(two.rows))).toEqual(Buffer.from(sourceOf(one.rows)));
      expect(two.cursor).toBe(one.cursor);
    });

    it('goes on from its cursor whatever the budget, and in the end has given every row', async () => {
      const whole = await (await open()).pull(FROM_START);
      const tired = await open(1);
      const given = new Map<string | undefined, unknown>();
      let [cursor, pulls, done]: [string | null, number, boolean] = [null, 0, false];
      while (!done && pulls++ < 50) {
        const pulled = await tired.pull({ cursor, known: new Map() });
        for (const row of pulled.rows) given.set(row['id'], row);
        if (!pulled.done) expect(pulled.cursor).not.toBe(cursor);
        [cursor, done] = [pulled.cursor, pulled.done];
      }
      expect(pulls).toBeGreaterThan(1);
      expect([...given.values()]).toEqual(whole.rows);
      expect(cursor).toBe(whole.cursor);
    });
  });
}
