import { describe, expect, it } from 'vitest';
import { encodeBatch, type Row } from '../../pipelines/artifacts/batch.ts';
import { type Checkpoints, memoryCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { datasetOf, encodeDataset, PART } from '../../pipelines/artifacts/dataset.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { memberOf } from '../../pipelines/stages/split.ts';
import { streamTriage } from '../../pipelines/stages/stream-triage.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { type Outputs, performStage } from '../conformance/stage.ts';

const TEXT = { kind: 'text' } as const;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

function issue(index: number, more: Partial<Row> = {}): Row {
  const word = index % 2 === 0 ? 'crash' : 'allow';
  const own = (LETTERS[index % 26] ?? '').repeat(2 + (index % 7));
  const input = {
    title: `${word} ${own}`,
    body: `${word} of ${own}\nPlease read the rules first`,
    project: 'one',
  };
  return { id: `i${index}`, at: '', group: '', label: index % 2 === 0 ? 'bug' : 'feature', input, ...more };
}

const issues = (from: number, to: number): readonly Row[] =>
  Array.from({ length: to - from }, (_, index) => issue(from + index));

interface Turn {
  readonly batches: readonly (readonly Row[])[];
  /** Batches of which the bytes are not there: whoever needs them fails. */
  readonly without?: number;
  readonly checkpoints?: Checkpoints;
}

/** All rows are learned from. */
function turn({ batches, without = 0, checkpoints }: Turn): Promise<Outputs> {
  return performStage({
    stage: streamTriage,
    params: { learner: TriageParams.parse({}) },
    ...(checkpoints === undefined ? {} : { checkpoints }),
    prepare: async (store) => {
      const members = [];
      for (const [index, rows] of batches.entries()) {
        const bytes = encodeBatch({ input: TEXT, rows });
        if (index >= without) await store.put('batch', bytes);
        const parts = rows.map(({ label }) => (label === '' ? PART.denied : PART.train)).join('');
        members.push({
          batch: digestOf(bytes),
          parts,
          contents: rows.map(() => ''),
          ids: rows.map(() => ''),
        });
      }
      return { dataset: await store.put('dataset', encodeDataset(datasetOf(TEXT, members))) };
    },
  });
}

describe('stream-triage', () => {
  it('goes on where it was left, and ends where it would have ended', async () => {
    const batches = [
      issues(0, 1010),
      [issue(3, { label: 'bug' }), ...issues(1010, 1040)],
      [issue(4, { label: '', not: ['bug'] }), issue(2000, { label: 'question' }), ...issues(1040, 1060)],
    ];
    const whole = await turn({ batches });
    const checkpoints = memoryCheckpoints();
    await turn({ batches: batches.slice(0, 1), checkpoints });
    await turn({ batches: batches.slice(0, 2), checkpoints, without: 1 });
    const last = await turn({ batches, checkpoints, without: 2 });
    expect(last).toEqual(whole);
    // Nothing is left to be heard: what came before is enough.
    expect(await turn({ batches, checkpoints, without: 3 })).toEqual(whole);
    // Over the last two alone, what was left under the first is found.
    const skipping = memoryCheckpoints();
    await turn({ batches: batches.slice(0, 1), checkpoints: skipping });
    expect(await turn({ batches, checkpoints: skipping, without: 1 })).toEqual(whole);
  }, 60_000);

  it('begins anew where what came before is not what it was', async () => {
    const checkpoints = memoryCheckpoints();
    await turn({ batches: [issues(0, 1010)], checkpoints });
    const batches = [issues(0, 1009), issues(1009, 1020)];
    await expect(turn({ batches, checkpoints, without: 1 })).rejects.toThrow();
    expect(await turn({ batches, checkpoints })).toEqual(await turn({ batches }));
  }, 60_000);

  it('leaves nothing before it knows the lines of templates', async () => {
    const checkpoints = memoryCheckpoints();
    await turn({ batches: [issues(0, 60)], checkpoints });
    const batches = [issues(0, 60), issues(60, 80)];
    expect(await turn({ batches, checkpoints })).toEqual(await turn({ batches }));
    await expect(turn({ batches, checkpoints, without: 1 })).rejects.toThrow();
  });
});

describe('a stream whose clocks are wrong', () => {
  const dated = (at: (index: number) => string): readonly Row[] =>
    issues(0, 60).map((row, index) => ({ ...row, at: at(index) }));

  it('learns the same whatever the clocks say: from the future, backwards, or nothing', async () => {
    const day = (index: number): string => new Date(Date.UTC(2026, 0, 1 + index)).toISOString();
    const right = await turn({ batches: [dated(day)] });
    for (const at of [(index: number) => day(-index), () => '2999-01-01T00:00:00Z', () => 'no time at all']) {
      const wrong = await turn({ batches: [dated(at)] });
      expect(wrong['model']).toEqual(right['model']);
      expect(wrong['tested']).toEqual(right['tested']);
    }
  });

  it('takes the word that came last for the last, though it is dated before the others', async () => {
    const first = dated(() => '2026-06-01T00:00:00Z');
    const late = issue(0, { label: 'feature', at: '2020-01-01T00:00:00Z' });
    const corrected = await turn({ batches: [first, [late]] });
    const uncorrected = await turn({ batches: [first] });
    expect(corrected['model']).not.toEqual(uncorrected['model']);
    // A correction was never a question: the answers on the way are those before it.
    const idsOf = ({ tested }: Outputs): readonly string[] => decodeOutcomes(tested ?? new Uint8Array()).ids;
    expect(idsOf(corrected)).toEqual(idsOf(uncorrected));
  });

  it('holds rows from the future out as the newest, and no more of them than its share', () => {
    const rows = issues(0, 40).map((row, index) => ({
      ...row,
      at: index < 12 ? '2999-01-01T00:00:00Z' : `2026-01-${String(index - 10).padStart(2, '0')}`,
    }));
    const [member] = memberOf({
      rows,
      batch: digestOf('batch'),
      prior: datasetOf(TEXT, []),
      before: null,
      params: { holdout: 0.2, stratify: false, group: null },
    });
    expect(member?.parts).toBe(`${'t'.repeat(4)}${'h'.repeat(8)}${'t'.repeat(28)}`);
  });
});
