/** Says again and again that a step is being worked on, from a thread of its own: training hears no timer. */
import { Worker } from 'node:worker_threads';
import type { LeaseAsk } from '../../registry/decide/lease.ts';
import type { VerbContext } from './verb.ts';

/** Everything that the thread is told; it reads no environment and no clock of its own. */
export interface BeatOrders {
  readonly context: Pick<VerbContext, 'folder' | 'actor' | 'source' | 'secrets'> & {
    readonly startedAt: string;
  };
  /** `registry.remote` of the settings. */
  readonly remote: string | null;
  readonly lease: Omit<LeaseAsk, 'now'>;
  readonly everyMs: number;
}

export interface Heartbeat {
  /** @returns once the thread writes no more */
  stop(): Promise<void>;
}

export function startHeartbeat(orders: BeatOrders): Heartbeat {
  // The bundle has this file as JavaScript, beside the others.
  const end = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./beat-thread.${end}`, import.meta.url), { workerData: orders });
  // Whatever becomes of the thread, the step goes on; a lease that nobody renewed is given up by `fettle watch`.
  thread.on('error', () => undefined);
  thread.unref();
  return {
    async stop() {
      await thread.terminate();
    },
  };
}
