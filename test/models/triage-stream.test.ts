import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvFile } from '../../pipelines/connectors/csv-file.ts';
import { permutation, randomOf } from '../../pipelines/maths/random.ts';
import { NEVER } from '../../pipelines/models/calibration.ts';
import { IssueBlocks, issueRow } from '../../pipelines/models/issue-blocks.ts';
import { triageOf } from '../../pipelines/models/triage-cross-validate.ts';
import { exportTriage } from '../../pipelines/models/triage-export.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { scoresOf, type TriageModel } from '../../pipelines/models/triage-model.ts';
import type { StreamLabel } from '../../pipelines/models/stream-state.ts';
import { openStream, type TriageStream } from '../../pipelines/models/triage-stream.ts';
import { confusionOf, macroF1Of } from '../../pipelines/stats/classification.ts';

const SPEC = IssueBlocks.parse({ kind: 'issue-blocks', version: 1 });
const SETTINGS = { bits: SPEC.bits, params: TriageParams.parse({}), seed: 1 };
const WORDS = { bug: ['crash', 'trace'], feature: ['add', 'allow'], question: ['how', 'why'] } as const;
const LABELS = ['bug', 'feature', 'question'] as const;

function word(index: number, more: Partial<StreamLabel> = {}): StreamLabel {
  const label = LABELS[index % 3] ?? 'bug';
  const own = 'abcdefghijklmnopqrstuvwxyz'[index % 26]?.repeat(2 + (index % 5)) ?? '';
  const title = `${WORDS[label][Math.floor(index / 3) % 2] ?? ''} ${own}`;
  const row = issueRow(SPEC, { title, body: `of ${title}` });
  return { id: `i${index}`, row, project: index % 2 === 0 ? 'one' : 'two', label, denied: [], ...more };
}

function told(words: readonly StreamLabel[]): TriageStream {
  const stream = openStream(SETTINGS);
  for (const one of words) stream.tell(one);
  return stream;
}

const FIRST = Array.from({ length: 60 }, (_, index) => word(index));
const bytesOf = (model: TriageModel): Buffer => Buffer.from(exportTriage(model, SPEC));
const row = (title: string) => issueRow(SPEC, { title, body: '' });

function chance(stream: TriageStream, title: string, label: string): number {
  const { labels, probabilities } = stream.ask(row(title), 'one');
  return probabilities[labels.indexOf(label)] ?? 0;
}

describe('openStream', () => {
  it('gives the same bytes for the same stream', () => {
    expect(bytesOf(told(FIRST).model())).toEqual(bytesOf(told(FIRST).model()));
  });

  it('knows no label before it was told of one', () => {
    expect(openStream(SETTINGS).ask(row('crash'), 'one').labels).toEqual([]);
  });

  it('learns a correction as if the first word had never been said', () => {
    const wrong = FIRST.map((one, index) => (index === 9 ? { ...one, label: 'question' } : one));
    const [corrected, right] = [told([...wrong, word(9)]).model(), told(FIRST).model()];
    // The passes have other orders, so the ends are the same as far as the passes go.
    for (const { row: asked } of FIRST) {
      scoresOf(corrected, asked, 0).forEach((score, label) => {
        expect(score).toBeCloseTo(scoresOf(right, asked, 0)[label] ?? 0, 1);
      });
    }
  });

  it('forgets an issue: what is left is what it would be without', () => {
    const rare = [0, 1].map((index) => word(60, { id: `r${index}`, row: row('zebra zebra'), label: 'bug' }));
    const stream = told([...FIRST, ...rare]);
    const before = chance(stream, 'zebra', 'bug');
    stream.forget('r0');
    stream.forget('r1');
    stream.forget('nobody');
    expect(before).toBeGreaterThan(0.5);
    const [left, never] = [stream.model(), told(FIRST).model()];
    // Columns and scales are those of a stream that never heard of it, to the bit; weights as far as the passes go.
    expect(left.places).toEqual(never.places);
    expect(left.scales).toEqual(never.scales);
    scoresOf(left, row('zebra'), 0).forEach((score, label) => {
      expect(score).toBeCloseTo(scoresOf(never, row('zebra'), 0)[label] ?? 0, 1);
    });
  });

  it('holds a label against what a person took it from, and says nothing of the others', () => {
    const stream = told(FIRST);
    const before = chance(stream, 'crash it', 'bug');
    for (let index = 0; index < 5; index++) {
      stream.tell(word(0, { id: `d${index}`, row: row('crash it'), label: null, denied: ['bug'] }));
    }
    expect(chance(stream, 'crash it', 'bug')).toBeLessThan(before);
    expect(stream.model().labels).toEqual([...LABELS]);
  });

  it('learns a label that is new, and never gives it unasked before enough answers speak of it', () => {
    const late = Array.from({ length: 6 }, (_, index) =>
      word(0, { id: `n${index}`, row: row(`licence ${'xyzuvw'[index] ?? ''}`), label: 'legal' }),
    );
    const stream = told([...FIRST, ...FIRST.map((one) => ({ ...one, id: `b${one.id}` })), ...late]);
    expect(chance(stream, 'licence', 'legal')).toBeGreaterThan(0.5);
    const model = stream.model();
    expect(model.thresholds[model.labels.indexOf('legal')]).toBe(NEVER);
    // The others go on as they were: what was answered before the label was known counts for them still.
    for (const label of LABELS) expect(model.thresholds[model.labels.indexOf(label)]).toBeLessThan(1);
  });

  it('knows a label by its new name once all words on it are told again', () => {
    const renamed = FIRST.map((one) => ({ ...one, label: one.label === 'bug' ? 'defect' : one.label }));
    const stream = told([...FIRST, ...renamed]);
    expect(chance(stream, 'crash', 'defect')).toBeGreaterThan(chance(stream, 'crash', 'bug'));
    expect(chance(stream, 'crash', 'defect')).toBeGreaterThan(0.5);
  });
});

const ISSUES = path.resolve(import.meta.dirname, '../../../shared/data/nlbse24/issues_train.csv');

describe.skipIf(!existsSync(ISSUES))(
  'the stream of real issues (skipped where the data is not there)',
  () => {
    it('ends within a point of macro-F1 of the batch learner, on issues that neither had seen', () => {
      const { rows } = csvFile.read(readFileSync(ISSUES), 'issues.csv');
      const order = permutation(rows.length, randomOf(7));
      const issues = Array.from(order, (index) => {
        const cell = (name: string): string => rows[index]?.cells[name] ?? '';
        const issue = { title: cell('title'), body: cell('body'), project: cell('repo') };
        return { issue, labels: [cell('label')] };
      });
      const [learned, unseen] = [issues.slice(0, 1200), issues.slice(1200)];
      const lesson = { labels: [...LABELS], choice: 'one', params: SETTINGS.params } as const;
      const batch = triageOf(learned, lesson);
      const stream = openStream(SETTINGS);
      learned.forEach(({ issue, labels: [label = ''] }, index) => {
        const asked = batch.examples[index]?.row ?? row('');
        stream.tell({ id: String(index), row: asked, project: issue.project, label, denied: [] });
      });
      const f1Of = (model: TriageModel): number => {
        const truth = unseen.map(({ labels: [label = ''] }) => model.labels.indexOf(label));
        const predicted = unseen.map(({ issue }) => {
          const scores = scoresOf(
            model,
            issueRow(batch.features, issue),
            model.projects.indexOf(issue.project),
          );
          return scores.indexOf(Math.max(...scores));
        });
        return macroF1Of(confusionOf({ truth, predicted, classCount: model.labels.length }));
      };
      expect(f1Of(batch.model)).toBeGreaterThan(0.75);
      expect(Math.abs(f1Of(stream.model()) - f1Of(batch.model))).toBeLessThanOrEqual(0.01);
    }, 120_000);
  },
);
