import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Checkpoints, memoryCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { memoryMemo, type StepMemo } from '../../pipelines/artifacts/step-memo.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { perform, type Performed } from '../../pipelines/engine/perform.ts';
import type { Recipe } from '../../pipelines/engine/pipeline.ts';
import { planOf, type PlanAsk } from '../../pipelines/engine/plan.ts';
import { slotMismatch, stageBrokePromise } from '../../pipelines/faults.ts';
import { defineStage, optional, required } from '../../pipelines/stages/stage.ts';
import { digestOf } from '../../registry/base/digest.ts';

let performed: string[] = [];

const double = defineStage({
  name: 'double',
  version: 1,
  takes: { text: required('source') },
  gives: { batch: 'batch' },
  params: z.strictObject({ times: z.int() }),
  reaches: 'nothing',
  async perform({ read, write }, { times }) {
    performed.push('double');
    await write(
      'batch',
      Buffer.from(
        Buffer.from(await read('text'))
          .toString()
          .repeat(times),
      ),
    );
  },
});

const join = defineStage({
  name: 'join',
  version: 1,
  takes: { batch: required('batch'), prior: optional('dataset') },
  gives: { dataset: 'dataset' },
  params: z.strictObject({}),
  reaches: 'nothing',
  async perform({ read, readIfAny, write }) {
    performed.push('join');
    const before = await readIfAny('prior');
    await write('dataset', Buffer.concat([before ?? Buffer.from('!'), await read('batch')]));
  },
});

const RECIPE: Recipe = {
  name: 'doubling',
  says: 'For tests.',
  inputs: { text: { kind: 'source', required: true }, prior: { kind: 'dataset', required: false } },
  params: z.object({ times: z.int() }),
  steps: [
    { name: 'first', stage: double, takes: { text: 'input.text' }, params: ['times'] },
    { name: 'second', stage: join, takes: { batch: 'first.batch', prior: 'input.prior' }, params: [] },
    {
      name: 'third',
      stage: join,
      takes: { batch: 'first.batch', prior: 'second.dataset' },
      params: [],
      onlyWith: 'prior',
    },
  ],
};

const TEXT = { kind: 'source' as const, digest: digestOf('ab'), sizeBytes: 2 };
const ASK: PlanAsk = { recipe: RECIPE, inputs: { text: TEXT }, params: { times: 2 }, seed: 1, code: '1' };

async function performAll(ask: PlanAsk, store: ArtifactStore, memo: StepMemo): Promise<Performed> {
  performed = [];
  await store.put('source', Buffer.from('ab'));
  let now = 0;
  const watch = () => ({ tell: () => undefined, end: () => undefined });
  return perform(planOf(ask).steps, { store, memo, elapsedMs: () => (now += 5), watch });
}

/** Gives what was left before, and leaves a word. */
const goingOn = defineStage({
  ...join,
  name: 'going-on',
  takes: { batch: required('batch') },
  params: z.strictObject({ times: z.int() }),
  async perform({ recall, leave, write }) {
    const key = digestOf('key');
    await write('dataset', (await recall(key)) ?? Buffer.from('nothing'));
    await leave(key, Buffer.from('a word'));
  },
});

describe('what a stage leaves', () => {
  const recipe: Recipe = {
    ...RECIPE,
    steps: [
      ...RECIPE.steps.slice(0, 1),
      { name: 'on', stage: goingOn, takes: { batch: 'first.batch' }, params: ['times'] },
    ],
  };

  /** Of a memo that knows nothing, so that it is performed each time. */
  async function given(ask: PlanAsk, checkpoints?: Checkpoints): Promise<string> {
    const store = memoryStore();
    await store.put('source', Buffer.from('ab'));
    const watch = () => ({ tell: () => undefined, end: () => undefined });
    const shop = { store, memo: memoryMemo(), elapsedMs: () => 0, watch };
    const done = await perform(
      planOf(ask).steps,
      checkpoints === undefined ? shop : { ...shop, checkpoints },
    );
    const digest = done.get('on')?.outputs['dataset']?.digest ?? digestOf('');
    return Buffer.from(await store.get(digest)).toString();
  }

  it('is there for it again, and for no other seed or parameters', async () => {
    const ask = { ...ASK, recipe };
    const checkpoints = memoryCheckpoints();
    expect([await given(ask), await given(ask)]).toEqual(['nothing', 'nothing']);
    expect([await given(ask, checkpoints), await given(ask, checkpoints)]).toEqual(['nothing', 'a word']);
    expect(await given({ ...ask, seed: 2 }, checkpoints)).toBe('nothing');
    expect(await given({ ...ask, params: { times: 3 } }, checkpoints)).toBe('nothing');
  });
});

describe('a plan', () => {
  it('is the same for the same words, in any order of parameters', () => {
    expect(planOf(ASK)).toEqual(planOf({ ...ASK, params: { times: 2 } }));
  });

  it('changes from the first step on that is touched by a change', () => {
    const digests = (ask: PlanAsk) => planOf(ask).steps.map(({ digest }) => digest);
    const [first, second] = digests(ASK);
    for (const change of [{ seed: 2 }, { code: '2' }, { params: { times: 3 } }]) {
      const changed = digests({ ...ASK, ...change });
      expect(changed[0]).not.toBe(first);
      expect(changed[1]).not.toBe(second);
    }
    const prior = { kind: 'dataset' as const, digest: digestOf('p'), sizeBytes: 1 };
    const withPrior = digests({ ...ASK, inputs: { text: TEXT, prior } });
    expect(withPrior[0]).toBe(first);
    expect(withPrior[1]).not.toBe(second);
  });

  it('leaves out the step whose input the run lacks', () => {
    expect(planOf(ASK).steps.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('names its run by its digest', () => {
    expect(planOf(ASK).run).toMatch(/^run-[0-9a-f]{16}$/);
    expect(planOf({ ...ASK, seed: 9 }).run).not.toBe(planOf(ASK).run);
  });

  it('refuses neighbours that do not fit, and a slot that nothing fills', () => {
    const wrong = { ...TEXT, kind: 'onnx' as const };
    expect(() => planOf({ ...ASK, inputs: { text: wrong } })).toThrowFault(slotMismatch);
    expect(() => planOf({ ...ASK, inputs: {} })).toThrowFault(slotMismatch);
  });
});

describe('performing a plan', () => {
  it('hands each step the bytes of those before it', async () => {
    const store = memoryStore();
    const done = await performAll(ASK, store, memoryMemo());
    const made = done.get('second')?.outputs['dataset'];
    expect(made?.digest).toBe(digestOf('!abab'));
    expect(done.get('first')).toMatchObject({ stage: 'double', tookMs: 5, known: false });
  });

  it('does nothing a second time', async () => {
    const [store, memo] = [memoryStore(), memoryMemo()];
    const first = await performAll(ASK, store, memo);
    const second = await performAll(ASK, store, memo);
    expect(performed).toEqual([]);
    expect([...second.values()].map(({ known, tookMs }) => [known, tookMs])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect(second.get('second')?.outputs).toEqual(first.get('second')?.outputs);
  });

  it('performs a known step again when its bytes are gone', async () => {
    const memo = memoryMemo();
    await performAll(ASK, memoryStore(), memo);
    await performAll(ASK, memoryStore(), memo);
    expect(performed).toEqual(['double', 'join']);
  });

  // Whatever the point at which the machine stops, going on gives what an unbroken run gives.
  it('ends with the same digests when it is cut off at any write', async () => {
    const whole = await performAll(ASK, memoryStore(), memoryMemo());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { maxLength: 4 }), async (cuts) => {
        const [store, memo] = [memoryStore(), memoryMemo()];
        for (const cut of cuts) {
          let writes = 0;
          const dying =
            <T extends unknown[], R>(write: (...words: T) => Promise<R>) =>
            async (...words: T): Promise<R> => {
              if (writes++ === cut) throw new Error('killed');
              return write(...words);
            };
          const [mortal, forgetful] = [
            { ...store, put: dying(store.put) },
            { ...memo, put: dying(memo.put) },
          ];
          await performAll(ASK, mortal, forgetful).catch(() => undefined);
        }
        const end = await performAll(ASK, store, memo);
        for (const [step, { outputs }] of whole) expect(end.get(step)?.outputs).toEqual(outputs);
      }),
    );
  });

  it('does not believe a stage that keeps silent about a slot', async () => {
    const silent = { ...double, perform: async () => undefined };
    const [first] = RECIPE.steps;
    const recipe = { ...RECIPE, steps: first === undefined ? [] : [{ ...first, stage: silent }] };
    await expect(performAll({ ...ASK, recipe }, memoryStore(), memoryMemo())).rejects.toThrowFault(
      stageBrokePromise,
    );
  });
});

describe('the steps that confirm', () => {
  const recipe: Recipe = {
    ...RECIPE,
    confirmation: [
      { name: 'first-again', stage: double, takes: { text: 'input.text' }, params: ['times'] },
      { name: 'second-again', stage: join, takes: { batch: 'first-again.batch' }, params: [] },
    ],
  };

  it('are planned with a seed of their own, and the run is named without them', () => {
    const plan = planOf({ ...ASK, recipe });
    expect(plan.run).toBe(planOf(ASK).run);
    expect(plan.confirmation.map(({ name, seed }) => [name, seed])).toEqual([
      ['first-again', 2],
      ['second-again', 2],
    ]);
    expect(plan.confirmation[0]?.digest).not.toBe(plan.steps[0]?.digest);
    expect(planOf({ ...ASK, recipe }).confirmation).toEqual(plan.confirmation);
  });

  it('are performed on what was performed before, and known the second time', async () => {
    const { confirmation, steps } = planOf({ ...ASK, recipe });
    const [store, memo] = [memoryStore(), memoryMemo()];
    const watch = () => ({ tell: () => undefined, end: () => undefined });
    await store.put('source', Buffer.from('ab'));
    const shop = { store, memo, elapsedMs: () => 0, watch };
    const done = await perform(steps, shop);
    const first = await perform(confirmation, shop, done);
    expect([...first.keys()]).toEqual(['first', 'second', 'first-again', 'second-again']);
    const second = await perform(confirmation, shop, done);
    expect(second.get('second-again')).toMatchObject({ known: true });
  });
});
