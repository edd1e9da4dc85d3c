import { describe, expect, it } from 'vitest';
import { encodeBatch, type Row } from '../../pipelines/artifacts/batch.ts';
import {
  datasetOf,
  namesIn,
  namesNow,
  PART,
  rowsOf,
  type Dataset,
} from '../../pipelines/artifacts/dataset.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { Columns, ingest } from '../../pipelines/stages/ingest.ts';
import { memberOf } from '../../pipelines/stages/split.ts';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { evidenceFrom, pairedOf } from '../../pipelines/scores/evidence.ts';
import { verdictsOf } from '../../pipelines/gates/court.ts';
import { recorded } from '../gates/evidence.ts';
import { performStage } from '../conformance/stage.ts';

const TEXT = { kind: 'text' } as const;
const PARAMS = { holdout: 0.5, stratify: false, group: null };

function issue(id: string, label: string, more: Partial<Row> = {}): Row {
  return { id, at: '', label, group: '', input: { title: `Title of ${id}`, body: '' }, ...more };
}

/** A dataset of these batches, one after the other, as runs would make it. */
async function taken(...batches: readonly (readonly Row[])[]) {
  const store = memoryStore();
  let dataset: Dataset = datasetOf(TEXT, []);
  const load = (digest: Parameters<typeof store.get>[0]) => store.get(digest);
  for (const rows of batches) {
    const { digest } = await store.put('batch', encodeBatch({ input: TEXT, rows }));
    const before = {
      held: await rowsOf(dataset, PART.holdout, load),
      trained: await rowsOf(dataset, PART.train, load),
      names: await namesIn(dataset, load),
    };
    const members = memberOf({ rows, batch: digest, prior: dataset, before, params: PARAMS });
    dataset = datasetOf(TEXT, [...dataset.members, ...members]);
  }
  const rows = await rowsOf(dataset, [PART.train, PART.holdout, PART.denied], load);
  return { dataset, labels: Object.fromEntries(rows.map(({ id, label }) => [id, label])) };
}

const FIRST = ['a', 'b', 'c', 'd'].map((id, index) => issue(id, index % 2 === 0 ? 'bug' : 'feature'));

describe('a label that was renamed', () => {
  it('is called by its new name in every row that was taken in before, held out or not', async () => {
    const { labels } = await taken(FIRST, [issue('e', 'defect', { was: 'bug' }), issue('f', 'feature')]);
    expect(labels).toMatchObject({ a: 'defect', b: 'feature', c: 'defect', d: 'feature', e: 'defect' });
  });

  it('is followed from name to name, and a new label under the old name stays itself', async () => {
    const { labels, dataset } = await taken(
      FIRST,
      [issue('e', 'defect', { was: 'bug' }), issue('f', 'feature')],
      [issue('g', 'flaw', { was: 'defect' }), issue('h', 'bug'), issue('i', 'flaw')],
    );
    expect(labels).toMatchObject({ a: 'flaw', c: 'flaw', e: 'flaw', h: 'bug' });
    const nameOf = namesNow(dataset, new Set(Object.values(labels)));
    expect(['defect', 'feature', 'bug'].map(nameOf)).toEqual(['flaw', 'feature', 'bug']);
  });

  it('is no correction, and no rename where rows of the same batch still have the old name', async () => {
    const renamed = issue('a', 'defect', { was: 'bug' });
    const { dataset } = await taken(FIRST, [renamed, issue('x', 'feature')]);
    expect(dataset.members[1]?.parts[0]).not.toBe(PART.holdout);
    const { labels } = await taken(FIRST, [issue('e', 'defect', { was: 'bug' }), issue('f', 'bug')]);
    expect(labels).toMatchObject({ a: 'bug', e: 'defect' });
    expect((await taken(FIRST.map((row) => ({ ...row, was: 'old' })))).dataset.members[0]).not.toHaveProperty(
      'renamings',
    );
  });

  it('has a name that no label had beside it: two labels are never told to be one', async () => {
    const joined = await taken(FIRST, [issue('e', 'feature', { was: 'bug' }), issue('f', 'feature')]);
    expect(joined.labels).toMatchObject({ a: 'bug', b: 'feature', c: 'bug', d: 'feature' });
    const both = [issue('e', 'defect', { was: 'bug' }), issue('f', 'defect', { was: 'feature' })];
    expect((await taken(FIRST, [...both, issue('g', 'defect', { was: 'bug' })])).labels).toMatchObject({
      a: 'defect',
      b: 'feature',
    });
    const later = await taken(FIRST, both.slice(0, 1), both.slice(1));
    expect(later.labels).toMatchObject({ a: 'defect', b: 'feature' });
  });

  it('is followed back to a name that it had before', async () => {
    const there = [issue('e', 'defect', { was: 'bug' }), issue('f', 'feature')];
    const { labels } = await taken(FIRST, there, [issue('g', 'bug', { was: 'defect' })]);
    expect(labels).toMatchObject({ a: 'bug', b: 'feature', e: 'bug', g: 'bug' });
  });

  it('is followed though its new name was seen before the old one was told', async () => {
    const { labels } = await taken(
      FIRST,
      [issue('e', 'defect'), issue('f', 'feature')],
      [issue('g', 'defect', { was: 'bug' }), issue('h', 'feature')],
    );
    expect(labels).toMatchObject({ a: 'defect', b: 'feature', e: 'defect', g: 'defect' });
  });

  it('comes with its old name from a source', async () => {
    const source = Buffer.from('id,title,label,was\na,A,defect,bug\nb,B,feature,\nc,C,feature,feature\n');
    const { batch } = await performStage({
      stage: ingest,
      params: { name: 'issues.csv', columns: Columns.parse({ title: 'title' }) },
      prepare: async (store) => ({ source: await store.put('source', source) }),
    });
    const { rows } = decodeBatch(batch ?? new Uint8Array());
    expect(rows.map(({ label, was }) => [label, was])).toEqual([
      ['defect', 'bug'],
      ['feature', undefined],
      ['feature', undefined],
    ]);
  });
});

describe('a court after every label was renamed', () => {
  const names = new Map([
    ['bug', 'defect'],
    ['feature', 'wish'],
  ]);
  const items = (labels: readonly string[]) =>
    Array.from({ length: 400 }, (_, index) => ({
      id: String(index),
      truth: index % 2 === 0 ? 'defect' : 'wish',
      probabilities: labels.map((_label, place) => (place === index % 2 ? 0.9 : 0.1)),
    }));
  const answered = (labels: readonly string[]) => outcomesOf(items(labels), labels);

  it('finds two versions alike that say the same by other names, and not by the names alone', () => {
    const judge = (champion: readonly string[]) => {
      const found = recorded({
        candidate: answered(['defect', 'wish']),
        champion: { version: '1.0.0', outcomes: answered(champion) },
      });
      return verdictsOf({ 'no-regression': {} }, evidenceFrom({ ...found }))[0];
    };
    const old = ['bug', 'feature'];
    expect(judge(old)?.reason).toContain('400 won, 0 lost');
    expect(judge(old.map((label) => names.get(label) ?? label))?.reason).toContain('0 won, 0 lost');
  });

  // 0.3 + 0.3 of the two that are one label now are more than the 0.4 of the other.
  it('adds up what a model gives to two labels that became one', () => {
    const merged = outcomesOf(
      [{ id: '1', truth: 'defect', probabilities: [0.3, 0.4, 0.3] }],
      ['defect', 'wish', 'defect'],
    );
    expect(merged).toMatchObject({ labels: ['defect', 'wish'], predicted: [0], probabilities: [0.6, 0.4] });
    expect(pairedOf(merged, merged).labels).toEqual(['defect', 'wish']);
  });
});
