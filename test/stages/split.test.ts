import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { datasetOf, type Dataset } from '../../pipelines/artifacts/dataset.ts';
import { groupMissing, nothingToHoldOut } from '../../pipelines/faults.ts';
import { memberOf, type SplitAsk } from '../../pipelines/stages/split.ts';
import { digestOf } from '../../registry/base/digest.ts';

const INPUT = { kind: 'dense' as const, columns: ['x'] };
const EMPTY = datasetOf(INPUT, []);
const PARAMS = { holdout: 0.25, stratify: false, group: null };

function row(index: number, changes: Partial<Row> = {}): Row {
  const at = String(index).padStart(4, '0');
  return {
    id: `row-${index}`,
    at,
    label: index % 2 === 0 ? 'even' : 'odd',
    group: '',
    input: [index],
    ...changes,
  };
}

function rows(count: number, from = 0): readonly Row[] {
  return Array.from({ length: count }, (_, index) => row(from + index));
}

function partsOf(given: readonly Row[], prior: Dataset = EMPTY, params: SplitAsk['params'] = PARAMS): string {
  return (
    memberOf({ rows: given, batch: digestOf(JSON.stringify(given)), prior, before: null, params })[0]
      ?.parts ?? ''
  );
}

function grown(...batches: (readonly Row[])[]): Dataset {
  return batches.reduce((prior: Dataset, given) => {
    const members = memberOf({
      rows: given,
      batch: digestOf(JSON.stringify(given)),
      prior,
      before: null,
      params: PARAMS,
    });
    return datasetOf(INPUT, [...prior.members, ...members]);
  }, EMPTY);
}

describe('split', () => {
  it('holds out the newest quarter by time, wherever it stands in the file', () => {
    const shuffled = [row(7), row(0), row(3), row(6), row(1), row(2), row(5), row(4)];
    expect(partsOf(shuffled)).toBe('htthtttt');
  });

  it('takes row order for time where there are no times', () => {
    expect(partsOf(rows(8).map((one) => ({ ...one, at: '' })))).toBe('tttttthh');
  });

  it('holds out the newest of every label when asked, where labels come in seasons', () => {
    const seasons = rows(8).map((one, index) => ({ ...one, label: index < 4 ? 'early' : 'late' }));
    expect(partsOf(seasons)).toBe('tttttthh');
    expect(partsOf(seasons, EMPTY, { ...PARAMS, stratify: true })).toBe('ttthttth');
  });

  it('trains on a label that is only among the newest, since nothing could learn it else', () => {
    const given = rows(8).map((one, index) => ({ ...one, label: index === 7 ? 'new' : one.label }));
    expect(partsOf(given)).toBe('tttttt' + 'h' + 't');
  });

  // The leak that flatters most: the very item of the test, copied into the training data.
  it('leaves out a training row whose content is held out, in the same batch or a later one', () => {
    const first = rows(8);
    expect(partsOf([...first.slice(0, 7), row(7, { input: [0] })])).toBe('-ttttthh');
    const second = [row(100, { input: [7] }), ...rows(7, 101)];
    expect(partsOf(second, grown(first))).toBe('-ttttthh');
  });

  it('leaves out a row that comes again under a held-out id with other content', () => {
    expect(partsOf([row(7, { input: [999] }), ...rows(7, 100)], grown(rows(8)))[0]).toBe('-');
  });

  it('does not hold out what was trained on before', () => {
    const given = [...rows(7, 100), row(200, { input: [0] })];
    expect(partsOf(given, grown(rows(8))).at(-1)).toBe('-');
  });

  it('adds nothing when the dataset holds the batch already', () => {
    const given = rows(8);
    const prior = grown(given);
    const again = memberOf({
      rows: given,
      batch: digestOf(JSON.stringify(given)),
      prior,
      before: null,
      params: PARAMS,
    });
    expect(again).toEqual([]);
  });

  it('takes only the rows of its group, and refuses a group that is not there', () => {
    const given = rows(16).map((one, index) => ({ ...one, group: index < 8 ? 'a' : 'b' }));
    expect(partsOf(given, EMPTY, { ...PARAMS, group: 'b' })).toBe('--------tttttthh');
    expect(() => partsOf(given, EMPTY, { ...PARAMS, group: 'c' })).toThrowFault(groupMissing);
  });

  it('refuses a first batch too small to have both parts', () => {
    expect(() => partsOf(rows(1))).toThrowFault(nothingToHoldOut);
  });

  it('never trains on a copy of anything held out, whatever comes in whatever order', () => {
    const anyRow = fc.record({
      id: fc.nat(30),
      value: fc.nat(12),
      label: fc.constantFrom('a', 'b'),
      at: fc.nat(50),
    });
    const anyBatches = fc.array(
      fc.uniqueArray(anyRow, { minLength: 4, maxLength: 15, selector: (one) => one.id }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const given = batches.map((batch) =>
          batch.map(({ id, value, label, at }) => ({ ...row(id), label, at: String(at), input: [value] })),
        );
        let dataset: Dataset;
        try {
          dataset = grown(...given);
        } catch {
          return;
        }
        const marks = (part: string) =>
          new Set(
            dataset.members.flatMap((member) =>
              [...member.parts].flatMap((one, index) =>
                one === part ? [member.contents[index] ?? '', member.ids[index] ?? ''] : [],
              ),
            ),
          );
        const held = marks('h');
        expect([...marks('t')].filter((mark) => held.has(mark))).toEqual([]);
      }),
    );
  });
});

describe('split, of texts', () => {
  const TEXT = { kind: 'text' as const };
  // In letters alone: digits do not tell a template's lines apart.
  const lettered = (number: number) =>
    [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const words = (from: number) =>
    Array.from({ length: 30 }, (_, index) => lettered(1000 + from * 100 + index)).join(' ');
  const issue = (index: number, body = words(index)): Row =>
    row(index, { input: { title: 'A title', body } });
  const split = (given: readonly Row[], before: SplitAsk['before']) =>
    memberOf({
      rows: given,
      batch: digestOf(JSON.stringify(given)),
      prior: datasetOf(TEXT, []),
      before,
      params: PARAMS,
    })[0]?.parts;

  it('does not train on what was held out, re-posted with a word changed', () => {
    const copy = issue(0, `${words(7)} changed`);
    const given = [copy, ...Array.from({ length: 7 }, (_, index) => issue(index + 1))];
    expect(split(given, { held: [], trained: [] })).toBe('-ttttthh');
  });

  it('does not hold out what is nearly something trained on before', () => {
    const given = Array.from({ length: 8 }, (_, index) => issue(index));
    expect(split(given, { held: [], trained: [issue(7, `also ${words(7)}`)] })).toBe('tttttth-');
  });

  it('does not take two issues for copies because they fill in the same form', () => {
    const form = Array.from(
      { length: 12 },
      (_, line) => `### Please tell us about the part ${'abcdefghijkl'[line]}`,
    );
    const filled = (index: number) => issue(index, `${form.join('\n')}\n${words(index)}`);
    const given = Array.from({ length: 8 }, (_, index) => filled(index));
    expect(split(given, { held: [], trained: [filled(70)] })).toBe('tttttthh');
  });
});
