/** What a run that is joined takes from machines elsewhere, and what it does itself. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { memoWithElsewhere } from '../../action/verbs/elsewhere-memo.ts';
import { memoryMemo } from '../../pipelines/artifacts/step-memo.ts';
import type { Recipe } from '../../pipelines/engine/pipeline.ts';
import { planOf, type Plan } from '../../pipelines/engine/plan.ts';
import { defineStage, required, type Stage } from '../../pipelines/stages/stage.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { decideLease, decideReturn } from '../../registry/decide/lease.ts';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { DIGITS, registryOn } from '../fixtures/registry.ts';

const shared = {
  version: 1,
  takes: { source: required('source') },
  params: z.strictObject({}),
  reaches: 'nothing',
  perform: () => Promise.reject(new Error('nobody performs it here')),
} as const;
const train: Stage = defineStage({ ...shared, name: 'train', gives: { model: 'onnx' }, heavy: true });
const evaluate: Stage = defineStage({ ...shared, name: 'evaluate', gives: { outcomes: 'outcomes' } });

const RECIPE: Recipe = {
  name: 'two',
  says: 'For tests.',
  inputs: { source: { kind: 'source', required: true } },
  params: z.object({}),
  steps: [
    { name: 'train', stage: train, takes: { source: 'input.source' }, params: [] },
    { name: 'evaluate', stage: evaluate, takes: { source: 'input.source' }, params: [] },
  ],
};
const SOURCE = { kind: 'source' as const, digest: digestOf('ab'), sizeBytes: 2 };
const PLAN: Plan = planOf({ recipe: RECIPE, inputs: { source: SOURCE }, params: {}, seed: 1, code: '1' });
const AT = '2026-11-21T12:00:00.000Z';

function recordOf(name: string, slots: Readonly<Record<string, ArtifactKind>>): StepRecord {
  const step = PLAN.steps.find((one) => one.name === name)!;
  const outputs = Object.fromEntries(
    Object.entries(slots).map(([slot, kind]) => [slot, { kind, digest: digestOf(slot), sizeBytes: 9 }]),
  );
  return { step: name, stage: step.stage.name, digest: step.digest, outputs, tookMs: 4, known: false };
}

async function given(record: StepRecord): Promise<RegistryState> {
  const registry = registryOn();
  const steps = PLAN.steps.map(({ name }) => name);
  const start = { model: DIGITS, run: PLAN.run, recipe: 'two', asked: {}, inputs: [], steps };
  await registry.execute((state) => decideRunStart(state, start));
  const ask = { model: DIGITS, run: PLAN.run, step: record.step, holder: 'there', now: AT };
  await registry.execute((state) => decideLease(state, { ...ask, minutes: 10 }));
  await registry.execute((state) => decideReturn(state, { ...ask, end: { kind: 'performed', record } }));
  return (await registry.read())!.state;
}

async function takenFor(record: StepRecord): Promise<unknown> {
  const joining = { state: await given(record), model: DIGITS, plan: PLAN };
  return memoWithElsewhere(memoryMemo(), joining).get(record.digest);
}

describe('a run that is joined', () => {
  it('takes what a machine elsewhere trained', async () => {
    const record = recordOf('train', { model: 'onnx' });
    expect(await takenFor(record)).toEqual({ outputs: record.outputs, tookMs: 4 });
  });

  it('scores what was trained itself, whatever a machine elsewhere says of it', async () => {
    expect(await takenFor(recordOf('evaluate', { outcomes: 'outcomes' }))).toBeNull();
  });

  it.each<[string, Readonly<Record<string, ArtifactKind>>]>([
    ['nothing', {}],
    ['another kind of bytes', { model: 'dataset' }],
    ['more than was promised', { model: 'onnx', outcomes: 'outcomes' }],
  ])('takes %s for no model', async (_, slots) => {
    expect(await takenFor(recordOf('train', slots))).toBeNull();
  });
});
