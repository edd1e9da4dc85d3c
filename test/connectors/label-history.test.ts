import { describe, expect, it } from 'vitest';
import { bodyAt, judgementOf, titleAt, type LabelDeed } from '../../pipelines/connectors/label-history.ts';

const FAMILY = new Set(['bug', 'feature', 'defect']);

/** `+bug ada` at minute 0, `-bug ada` at minute 1, and so on; `fettle` is a machine. */
function deeds(...words: readonly string[]): readonly LabelDeed[] {
  return words.map((word, minute) => {
    const [what = '', by = ''] = word.split(' ');
    return {
      kind: what.startsWith('+') ? 'labeled' : 'unlabeled',
      label: what.slice(1),
      at: `2026-01-01T00:0${minute}:00Z`,
      human: by !== 'fettle',
      by,
    };
  });
}

const judged = (now: readonly string[], ...words: readonly string[]) =>
  judgementOf({ deeds: deeds(...words), renamings: [] }, now, FAMILY);

describe('what people did with labels', () => {
  it('is the last label that a person gave and that still stands', () => {
    const { given, removed } = judged(['bug', 'feature'], '+bug ada', '+feature grace');
    expect(given).toEqual({ label: 'feature', at: '2026-01-01T00:01:00Z', by: 'grace' });
    expect(removed).toEqual([]);
    expect(judged([], '+bug ada', '-bug ada').given).toBeNull();
  });

  it('is nothing where a machine gave the label', () => {
    expect(judged(['bug'], '+bug fettle')).toMatchObject({ given: null, denied: [], removed: [] });
  });

  it('is a no where a person took away what a machine gave, and stays one though the machine insists', () => {
    expect(judged([], '+bug fettle', '-bug ada')).toMatchObject({
      given: null,
      denied: [{ label: 'bug', by: 'ada' }],
      removed: ['bug'],
    });
    expect(judged(['bug'], '+bug fettle', '-bug ada', '+bug fettle').denied).toHaveLength(1);
  });

  it('is a correction where the person gave another label instead', () => {
    const { given, denied } = judged(['feature'], '+bug fettle', '-bug ada', '+feature ada');
    expect([given?.label, denied[0]?.label]).toEqual(['feature', 'bug']);
  });

  it('is a yes again where a person gives back what a person took away', () => {
    const { given, denied, removed } = judged(['bug'], '+bug fettle', '-bug ada', '+bug grace');
    expect([given?.label, denied, removed]).toEqual(['bug', [], []]);
  });

  it('follows a label that was renamed, and forgets one that was deleted', () => {
    expect(judged(['defect'], '+bug ada').given).toMatchObject({ label: 'defect', was: 'bug' });
    expect(judged([], '+bug ada').given).toBeNull();
  });

  it('leaves out labels of other families', () => {
    expect(judged(['wontfix'], '+wontfix ada').given).toBeNull();
  });

  it('is a quarrel where a label was given and taken again and again', () => {
    expect(judged(['bug'], '+bug ada', '-bug rita', '+bug ada').disputed).toBe(false);
    expect(judged([], '+bug ada', '-bug rita', '+bug ada', '-bug rita').disputed).toBe(true);
  });
});

describe('the text as it was when it was labelled', () => {
  const renamings = [
    { at: '2026-01-02', from: 'first' },
    { at: '2026-01-04', from: 'second' },
  ];

  it('has the title that the next renaming ended', () => {
    const titles = ['2026-01-01', '2026-01-03', '2026-01-05'].map((at) =>
      titleAt('third', { deeds: [], renamings }, at),
    );
    expect(titles).toEqual(['first', 'second', 'third']);
  });

  it('has the body after the last edit before it', () => {
    const edits = [
      { at: '2026-01-01', text: 'one' },
      { at: '2026-01-03', text: 'two' },
    ];
    expect(['2025-12-31', '2026-01-02', '2026-01-03'].map((at) => bodyAt('now', edits, at))).toEqual([
      'one',
      'one',
      'two',
    ]);
    expect(bodyAt('never edited', [], '2026-01-01')).toBe('never edited');
  });
});
