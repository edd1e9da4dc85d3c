import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import { tableIn, withoutRows } from '../../pipelines/retention/tables.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { csvOf, shelf, type Item } from './stored.ts';

function items(count: number, from = 0): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `issue-${from + index};`,
    author: `author-${(from + index) % 5};`,
    title: `title "${from + index}",\nof two lines`,
    label: index % 2 === 0 ? 'bug' : 'feature',
  }));
}

function replacementIn(done: { rewritten: readonly { removed: Digest; replacement: Digest | null }[] }) {
  return (digest: Digest): Digest => {
    const found = done.rewritten.find(({ removed }) => removed === digest);
    if (found === undefined) return digest;
    if (found.replacement === null) throw new Error(`nothing is left of ${digest}`);
    return found.replacement;
  };
}

describe('forgetting', () => {
  // The oracle is a plain filter over the items that were written, never what forgetting itself says.
  it('leaves the id in no stored byte, and every other row as it was', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'B', '"', ',', '\n', '\r\n', ' ', 'é', '😀'),
      maxLength: 6,
    });
    const asked = fc.record({
      words: fc.array(cell, { minLength: 8, maxLength: 24 }),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      gone: fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ words, lineEnd, gone }) => {
        const all = items(words.length).map((item, index) => ({
          ...item,
          title: `${words[index]}. ${index}`,
        }));
        const shelved = shelf();
        const first = await shelved.take(csvOf(all, lineEnd), null);
        const more = items(8, 100);
        const second = await shelved.take(csvOf(more, lineEnd), first.dataset);
        const before = new Map(
          await Promise.all(
            [...shelved.digests].map(async (one) => [one, await shelved.bytes(one)] as const),
          ),
        );

        const ids = gone.map((index) => `issue-${index};`);
        const done = await shelved.forget({ ids });
        const left = all.filter(({ id }) => !ids.includes(id));
        for (const digest of shelved.digests) {
          const text = Buffer.from(await shelved.bytes(digest)).toString();
          expect(ids.filter((id) => text.includes(id))).toEqual([]);
          // What was not concerned is the same bytes.
          const same = before.get(digest);
          if (same !== undefined) expect(Buffer.from(same).equals(await shelved.bytes(digest))).toBe(true);
        }
        const touched = all.some(({ id }) => ids.includes(id));
        expect(done.rewritten.length > 0).toBe(touched);
        const now = replacementIn(done);
        if (left.length === 0) return;
        expect(Buffer.from(await shelved.bytes(now(first.source))).toString()).toBe(csvOf(left, lineEnd));
        const rows = await shelved.rows(now(first.batch));
        expect(rows.map(({ id, label, input }) => ({ id, label, input }))).toEqual(
          left.map(({ id, label, title }) => ({ id, label, input: { title, body: '' } })),
        );
        expect(now(second.source)).toBe(second.source);
        expect(now(second.batch)).toBe(second.batch);
      }),
      { numRuns: 150 },
    );
  });

  it('takes the rows of a dataset out of both parts, and says whether any was trained on', async () => {
    const shelved = shelf();
    const first = await shelved.take(csvOf(items(20)), null);
    const second = await shelved.take(csvOf(items(20, 100)), first.dataset);
    const before = await shelved.idsIn(second.dataset);
    const held = await shelved.forget({ ids: ['issue-19;'] });
    expect(held.rewritten.filter(({ kind }) => kind === 'dataset')).toMatchObject([
      { rows: 1, trained: false },
      { rows: 1, trained: false },
    ]);
    const middle = replacementIn(held)(second.dataset);
    const taught = await shelved.forget({ ids: ['issue-3;'] });
    expect(taught.rewritten.filter(({ kind }) => kind === 'dataset').every(({ trained }) => trained)).toBe(
      true,
    );
    const after = await shelved.idsIn(replacementIn(taught)(middle));
    expect(after).toEqual(before.filter((id) => id !== 'issue-19;' && id !== 'issue-3;'));
  });

  it('keeps outcomes in step: each item keeps its own truth, answer and probabilities', async () => {
    const shelved = shelf();
    const { outcomes } = await shelved.take(csvOf(items(20)), null);
    const before = decodeOutcomes(await shelved.bytes(outcomes));
    const done = await shelved.forget({ ids: ['issue-17;'] });
    const after = decodeOutcomes(await shelved.bytes(replacementIn(done)(outcomes)));
    const place = before.ids.indexOf('issue-17;');
    const cut = <T>(list: readonly T[], width: number): T[] =>
      list.filter((_, index) => Math.floor(index / width) !== place);
    expect(after).toEqual({
      ...before,
      ids: cut(before.ids, 1),
      truth: cut(before.truth, 1),
      predicted: cut(before.predicted, 1),
      probabilities: cut(before.probabilities, 2),
    });
  });

  it('finds a person by a column that only the source has', async () => {
    const shelved = shelf();
    const { dataset } = await shelved.take(csvOf(items(20)), null);
    const done = await shelved.forget({ where: [{ column: 'author', value: 'author-2;' }] });
    expect(done.rewritten.map(({ kind, rows }) => `${kind} ${rows}`)).toEqual([
      'source 4',
      'batch 4',
      'dataset 4',
      'outcomes 1',
    ]);
    const theirs = items(20).filter(({ author }) => author === 'author-2;');
    const left = await shelved.idsIn(replacementIn(done)(dataset));
    expect(left.filter((id) => theirs.some((item) => item.id === id))).toEqual([]);
    expect(left).toHaveLength(16);
  });

  it('spares another model whose rows happen to have the same ids', async () => {
    const shelved = shelf();
    const other = ModelName.parse('other');
    await shelved.take(csvOf(items(20)), null);
    const renamed = items(20).map((item) => ({
      ...item,
      author: `x-${item.author}`,
      title: `x${item.title}`,
    }));
    const theirs = await shelved.take(csvOf(renamed), null, other);
    // The same ids on the same held-out places: the two models share one file of outcomes.
    const mine = (one: { removed: Digest }): boolean => Object.values(theirs).includes(one.removed);
    const byAuthor = await shelved.forget({ where: [{ column: 'author', value: 'author-1;' }] });
    expect(byAuthor.rewritten.filter(mine).map(({ kind }) => kind)).toEqual(['outcomes']);
    const byModel = await shelved.forget({ ids: ['issue-4;'], scope: new Set([other]) });
    expect(byModel.rewritten.filter(mine).map(({ kind }) => kind)).toEqual(['source', 'batch', 'dataset']);
    expect(byModel.rewritten.filter((one) => !mine(one)).map(({ kind }) => kind)).toEqual([]);
  });

  it('puts a dataset right that a run under way made of what was forgotten meanwhile', async () => {
    const shelved = shelf();
    const first = await shelved.take(csvOf(items(20)), null);
    const late = await shelved.take(csvOf(items(20, 100)), first.dataset);
    shelved.digests.delete(late.dataset);
    const done = await shelved.forget({ ids: ['issue-5;'] });
    shelved.digests.add(late.dataset);
    const gone = new Map(done.rewritten.map(({ removed, replacement }) => [removed, replacement]));
    const again = await shelved.forget({ gone });
    expect(again.rewritten.map(({ kind, rows }) => `${kind} ${rows}`)).toEqual(['dataset 1']);
    expect(await shelved.idsIn(replacementIn(again)(late.dataset))).not.toContain('issue-5;');
  });

  it('reads what was replaced before and not removed yet, but does not replace it again', async () => {
    const shelved = shelf();
    const taken = await shelved.take(csvOf(items(20)), null);
    const done = await shelved.forget({ ids: ['issue-5;'] });
    const gone = new Map(done.rewritten.map(({ removed, replacement }) => [removed, replacement]));
    // Cut off before it removed anything, and before the batch was on record: only its source still names authors.
    for (const digest of Object.values(taken)) shelved.digests.add(digest);
    shelved.digests.delete(replacementIn(done)(taken.source));
    gone.delete(taken.batch);
    const again = await shelved.forget({ gone, where: [{ column: 'author', value: 'author-0;' }] });
    expect(again.rewritten.filter(({ removed }) => gone.has(removed))).toEqual([]);
    // The item that went first was this person's too.
    expect(again.rewritten.map(({ kind, rows }) => `${kind} ${rows}`).sort()).toEqual([
      'batch 3',
      'batch 4',
      'dataset 3',
      'outcomes 1',
    ]);
  });

  it('leaves a dataset alone of which a batch is on another machine, and says so', async () => {
    const shelved = shelf();
    const { dataset, batch } = await shelved.take(csvOf(items(20)), null);
    const elsewhere = (await shelf().take(csvOf(items(4)), null)).batch;
    const done = await shelved.forget({ gone: new Map([[batch, elsewhere]]) });
    expect(done).toEqual({ rewritten: [], unread: [dataset] });
  });

  it('leaves nothing of a source that had nothing else', async () => {
    const shelved = shelf();
    await shelved.take(csvOf(items(8)), null);
    const done = await shelved.forget({ ids: items(8).map(({ id }) => id) });
    expect(done.rewritten.map(({ kind, replacement }) => [kind, replacement])).toEqual([
      ['source', null],
      ['batch', null],
      ['dataset', null],
      ['outcomes', null],
    ]);
    expect(shelved.digests.size).toBe(0);
  });
});

describe('a stored table', () => {
  const rowsIn = (bytes: Uint8Array) => tableIn(bytes)?.rows.map(({ cells }) => cells);
  const without = (bytes: Uint8Array, ...gone: number[]): Uint8Array => {
    const table = tableIn(bytes);
    if (table === null) throw new Error('no table');
    return withoutRows(bytes, table, new Set(gone)) ?? new Uint8Array();
  };

  it('keeps every other byte, also where it has blank lines, no last line end, or lines of JSON', () => {
    const csv = 'id,t\r\n1,"a\r\nb"\r\n2,\r\n3,"x, ""y"""';
    expect(Buffer.from(without(Buffer.from(csv), 1)).toString()).toBe('id,t\r\n1,"a\r\nb"\r\n3,"x, ""y"""');
    const lines = '{"id":1,"t":"a"}\n\n{"id":2}\n{"t":"c", "id":3}\n';
    expect(Buffer.from(without(Buffer.from(lines), 1)).toString()).toBe(
      '{"id":1,"t":"a"}\n\n{"t":"c", "id":3}\n',
    );
  });

  it('is packed again where it was packed', () => {
    const packed = without(gzipSync('id,t\n1,a\n2,b\n'), 0);
    expect(gunzipSync(packed).toString()).toBe('id,t\n2,b\n');
  });

  it('is written anew where its lines cannot be told apart, with the same cells', () => {
    // Old Macs ended lines with a carriage return alone; and where the first line ends in both, one alone ends none.
    for (const text of ['id,t\r1,a\r2,"b"\r3,c\r', 'id\r\n1\n2\r\n3\r\n4\r\n']) {
      const bytes = Buffer.from(text);
      const before = rowsIn(bytes) ?? [];
      expect(before).toHaveLength(3);
      expect(rowsIn(without(bytes, 1))).toEqual(before.filter((_, index) => index !== 1));
    }
  });
});
