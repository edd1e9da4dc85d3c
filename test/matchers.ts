/** Matchers of ours: a fault is asserted by its definition, never by its text. */
import { expect } from 'vitest';
import { FettleError, type Fault } from '../registry/base/fault.ts';

declare module 'vitest' {
  // The type parameters are vitest's own and have to be repeated as they stand.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Of a function, of a promise after `.rejects`, or of an error: that it throws, rejects with or is this fault. */
    toThrowFault: (fault: Fault<never>, _?: T) => R;
  }
}

expect.extend({
  toThrowFault(received: unknown, fault: Fault<never>) {
    const thrown = typeof received === 'function' ? thrownBy(received as () => unknown) : received;
    const found = thrown instanceof FettleError ? `${thrown.code}: ${thrown.message}` : String(thrown);
    const pass = thrown instanceof FettleError && thrown.code === fault.code;
    return {
      pass,
      message: () => `wanted fault ${fault.code}${pass ? ' not to be thrown' : ''}, found ${found}`,
    };
  },
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return 'nothing thrown';
  } catch (error) {
    return error;
  }
}
