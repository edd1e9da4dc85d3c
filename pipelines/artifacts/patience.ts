/** How often something that may succeed later is tried again, and how long is waited in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';

export interface Patience {
  /** Attempts in a row without any progress. */
  readonly attempts: number;
  /** Longest wait that a server may ask for. */
  readonly waitMsMax: number;
  wait(ms: number): Promise<void>;
}

export const PATIENT: Patience = { attempts: 5, waitMsMax: 120_000, wait: (ms) => sleep(ms) };

const FIRST_WAIT_MS = 250;
const Waiting = z.object({ waitMs: z.number().nullable() });

export interface Attempt {
  /** Counted from 0; 0 again after progress. */
  readonly number: number;
  /** What the attempt before ended with; null for the first. */
  readonly before: FettleError | null;
  /** Something was achieved: what fails after this is as good as a first attempt. */
  progress(): void;
}

/**
 * Tries again while the fault is one that may pass by itself.
 *
 * @throws the last fault
 */
export async function patiently<T>(patience: Patience, act: (attempt: Attempt) => Promise<T>): Promise<T> {
  let number = 0;
  let before: FettleError | null = null;
  for (;;) {
    const attempt: Attempt = { number, before, progress: () => void (number = 0) };
    try {
      return await act(attempt);
    } catch (error) {
      if (!(error instanceof FettleError) || error.retry !== 'later') throw error;
      const asked = Waiting.safeParse(error.detail).data?.waitMs ?? FIRST_WAIT_MS * 2 ** number;
      number += 1;
      if (number >= patience.attempts || asked > patience.waitMsMax) throw error;
      before = error;
      await patience.wait(asked);
    }
  }
}
