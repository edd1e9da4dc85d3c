import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artifactMisshapen } from '../../pipelines/faults.ts';
import { IssueBlocks, issueRow } from '../../pipelines/models/issue-blocks.ts';
import { decodeState, encodeState, type StreamLabel } from '../../pipelines/models/stream-state.ts';
import { exportTriage } from '../../pipelines/models/triage-export.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { openStream, resumeStream, type TriageStream } from '../../pipelines/models/triage-stream.ts';

const SPEC = IssueBlocks.parse({ kind: 'issue-blocks', version: 1, bits: 12 });
const SETTINGS = { bits: SPEC.bits, params: TriageParams.parse({}), seed: 1 };

/** Few issues, projects and labels, so that words correct one another and labels come late. */
const word: fc.Arbitrary<StreamLabel> = fc
  .record({
    id: fc.constantFrom(...'abcdefghij'),
    title: fc.constantFrom('crash here', 'crash there', 'allow this', 'allow that', 'how so', ''),
    project: fc.constantFrom('one', 'one', 'two'),
    label: fc.constantFrom('bug', 'bug', 'feature', 'feature', 'question', null),
  })
  .map(({ id, title, project, label }) => {
    const row = issueRow(SPEC, { title, body: `${title} of ${id}` });
    return { id, row, project, label, denied: label === null ? ['bug'] : [] };
  });

const words = fc.array(word, { minLength: 1, maxLength: 40 });

/** Left and resumed behind each of these positions, and asked for its model there. */
function splitAt(told: readonly StreamLabel[], ends: ReadonlySet<number>): TriageStream {
  let stream = openStream(SETTINGS);
  told.forEach((one, index) => {
    stream.tell(one);
    if (!ends.has(index)) return;
    const left = stream.checkpoint();
    stream.model();
    expect(Buffer.compare(stream.checkpoint(), left)).toBe(0);
    stream = resumeStream(SETTINGS, left);
  });
  return stream;
}

const bytesOf = (stream: TriageStream): Buffer => Buffer.from(exportTriage(stream.model(), SPEC));

describe('a stream that was left and goes on', () => {
  it('gives the same model, bit by bit, however it is split into runs', () => {
    fc.assert(
      fc.property(words, fc.uniqueArray(fc.nat({ max: 39 }), { maxLength: 5 }), (told, ends) => {
        const [split, whole] = [splitAt(told, new Set(ends)), splitAt(told, new Set())];
        expect(Buffer.compare(split.checkpoint(), whole.checkpoint())).toBe(0);
        expect(Buffer.compare(bytesOf(split), bytesOf(whole))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on as it would have where an issue is forgotten', () => {
    fc.assert(
      fc.property(words, words, (before, after) => {
        const id = before[0]?.id ?? '';
        const [left, stayed] = [splitAt(before, new Set([before.length - 1])), splitAt(before, new Set())];
        for (const stream of [left, stayed]) {
          stream.forget(id);
          expect(stream.has(id)).toBe(false);
          for (const one of after) stream.tell(one);
        }
        expect(Buffer.compare(bytesOf(left), bytesOf(stayed))).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

describe('encodeState', () => {
  it('is undone by decodeState', () => {
    fc.assert(
      fc.property(words, (told) => {
        const bytes = splitAt(told, new Set()).checkpoint();
        expect(Buffer.compare(encodeState(decodeState(bytes)), bytes)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('is told from bytes that are something else, or too few', () => {
    const bytes = splitAt(fc.sample(words, { numRuns: 1, seed: 1 })[0] ?? [], new Set()).checkpoint();
    for (const other of [Buffer.from(''), Buffer.from('{}\n'), bytes.subarray(0, bytes.length - 1)]) {
      expect(() => decodeState(other)).toThrowFault(artifactMisshapen);
    }
  });
});
