import { describe, expect, it } from 'vitest';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { coverageOf, slicedScores, slicesOf } from '../../pipelines/scores/slices.ts';

function row(id: string, body: string, changes: Partial<Row> = {}): Row {
  return { id, at: '', label: 'a', group: '', input: { title: '', body, project: 'p' }, ...changes };
}

describe('slicesOf', () => {
  it('tells author, length, language and template where the columns are there', () => {
    const form = '### What happened\nIt is not on the list of the things\n### Version\n1.2';
    expect(slicesOf(row('1', form, { association: 'MEMBER' }))).toEqual({
      project: 'p',
      author: 'member',
      length: 'short',
      language: 'english',
      template: 'followed',
    });
    expect(slicesOf(row('2', '程序崩溃了'))).toMatchObject({ language: 'other script', template: 'none' });
    expect(slicesOf(row('3', ''))).toMatchObject({ length: 'empty', language: 'none' });
    expect(slicesOf(row('4', 'Programm stürzt ab, sobald man speichert'))).toMatchObject({
      language: 'other latin',
    });
  });

  it('tells nothing of numbers but their group', () => {
    expect(slicesOf({ ...row('1', ''), input: [1], group: 'g' })).toEqual({ group: 'g' });
    expect(slicesOf({ ...row('1', ''), input: [1] })).toEqual({});
  });
});

/** Thirty items of `one`, all right; thirty of `two`, of which twenty are right; five of `three`. */
const ROWS = Array.from({ length: 65 }, (_, index) =>
  row(`i${index}`, 'x', {
    input: { title: '', body: 'x', project: index < 30 ? 'one' : index < 60 ? 'two' : 'three' },
  }),
);
const OUTCOMES = outcomesOf(
  ROWS.map(({ id }, index) => {
    const truth = index % 2 === 0 ? 'a' : 'b';
    const wrong = index >= 30 && index < 60 && index % 3 === 0;
    const sure = wrong ? 0.6 : 0.9;
    const saysA = (truth === 'a') !== wrong;
    return { id, truth, probabilities: saysA ? [sure, 1 - sure] : [1 - sure, sure] };
  }),
  ['a', 'b'],
);

describe('slicedScores', () => {
  it('scores each slice by itself, by hand, and leaves out those of a few items', () => {
    const projects = slicedScores(OUTCOMES, ROWS).filter(({ by }) => by === 'project');
    expect(projects.map(({ value, n, accuracy }) => [value, n, accuracy])).toEqual([
      ['one', 30, 1],
      ['two', 30, 20 / 30],
    ]);
    // All of `one` at confidence 0.9 and right: off by 0.1.
    expect(projects[0]?.ece).toBeCloseTo(0.1, 9);
    expect(projects[1]!.low).toBeLessThan(projects[1]!.macroF1);
    expect(projects[1]!.high).toBeGreaterThan(projects[1]!.macroF1);
  });

  it('has no slice of items whose rows are gone', () => {
    expect(slicedScores(OUTCOMES, [])).toEqual([]);
  });
});

describe('coverageOf', () => {
  it('answers the surest first, by hand: 55 right ones at 0.9, then 10 wrong ones at 0.6', () => {
    const [half, all] = coverageOf(OUTCOMES, [0.5, 1]);
    expect(half).toEqual({ coverage: 0.5, accuracy: 1, threshold: 0.9 });
    expect(all?.accuracy).toBeCloseTo(55 / 65, 9);
    expect(all?.threshold).toBe(0.6);
  });
});
