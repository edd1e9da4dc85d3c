import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type EventType } from '../../registry/schema/event.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { neededIn } from '../../registry/state/needed.ts';
import { digestFor, eventOf } from '../fixtures/events.ts';

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0'] as const;

/** An event whose every digest depends on the word, about one of a few versions. */
function eventFor(type: EventType, word: string, version: string) {
  const ref = (kind: 'onnx' | 'outcomes' | 'dataset') => ({
    kind,
    digest: digestFor(`${kind} ${word}`),
    sizeBytes: 1,
  });
  switch (type) {
    case 'run.started':
      return eventOf(type, {
        inputs: [{ name: 'source', digest: digestFor(`source ${word}`), sizeBytes: 1 }],
      });
    case 'run.finished': {
      const step = {
        step: 'split',
        stage: 'split',
        digest: digestFor(`step ${word}`),
        tookMs: 1,
        known: false,
      };
      return eventOf(type, { steps: [{ ...step, outputs: { dataset: ref('dataset') } }] });
    }
    case 'model.registered': {
      const { lineage } = eventOf(type).body;
      const data = digestFor(`data ${word}`);
      return eventOf(type, { version, artifacts: { model: ref('onnx') }, lineage: { ...lineage, data } });
    }
    case 'evaluation.recorded':
      return eventOf(type, { version, outcomes: ref('outcomes'), holdout: digestFor(`data ${word}`) });
    case 'model.rolled-back': {
      const { evidence } = eventOf(type).body;
      const told = evidence === null ? null : { ...evidence, outcomes: ref('outcomes') };
      return eventOf(type, { from: version, to: '1.0.0', evidence: told });
    }
    case 'verdict.given':
    case 'model.promoted':
      return eventOf(type, { version });
    default:
      return eventOf(type);
  }
}

/** Field by field, in another order than the function goes: what each part of the state cannot do without. */
function reachableIn(model: ModelState): readonly string[] {
  return [
    ...(model.data === null ? [] : [model.data]),
    ...model.decisions.flatMap(({ evidence }) => (evidence === null ? [] : [evidence.outcomes.digest])),
    ...model.runs.flatMap(({ inputs }) => inputs.map(({ digest }) => digest)),
    ...model.runs.flatMap(({ records }) =>
      records.flatMap(({ outputs }) => Object.values(outputs).map(({ digest }) => digest)),
    ),
    ...model.versions.flatMap(({ evaluation }) =>
      evaluation === null ? [] : [evaluation.holdout, evaluation.outcomes.digest],
    ),
    ...model.versions.flatMap(({ artifacts, lineage }) => [
      ...(lineage === null ? [] : [lineage.data]),
      ...Object.values(artifacts).map(({ digest }) => digest),
    ]),
  ];
}

describe('what the registry needs', () => {
  const history = fc.array(
    fc.record({
      type: fc.constantFrom(...EVENT_TYPES),
      word: fc.string({ maxLength: 4 }),
      version: fc.constantFrom(...VERSIONS),
    }),
    { maxLength: 40 },
  );

  it('is all that its state reaches, after any history', () => {
    fc.assert(
      fc.property(history, (events) => {
        const state = foldEntries(
          events.map(({ type, word, version }, seq) => ({ seq, event: eventFor(type, word, version) })),
        );
        const { digests } = neededIn(state);
        const reachable = [...state.models.values()].flatMap(reachableIn);
        expect(reachable.filter((digest) => !digests.has(digest as never))).toEqual([]);
      }),
    );
  });

  it('knows which of it are datasets, whose batches are needed too', () => {
    fc.assert(
      fc.property(history, (events) => {
        const state = foldEntries(
          events.map(({ type, word, version }, seq) => ({ seq, event: eventFor(type, word, version) })),
        );
        const { kinds } = neededIn(state);
        for (const { data, versions, runs } of state.models.values()) {
          const named = [
            ...(data === null ? [] : [data]),
            ...versions.flatMap(({ lineage }) => lineage?.data ?? []),
            ...runs.flatMap(({ records }) =>
              records.flatMap(({ outputs }) => outputs['dataset']?.digest ?? []),
            ),
          ];
          expect(named.filter((digest) => kinds.get(digest) !== 'dataset')).toEqual([]);
        }
      }),
    );
  });

  it('is nothing while nothing has happened', () => {
    expect(neededIn(foldEntries([])).digests.size).toBe(0);
  });
});
