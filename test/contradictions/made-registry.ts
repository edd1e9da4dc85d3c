/** Builds registries for the corpus: models about which everybody agrees, but for what a plant changes. */
import type { Random } from '../../pipelines/maths/random.ts';
import type { Statement } from '../../pipelines/contradictions/fact.ts';
import type { StrategyName } from '../../pipelines/contradictions/strategies.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { digestFor, eventOf, type Stamp } from '../fixtures/events.ts';

export type Part = { readonly [key: string]: unknown; readonly kind: Statement['kind'] };

/** What was planted: each part is one of the facts that contradict each other. */
export interface Plant {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly strategy: StrategyName;
  /** Which of the parts is not to be believed; null where both can be, or where people decide. */
  readonly loser: Part | null;
}

export interface World {
  readonly random: Random;
  readonly events: RegistryEvent[];
  readonly models: Record<string, unknown>;
  readonly channels: Record<string, unknown>;
  readonly budgets: Record<string, number>;
  readonly plants: Plant[];
}

/** What may differ from a model about which everybody agrees. */
interface Ways {
  readonly told?: string;
  readonly toldItems?: number;
  readonly floor?: number;
  readonly automatic?: boolean;
  readonly waived?: readonly string[];
  readonly stopped?: readonly string[];
  readonly gave?: string;
  readonly scoredBy?: string;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly noGates?: readonly string[];
}

/** `3` of `4` as the registry records it. */
function share(right: number, items: number): string {
  return (Math.round((right / items) * 1e6) / 1e6).toFixed(6);
}

let models = 0;

export function add(world: World, type: RegistryEvent['type'], body: object, stamp: Stamp = {}): number {
  world.events.push(eventOf(type, body as never, stamp));
  return world.events.length - 1;
}

export function runId(name: string): string {
  return `run-${digestFor(name).slice(7, 23)}`;
}

/** One version, made by a run, scored, judged and promoted; its settings bound it exactly where it stands. */
export function addModel(world: World, ways: Ways = {}): string {
  const { random } = world;
  const model = `model-${models++}`;
  const stamp = { subject: model };
  const [a, d] = [70 + random.nextBelow(100), 70 + random.nextBelow(100)];
  const [b, c] = [1 + random.nextBelow(20), 1 + random.nextBelow(20)];
  const [items, right] = [a + b + c + d, a + d];
  const accuracy = share(right, items);
  const low = (right / items - 0.04).toFixed(6);
  const run = runId(model);
  const size = 1000 + random.nextBelow(9000);
  const file = digestFor(`${model} file`);
  const data = digestFor(`${model} data`);
  const tookMs = 1000 * (1 + random.nextBelow(600));
  add(world, 'run.started', { run }, stamp);
  const step = (name: string, stage: string, outputs: Record<string, [string, string]>) => ({
    step: name,
    stage,
    digest: digestFor(`${model} ${name}`),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([slot, [kind, digest]]) => [slot, { kind, digest, sizeBytes: 10 }]),
    ),
    tookMs: name === 'train' ? tookMs : 0,
    known: false,
  });
  const steps = [
    step('split', 'split', { dataset: ['dataset', data] }),
    step('train', 'train', { model: ['onnx', ways.gave ?? file] }),
    step('evaluate', 'evaluate', { outcomes: ['outcomes', digestFor(`${model} outcomes`)] }),
    step('measure', 'measure', { measures: ['measures', digestFor(`${model} measures`)] }),
  ];
  add(world, 'run.finished', { run, steps }, stamp);
  const lineage = {
    run,
    recipe: 'train-and-promote',
    data,
    dataRows: 900,
    commit: null,
    code: '0.1.0',
    params: {},
    seed: 1,
    parents: [],
  };
  add(
    world,
    'model.registered',
    { artifacts: { model: { kind: 'onnx', digest: file, sizeBytes: size } }, lineage },
    stamp,
  );
  const ratio = { unit: 'ratio', better: 'higher', n: ways.toldItems ?? items };
  const interval = { low, high: '0.999', method: 'wilson' };
  const cost = { better: 'lower', interval: null, n: 300 };
  const metrics = [
    { name: 'accuracy', value: ways.told ?? accuracy, ...ratio, interval },
    { name: 'macro_f1', value: accuracy, ...ratio, interval },
    { name: 'size', value: String(size), unit: 'bytes', ...cost },
    { name: 'latency_p99', value: '1.25', unit: 'ms', ...cost },
  ];
  const confusion = [
    [a, b],
    [c, d],
  ];
  const outcomes = {
    kind: 'outcomes',
    digest: ways.scoredBy ?? digestFor(`${model} outcomes`),
    sizeBytes: 10,
  };
  add(world, 'evaluation.recorded', { run, holdout: data, outcomes, metrics, confusion }, stamp);
  const open = [...(ways.stopped ?? []), ...(ways.waived ?? [])];
  const gates = ['no-regression', 'metric-floor', 'size-budget'].map((gate) => ({
    gate,
    answer: open.includes(gate) ? 'investigate' : 'pass',
    reason: 'as planted',
  }));
  const answer = open.length === 0 ? 'pass' : 'investigate';
  add(world, 'verdict.given', { run, answer, gates }, stamp);
  const { automatic = true, waived = [] } = ways;
  add(world, 'model.promoted', { automatic, waived }, stamp);
  world.models[model] = {
    recipe: 'train-and-promote',
    gates: {
      'metric-floor': { metric: 'accuracy', floor: ways.floor ?? Number(low) },
      'enough-samples': { least: items },
      'size-budget': { most: size },
      'latency-budget': { p99Ms: 1.25 },
      ...Object.fromEntries((ways.noGates ?? []).map((gate) => [gate, null])),
    },
    ...ways.more,
  };
  // Just enough for one run.
  if (random.nextBelow(2) === 0) world.budgets[model] = tookMs / 60_000;
  return model;
}
