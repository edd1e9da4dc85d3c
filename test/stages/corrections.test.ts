import { describe, expect, it } from 'vitest';
import { encodeBatch, type Row } from '../../pipelines/artifacts/batch.ts';
import { datasetOf, PART } from '../../pipelines/artifacts/dataset.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { Columns, ingest } from '../../pipelines/stages/ingest.ts';
import { issuesFrom } from '../../pipelines/stages/issues-from.ts';
import { memberOf } from '../../pipelines/stages/split.ts';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { performStage } from '../conformance/stage.ts';

const TEXT = { kind: 'text' } as const;

function issue(id: string, label: string, at: string): Row {
  return { id, at, label, group: '', input: { title: `Title of ${id}`, body: '' } };
}

describe('a correction of an issue that was learned', () => {
  const first = ['a', 'b', 'c', 'd'].map((id, index) => issue(id, index % 2 === 0 ? 'x' : 'y', `0${index}`));
  const corrected = issue('a', 'y', '08');

  it('is trained on, never held out, and takes the place of what was wrong', async () => {
    const store = memoryStore();
    const put = async (rows: readonly Row[]) =>
      (await store.put('batch', encodeBatch({ input: TEXT, rows }))).digest;
    const [one, two] = [await put(first), await put([corrected])];
    const params = { holdout: 0.9, stratify: false, group: null };
    const member = {
      batch: one,
      parts: 'tttt',
      contents: first.map(({ id }) => id),
      ids: first.map(({ id }) => id),
    };
    const prior = datasetOf(TEXT, [member]);
    const before = { held: [], trained: first };
    const [next] = memberOf({ rows: [corrected], batch: two, prior, before, params });
    expect(next?.parts).toBe('t');
    const dataset = datasetOf(TEXT, [member, ...(next === undefined ? [] : [next])]);
    const { rows } = await issuesFrom(dataset, [PART.train], (digest) => store.get(digest));
    expect(rows.map(({ id, label }) => `${id}${label}`)).toEqual(['ay', 'by', 'cx', 'dy']);
  });
});

describe('a row that only denies a label', () => {
  it('is kept with what it denies, for those who learn from that', async () => {
    const columns = Columns.parse({ title: 'title', id: 'id' });
    const rows = [
      { id: 'a', label: 'bug', not: '', title: 'A' },
      { id: 'b', label: '', not: 'bug', title: 'B' },
    ];
    const source = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { batch } = await performStage({
      stage: ingest,
      params: { name: 'issues.jsonl', columns },
      prepare: async (store) => ({ source: await store.put('source', source) }),
    });
    const kept = decodeBatch(batch ?? new Uint8Array()).rows;
    expect(kept.map(({ id, label, not }) => ({ id, label, not }))).toEqual([
      { id: 'a', label: 'bug', not: undefined },
      { id: 'b', label: '', not: ['bug'] },
    ]);
  });

  it('is neither held out nor trained on as a label, and left out where its text is held out', () => {
    const params = { holdout: 0.5, stratify: false, group: null };
    const [one, two] = [issue('a', 'x', '01'), issue('b', 'x', '02')];
    const denied = { ...issue('c', '', '03'), not: ['x'] };
    const copied = { ...issue('d', '', '04'), not: ['x'], input: two.input };
    const batch = digestOf(Buffer.from('batch'));
    const [member] = memberOf({
      rows: [one, two, denied, copied],
      batch,
      prior: datasetOf(TEXT, []),
      before: { held: [], trained: [] },
      params,
    });
    expect(member?.parts).toBe('thd-');
  });

  it('reaches the batch learner as that, in place of what the issue was given before', async () => {
    const store = memoryStore();
    const given = ['a', 'b', 'c'].map((id, index) => issue(id, index % 2 === 0 ? 'x' : 'y', `0${index}`));
    const taken = [
      { ...issue('a', '', '05'), not: ['x'] },
      { ...issue('n', '', '06'), not: ['y'] },
    ];
    const kept = async (rows: readonly Row[], parts: string) => ({
      batch: (await store.put('batch', encodeBatch({ input: TEXT, rows }))).digest,
      parts,
      contents: rows.map(({ id }) => id),
      ids: rows.map(({ id }) => id),
    });
    const members = [await kept(given, 'ttt'), await kept(taken, 'dd')];
    const load = (digest: Parameters<typeof store.get>[0]) => store.get(digest);
    const found = await issuesFrom(datasetOf(TEXT, members), [PART.train], load);
    expect(found.rows.map(({ id, label }) => `${id}${label}`)).toEqual(['by', 'cx']);
    expect(found.denied.map(({ issue: { title }, denied }) => [title, denied])).toEqual([
      ['Title of a', ['x']],
      ['Title of n', ['y']],
    ]);
  });
});
