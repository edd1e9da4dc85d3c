/** A thread that holds on to a lease while the main one computes and hears nothing. It ends with its process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { decideBeat, type LeaseAsk } from '../../registry/decide/lease.ts';
import type { BeatOrders } from './heartbeat.ts';
import type { VerbContext } from './verb.ts';
import { openWriter } from './workplace.ts';

async function beat({ context, remote, lease, everyMs }: BeatOrders): Promise<void> {
  const began = Date.parse(context.startedAt);
  const now = (): string => new Date(began + performance.now()).toISOString();
  const silent = { tell: () => undefined, end: () => undefined };
  const whole: VerbContext = {
    ...context,
    now,
    dryRun: false,
    progress: { step: () => silent, say: () => undefined },
  };
  for (;;) {
    await sleep(everyMs);
    const { registry } = await openWriter(whole, remote);
    const ask: LeaseAsk = { ...lease, now: now() };
    // One beat that does not get through is no harm; the next one may.
    await registry.execute((state) => decideBeat(state, ask)).catch(() => undefined);
  }
}

await beat(workerData);
