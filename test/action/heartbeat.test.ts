import { describe, expect, it } from 'vitest';
import { startHeartbeat } from '../../action/verbs/heartbeat.ts';
import type { VerbContext } from '../../action/verbs/verb.ts';
import { openWriter } from '../../action/verbs/workplace.ts';
import { credentialsOf } from '../../pipelines/artifacts/credentials.ts';
import { decideLease, decideReaping } from '../../registry/decide/lease.ts';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { leaseOf } from '../../registry/state/leases.ts';
import { runId } from '../fixtures/registry.ts';
import { temporaryRepository } from '../temporary.ts';

const MODEL = ModelName.parse('clouds');
const RUN = runId('heart');

describe('a heartbeat', () => {
  it('holds on to the lease though the main thread hears nothing, and no longer than it is wanted', async () => {
    const context: VerbContext = {
      folder: temporaryRepository(),
      now: () => new Date().toISOString(),
      progress: { step: () => ({ tell: () => undefined, end: () => undefined }), say: () => undefined },
      dryRun: false,
      actor: null,
      source: { door: 'cli' },
      secrets: { keys: null, stores: credentialsOf({}) },
    };
    const { registry } = await openWriter(context, null);
    const start = { model: MODEL, run: RUN, recipe: 'r', asked: {}, inputs: [], steps: ['train'] };
    await registry.execute((state) => decideRunStart(state, start));
    const lease = { model: MODEL, run: RUN, step: 'train', holder: 'here', minutes: 1 };
    await registry.execute((state) => decideLease(state, { ...lease, now: context.now() }));
    const { folder, actor, source, secrets } = context;
    const heart = startHeartbeat({
      context: { folder, actor, source, secrets, startedAt: context.now() },
      remote: null,
      lease,
      everyMs: 20,
    });

    // As training does: nothing else of this thread is heard of until the heart has beaten.
    const heard = async () => leaseOf((await registry.read())?.state.models.get(MODEL), RUN, 'train');
    const until = performance.now() + 60_000;
    let beats = 0;
    while (beats === 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      beats = (await heard())?.beat ?? 0;
    }
    await heart.stop();
    expect(beats).toBeGreaterThan(0);
    const last = await heard();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    expect(await heard()).toEqual(last);

    const later = new Date(Date.parse(last?.until ?? '') + 1).toISOString();
    await registry.execute((state) => decideReaping(state, later));
    expect((await heard())?.end).toEqual({ kind: 'lost' });
  });
});
