/** Registries with settings in which contradictions were planted, each known with its end; made by events, not by laws. */
import { randomOf } from '../../pipelines/maths/random.ts';
import type { Fact } from '../../pipelines/contradictions/fact.ts';
import { Settings } from '../../pipelines/settings/settings.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { digestFor, eventOf, ORIGIN } from '../fixtures/events.ts';
import { add, addModel, runId, type Part, type Plant, type World } from './made-registry.ts';

export interface Corpus {
  readonly state: RegistryState;
  readonly settings: Settings;
  readonly now: string;
  readonly plants: readonly Plant[];
}

export const NOW = '2026-11-21T12:00:00.000Z';

type Planting = (world: World) => void;

function plant(world: World, name: string, planted: Omit<Plant, 'name'>): void {
  world.plants.push({ name, ...planted });
}

const accuracyTold: Planting = (world) => {
  const model = addModel(world, { told: '0.995000' });
  const told = { kind: 'value', of: `${model}@1.0.0 accuracy`, value: '0.995000' } as const;
  const parts = [told, { kind: 'value', of: `${model}@1.0.0 accuracy` }] as const;
  plant(world, 'accuracy that its table does not show', { parts, strategy: 'priority', loser: told });
};

const itemsTold: Planting = (world) => {
  const model = addModel(world, { toldItems: 1000 });
  const told = { kind: 'value', of: `${model}@1.0.0 items`, value: '1000' } as const;
  const parts = [told, { kind: 'value', of: `${model}@1.0.0 items` }] as const;
  plant(world, 'more items than its table has', { parts, strategy: 'priority', loser: told });
};

function belowFloor(automatic: boolean): Planting {
  return (world) => {
    const model = addModel(world, { floor: 0.985, automatic });
    const serves = { kind: 'serves', model } as const;
    const parts = [
      serves,
      { kind: 'figure', model, metric: 'accuracy' },
      { kind: 'bound', model, metric: 'accuracy' },
    ] as const;
    plant(world, `a champion below its own floor, by ${automatic ? 'gates' : 'people'}`, {
      parts,
      strategy: automatic ? 'priority' : 'escalation',
      loser: automatic ? serves : null,
    });
  };
}

/** One champion that two bounds refuse: two contradictions with facts in common. */
const belowTwoBounds: Planting = (world) => {
  const model = addModel(world, { floor: 0.985, more: { criteria: 'accuracy:>=98%' } });
  const loser = { kind: 'serves', model } as const;
  for (const gate of ['metric-floor', 'bounds']) {
    const parts = [
      loser,
      { kind: 'figure', model, metric: 'accuracy' },
      { kind: 'bound', model, gate, metric: 'accuracy' },
    ] as const;
    plant(world, `a champion that ${gate} among others refuses`, { parts, strategy: 'priority', loser });
  }
};

const askedWhileFrozen: Planting = (world) => {
  const model = addModel(world);
  const seen = world.events.length - 1;
  const loser = { kind: 'wants', model, channel: 'candidate' } as const;
  add(world, 'promotion.asked', { channel: 'candidate', seen }, { subject: model });
  add(world, 'channel.frozen', { channel: 'candidate', reason: 'a release is near' });
  const parts = [loser, { kind: 'closed', channel: 'candidate' }] as const;
  plant(world, 'a promotion into a frozen channel', { parts, strategy: 'priority', loser });
};

const gateOffAndAsked: Planting = (world) => {
  const more = { criteria: 'size:<=1MB' };
  const model = addModel(world, { noGates: ['size-budget'], more });
  const parts = [
    { kind: 'gate', model, gate: 'size-budget', on: true },
    { kind: 'gate', model, gate: 'size-budget', on: false },
  ] as const;
  plant(world, 'a gate that is off and asked for', { parts, strategy: 'synthesis', loser: null });
};

/** Goes back by whoever, and serves again by a tag, which trusts nobody anew. */
function takenBack(served: 'elsewhere' | 'again', automatic: boolean): Planting {
  return (world) => {
    const model = addModel(world);
    const stamp = { subject: model };
    const body = { version: '1.1.0', artifacts: {}, lineage: lineageOf(model) };
    add(world, 'model.registered', body, stamp);
    add(world, 'model.promoted', { version: '1.1.0', replaces: '1.0.0', automatic: false }, stamp);
    add(world, 'model.rolled-back', { automatic, evidence: null }, stamp);
    const channel = served === 'elsewhere' ? 'staging' : 'production';
    const deed = { kind: 'serves', channel, version: '1.1.0' };
    add(world, 'model.imported', { deed }, stamp);
    const loser = { kind: 'taken-back', model, version: '1.1.0' } as const;
    const parts = [loser, { kind: 'serves', model, version: '1.1.0', channel }] as const;
    const strategy = served === 'elsewhere' ? 'context' : automatic ? 'priority' : 'temporal';
    plant(world, `taken back by ${automatic ? 'a test' : 'people'}, serving ${served}`, {
      parts,
      strategy,
      loser: served === 'elsewhere' ? null : loser,
    });
  };
}

function lineageOf(model: string) {
  const fixed = { recipe: 'train-and-promote', dataRows: 9, commit: null, code: '0.1.0', params: {} };
  return { ...fixed, run: runId(`${model} again`), data: digestFor(`${model} more`), seed: 2, parents: [] };
}

function left(parts: readonly Part[]): Omit<Plant, 'name'> {
  return { parts, strategy: 'escalation', loser: null };
}

const otherFile: Planting = (world) => {
  const gave = digestFor(`another file ${world.events.length}`);
  const model = addModel(world, { gave });
  const of = `${model}@1.0.0 file model`;
  plant(
    world,
    'a file that its run did not give',
    left([
      { kind: 'value', of, value: gave },
      { kind: 'value', of },
    ]),
  );
};

const otherOutcomes: Planting = (world) => {
  const scoredBy = digestFor(`other outcomes ${world.events.length}`);
  const model = addModel(world, { scoredBy });
  const of = `${model}@1.0.0 outcomes`;
  const parts = [
    { kind: 'value', of, value: scoredBy },
    { kind: 'value', of },
  ] as const;
  plant(world, 'an evaluation by outcomes that its run did not give', left(parts));
};

const twoOutputs: Planting = (world) => {
  const model = addModel(world);
  const [run, stamp] = [runId(`${model} twice`), { subject: model }];
  const value = digestFor(`${model} other outcomes`);
  const outputs = { outcomes: { kind: 'outcomes', digest: value, sizeBytes: 10 } };
  const digest = digestFor(`${model} evaluate`);
  add(world, 'run.started', { run }, stamp);
  const steps = [{ step: 'evaluate', stage: 'evaluate', digest, outputs, tookMs: 5, known: false }];
  add(world, 'run.finished', { run, steps }, stamp);
  const of = `step ${digest} slot outcomes`;
  plant(
    world,
    'one step, two outputs',
    left([
      { kind: 'value', of, value },
      { kind: 'value', of },
    ]),
  );
};

const gateOverrun: Planting = (world) => {
  const model = addModel(world, { stopped: ['no-regression'] });
  const parts = [
    { kind: 'stopped-by', model, gate: 'no-regression' },
    { kind: 'serves', model },
  ] as const;
  plant(world, 'serving against a gate', left(parts));
};

const retiredAndFed: Planting = (world) => {
  const model = addModel(world, { more: { from: 'rows.csv' } });
  add(world, 'model.retired', { reason: 'no longer needed' }, { subject: model });
  plant(
    world,
    'retired, and still trained',
    left([
      { kind: 'closed', model },
      { kind: 'wants', model, channel: null },
    ]),
  );
};

const noMinutes: Planting = (world) => {
  const model = addModel(world);
  world.budgets[model] = 0.001;
  plant(
    world,
    'minutes for no run',
    left([
      { kind: 'allowance', model },
      { kind: 'takes', model },
    ]),
  );
};

function policy(world: World, body: object): void {
  const before = eventOf('policy.changed').body;
  add(world, 'policy.changed', { ...before, policy: { ...before.policy, origin: ORIGIN, ...body } });
}

const tooFewPeople: Planting = (world) => {
  policy(world, { approvals: { staging: { count: 3, from: [1, 2] } } });
  const what = 'staging';
  plant(
    world,
    'more approvals than approvers',
    left([
      { kind: 'needs', what },
      { kind: 'only', what },
    ]),
  );
};

const lapsedPolicy: Planting = (world) => {
  policy(world, {
    expires: '2026-11-20T13:00:00.000Z',
    approvals: { staging: { count: 1, from: null } },
  });
  const what = 'staging';
  plant(
    world,
    'an expired policy',
    left([
      { kind: 'needs', what },
      { kind: 'lapsed', what },
    ]),
  );
};

const twoLists: Planting = (world) => {
  policy(world, { approvals: { staging: { count: 2, from: [1, 2] } } });
  world.channels['staging'] = { approvals: { count: 1, from: [2, 3] } };
  const what = 'staging';
  const parts = [
    { kind: 'needs', what, people: 2 },
    { kind: 'only', what, accounts: [1, 2] },
    { kind: 'only', what, accounts: [2, 3] },
  ] as const;
  plant(world, 'two lists with one person in both', left(parts));
};

const authorCounts: Planting = (world) => {
  policy(world, { approvals: { staging: { count: 2, from: [583_231, 2] } } });
  const model = addModel(world);
  const seen = world.events.length - 1;
  add(world, 'promotion.asked', { channel: 'staging', seen }, { subject: model });
  const what = 'staging';
  const parts = [
    { kind: 'needs', what },
    { kind: 'only', what },
    { kind: 'made', what, model },
  ] as const;
  plant(world, 'an author among too few approvers', left(parts));
};

const unattestable: Planting = (world) => {
  policy(world, { inert: { 'paper-trading': { people: 2 } } });
  const what = 'module paper-trading';
  plant(
    world,
    'a module that nobody can attest',
    left([
      { kind: 'needs', what },
      { kind: 'only', what },
    ]),
  );
};

const OF_MODELS: readonly Planting[] = [
  accuracyTold,
  itemsTold,
  belowFloor(true),
  belowTwoBounds,
  gateOffAndAsked,
  takenBack('elsewhere', true),
  takenBack('again', true),
  takenBack('again', false),
  belowFloor(false),
  otherFile,
  otherOutcomes,
  twoOutputs,
  gateOverrun,
  retiredAndFed,
  noMinutes,
];

/** At most one of a corpus, since they are about what all models share. */
const OF_ALL: readonly Planting[] = [
  tooFewPeople,
  lapsedPolicy,
  twoLists,
  authorCounts,
  unattestable,
  askedWhileFrozen,
];

/** What looks like a contradiction and is none. */
const SOUND: readonly Planting[] = [
  (world) => addModel(world),
  (world) => addModel(world, { waived: ['no-regression'], automatic: false }),
  (world) => addModel(world, { waived: ['metric-floor'], floor: 0.99, automatic: false }),
  (world) => addModel(world, { noGates: ['size-budget', 'latency-budget'] }),
  (world) => addModel(world, { more: { criteria: 'accuracy:>=50%, items:>=10', from: 'rows.csv' } }),
  (world) => {
    const model = addModel(world);
    const [run, stamp] = [runId(`${model} twice`), { subject: model }];
    add(world, 'run.started', { run }, stamp);
    // A clock decides what is measured.
    const outputs = {
      measures: { kind: 'measures', digest: digestFor(`${model} slower`), sizeBytes: 10 },
    };
    const step = { step: 'measure', stage: 'measure', digest: digestFor(`${model} measure`) };
    add(world, 'run.finished', { run, steps: [{ ...step, outputs, tookMs: 5, known: false }] }, stamp);
  },
  (world) => {
    const model = addModel(world);
    const stamp = { subject: model };
    const body = { version: '1.1.0', artifacts: {}, lineage: lineageOf(model) };
    add(world, 'model.registered', body, stamp);
    add(world, 'model.promoted', { version: '1.1.0', replaces: '1.0.0', automatic: false }, stamp);
    add(world, 'model.rolled-back', { evidence: null }, stamp);
  },
];

/** Rules that can all be kept, of channels that no plant is about. */
const SOUND_OF_ALL: readonly Planting[] = [
  (world) => policy(world, { approvals: { candidate: { count: 2, from: [1, 2] } } }),
  (world) => {
    world.channels['candidate'] = { approvals: { count: 3, from: null } };
  },
  () => {},
];

/** @param size  models beside those of the plants */
export function corpusOf(seed: number, { plants, size }: { plants: number; size: number }): Corpus {
  const random = randomOf(seed);
  const world: World = { random, events: [], models: {}, channels: {}, budgets: {}, plants: [] };
  const pick = (all: readonly Planting[]): void => all[random.nextBelow(all.length)]?.(world);
  add(world, 'registry.created', {});
  for (let i = 0; i < size; i++) pick(SOUND);
  pick(plants > 0 && random.nextBelow(2) === 0 ? OF_ALL : SOUND_OF_ALL);
  for (let i = 0; i < plants; i++) pick(OF_MODELS);
  const settings = Settings.parse({
    models: world.models,
    bot: { channels: world.channels },
    compute: { budgets: world.budgets },
  });
  const state = foldEntries(world.events.map((event, seq) => ({ seq, event })));
  return { state, settings, now: NOW, plants: world.plants };
}

/** Whether the facts are the parts, one by one. */
export function isPlanted(facts: readonly Fact[], parts: readonly Part[]): boolean {
  const free = [...facts];
  return (
    facts.length === parts.length &&
    parts.every((part) => {
      const at = free.findIndex((fact) => isPart(fact, part));
      if (at >= 0) free.splice(at, 1);
      return at >= 0;
    })
  );
}

export function isPart({ statement }: Fact, part: Part): boolean {
  const told: Readonly<Record<string, unknown>> = { ...statement };
  return Object.entries(part).every(([key, value]) => JSON.stringify(told[key]) === JSON.stringify(value));
}
