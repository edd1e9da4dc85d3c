/** Logs of a given length, for measuring: what real runs record, for many models, in batches. */
import { createHash } from 'node:crypto';
import { decimal } from '../../registry/base/decimal.ts';
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { RegistryEvent } from '../../registry/schema/event.ts';
import { isSealDue } from '../../registry/schema/seal.ts';
import { EMPTY, folding, REDUCER } from '../../registry/state/fold.ts';
import { sealing } from '../../registry/state/seal.ts';
import { viewOf } from '../../registry/state/view.ts';
import { idemLine, idemPath } from '../../registry/store/lay-out.ts';
import type { EventLog, Head } from '../../registry/store/log.ts';

export interface LongLog {
  readonly events: number;
  readonly models: number;
  /** Events per append. */
  readonly batch: number;
}

const BEGIN = Date.UTC(2026, 0, 1);
/** One event every two minutes: 100,000 of them are four and a half months. */
const STEP_MS = 120_000;
const PER_VERSION = 6;

export async function fillLog(log: EventLog, { events, models, batch }: LongLog): Promise<Head> {
  let [head, state]: [Head | null, typeof EMPTY] = [null, EMPTY];
  const fold = folding(EMPTY);
  const digest = sealing();
  const shards = new Map<string, string>();
  let seals = 0;
  for (let first = 0; first < events; first = head.size) {
    const due = isSealDue(first, Math.min(batch, events - first));
    const size = Math.min(batch, events - first) - (due ? 1 : 0);
    const chunk = Array.from({ length: size }, (_, index) => eventAt(first - seals + index, models));
    for (const [index, event] of chunk.entries()) {
      state = fold({ seq: first + index, event });
      keep(shards, event, first + index);
    }
    if (due) {
      const seal = sealAfter(first + size, digest(state, new Map(shards)));
      keep(shards, seal, first + size);
      chunk.push(seal);
      seals++;
    }
    const subjects = new Set<string>(chunk.map(({ subject }) => subject));
    const touched = [...state.models.keys()].filter((model) => subjects.has(model));
    const view = new Map(viewOf(state, touched));
    if (first + chunk.length === events) {
      view.set('README.md', readmeOf(state, { origin: 'local/bench', size: events }));
    }
    head = await log.append({ expected: head, events: chunk, view, reducer: REDUCER });
  }
  if (head === null) throw new TypeError('a log of no events');
  return head;
}

function keep(shards: Map<string, string>, { idem }: RegistryEvent, seq: number): void {
  const path = idemPath(idem);
  shards.set(path, (shards.get(path) ?? '') + idemLine(idem, seq));
}

function sealAfter(size: number, state: Digest): RegistryEvent {
  return eventOf(size, {
    key: `seal ${size}`,
    type: 'snapshot.sealed',
    subject: 'registry',
    body: { size, reducer: REDUCER, state },
  });
}

/** The event of a position: models take turns, and each version takes six events. */
function eventAt(seq: number, models: number): RegistryEvent {
  const turn = Math.max(0, seq - 1);
  const model = Math.floor(turn / PER_VERSION) % models;
  const ordinal = Math.floor(turn / PER_VERSION / models);
  const deed =
    seq === 0
      ? { type: 'registry.created', subject: 'registry', body: { origin: 'local/bench', epoch: 1 } }
      : { ...deedOf(turn % PER_VERSION, `${model}-${ordinal}`, ordinal), subject: `model-${model}` };
  return eventOf(seq, { key: String(seq), ...deed });
}

interface Written {
  readonly key: string;
  readonly type: string;
  readonly subject: string;
  readonly body: unknown;
}

function eventOf(seq: number, { key, ...deed }: Written): RegistryEvent {
  const at = new Date(BEGIN + seq * STEP_MS).toISOString();
  const idem = `${at.slice(0, 10)}-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  return RegistryEvent.parse({
    v: 1,
    crit: [],
    at,
    by: { kind: 'user', id: 583231, login: 'octocat' },
    src: { door: 'cli' },
    idem,
    ...deed,
  });
}

function deedOf(kind: number, word: string, ordinal: number): { type: string; body: unknown } {
  const version = `1.${ordinal}.0`;
  const before = ordinal === 0 ? null : `1.${ordinal - 1}.0`;
  const run = `run-${digestOf(word).slice(7, 23)}`;
  const bytes = (name: string) => ({ digest: digestOf(`${name} ${word}`), sizeBytes: 4096 });
  const lineage = { run, recipe: 'digits', data: digestOf(`data ${word}`), dataRows: 1000, commit: null };
  const more = { code: '0.1.0', params: { rate: '0.1' }, seed: 7, parents: before === null ? [] : [before] };
  const deeds = [
    {
      type: 'run.started',
      body: {
        run,
        recipe: 'digits',
        asked: {},
        inputs: [{ name: 'batch', ...bytes('in') }],
        steps: ['train'],
      },
    },
    { type: 'run.finished', body: { run, outcome: { kind: 'completed' }, steps: [] } },
    {
      type: 'model.registered',
      body: {
        version,
        artifacts: { model: { kind: 'onnx', ...bytes('onnx') } },
        lineage: { ...lineage, ...more },
      },
    },
    {
      type: 'evaluation.recorded',
      body: {
        version,
        run,
        holdout: digestOf(`holdout ${word}`),
        outcomes: { kind: 'outcomes', ...bytes('outcomes') },
        metrics: [
          { name: 'accuracy', value: decimal(0.9), unit: 'ratio', better: 'higher', n: 100, interval: null },
        ],
        labels: ['a', 'b'],
        confusion: [
          [50, 0],
          [10, 40],
        ],
      },
    },
    {
      type: 'verdict.given',
      body: {
        version,
        run,
        against: before,
        answer: 'pass',
        keepsData: true,
        gates: [{ gate: 'no-regression', answer: 'pass', reason: 'not worse by more than 0.01' }],
      },
    },
    {
      type: 'model.promoted',
      body: {
        version,
        channel: 'production',
        replaces: before,
        automatic: true,
        waived: [],
        reason: 'all gates passed',
      },
    },
  ];
  return deeds[kind] ?? { type: 'none', body: {} };
}
