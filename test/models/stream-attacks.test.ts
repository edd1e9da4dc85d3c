import { describe, expect, it } from 'vitest';
import { NEVER } from '../../pipelines/models/calibration.ts';
import { IssueBlocks, issueRow } from '../../pipelines/models/issue-blocks.ts';
import { exportTriage } from '../../pipelines/models/triage-export.ts';
import { scoresOf } from '../../pipelines/models/triage-model.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import type { StreamLabel } from '../../pipelines/models/stream-state.ts';
import { openStream, type TriageStream } from '../../pipelines/models/triage-stream.ts';

const SPEC = IssueBlocks.parse({ kind: 'issue-blocks', version: 1 });
const SETTINGS = { bits: SPEC.bits, params: TriageParams.parse({}), seed: 1 };

function word(id: string, label: string, text: string): StreamLabel {
  const row = issueRow(SPEC, { title: text, body: `It is about ${text}` });
  return { id, row, project: 'one', label, denied: [] };
}

const HONEST = Array.from({ length: 80 }, (_, index) => {
  const own = 'abcdefghijklmnopqrstuvwxyz'[index % 26]?.repeat(2 + (index % 4)) ?? '';
  return index % 2 === 0
    ? word(`h${index}`, 'bug', `crash ${own}`)
    : word(`h${index}`, 'feature', `allow ${own}`);
});

function told(words: readonly StreamLabel[]): TriageStream {
  const stream = openStream(SETTINGS);
  for (const one of words) stream.tell(one);
  return stream;
}

function chance(stream: TriageStream, body: string, title = ''): number {
  const { labels, probabilities } = stream.ask(issueRow(SPEC, { title, body }), 'one');
  return probabilities[labels.indexOf('bug')] ?? 0;
}

describe('a label stream under attack', () => {
  it('ends where the last word ends, however often a label is flipped before', () => {
    const flips = Array.from({ length: 41 }, (_, turn) =>
      word('h0', turn % 2 === 0 ? 'bug' : 'feature', 'crash aa'),
    );
    const [flipped, calm] = [told([...HONEST, ...flips]), told(HONEST)];
    expect(chance(flipped, '', 'crash zz')).toBeGreaterThan(0.5);
    expect(Math.abs(chance(flipped, '', 'crash zz') - chance(calm, '', 'crash zz'))).toBeLessThan(0.1);
    // One issue is one voice: nobody makes it heavier by saying it forty times.
    expect(flipped.model().labels).toEqual(['bug', 'feature']);
  });

  it('is not turned by one account’s lies on a few issues against what many said', () => {
    const lies = Array.from({ length: 5 }, (_, index) => word(`l${index}`, 'feature', `crash z${index}`));
    const stream = told([...HONEST, ...lies]);
    // Before the next review too: without replays it was 0.05.
    expect(chance(stream, '', 'crash q')).toBeGreaterThan(0.5);
    const model = stream.model();
    const asked = issueRow(SPEC, { title: 'crash of it', body: 'It is about crash of it' });
    const scores = scoresOf(model, asked, 0);
    expect(scores[model.labels.indexOf('bug')]).toBeGreaterThan(scores[model.labels.indexOf('feature')] ?? 0);
  });

  it('goes by what the author says, not by what is quoted', () => {
    const stream = told(HONEST);
    const quoting = '> crash crash crash\n> crash\n\nallow this';
    expect(chance(stream, quoting)).toBe(chance(stream, '\nallow this'));
  });

  it('does not hear what is hidden in comments as words', () => {
    const stream = told(HONEST);
    const hidden = chance(stream, `allow this <!-- ${'crash '.repeat(200)} -->`);
    expect(hidden).toBeLessThan(0.5);
  });

  it('does not hear what stands in tags that nobody sees', () => {
    const stream = told(HONEST);
    const crash = 'crash '.repeat(20);
    const hidden = `allow this <a title="${crash}"></a><b data-x='${crash}'></b><img alt="${crash}">`;
    expect(chance(stream, hidden)).toBeLessThan(0.5);
    expect(chance(stream, `${crash} this`)).toBeGreaterThan(0.5);
  });

  it('takes a body of a megabyte as its first 64 Ki', () => {
    const stream = told(HONEST);
    const start = `crash ${'x'.repeat(64 * 1024)}`;
    expect(chance(stream, start + 'allow '.repeat(170_000))).toBe(chance(stream, start));
  });

  it.each(['![shot](a.png)', '', '🔥🔥🔥', 'Приложение падает', 'アプリが落ちる', '\u0000\ud800'])(
    'answers and learns %j with numbers',
    (body) => {
      const row = issueRow(SPEC, { title: '', body });
      const stream = told([...HONEST, { id: 'odd', row, project: 'one', label: 'bug', denied: [] }]);
      expect(Number.isFinite(chance(stream, body))).toBe(true);
      const { shared, bias, calibration } = stream.model();
      expect([...shared.steps, ...bias, calibration.slope].every(Number.isFinite)).toBe(true);
    },
  );

  it('never gives a class of one example unasked, and bears that nobody has any label left', () => {
    const model = told([...HONEST, word('only', 'legal', 'licence text')]).model();
    expect(model.thresholds[model.labels.indexOf('legal')]).toBe(NEVER);
    const stream = told(HONEST);
    for (const { id } of HONEST) stream.forget(id);
    expect(exportTriage(stream.model(), SPEC).byteLength).toBeGreaterThan(0);
  });
});
