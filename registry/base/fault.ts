/** The one way to say that something is wrong: a code, whom it concerns, what was wanted and found, and what to do. */

/** `user` faults are shown in full wherever people are; `operator` faults only to whoever runs Fettle. */
export type Audience = 'user' | 'operator';

/** Whether the same call can succeed: never, after somebody changed something, or by itself later. */
export type Retry = 'never' | 'after-change' | 'later';

export interface FaultDefinition<D> {
  readonly audience: Audience;
  readonly retry: Retry;
  /** What was wanted and what was found, in one sentence without a final full stop. */
  readonly says: (detail: D) => string;
  /** The next step, as a sentence. */
  readonly mend: string | ((detail: D) => string);
}

export interface Fault<D> {
  (detail: D, cause?: unknown): FettleError;
  readonly code: string;
  readonly audience: Audience;
  readonly retry: Retry;
}

export class FettleError extends Error {
  readonly code: string;
  readonly audience: Audience;
  readonly retry: Retry;
  readonly mend: string;
  readonly detail: unknown;

  constructor(fault: Fault<never>, told: { says: string; mend: string; detail: unknown; cause: unknown }) {
    super(told.says, told.cause === undefined ? {} : { cause: told.cause });
    this.name = 'FettleError';
    this.code = fault.code;
    this.audience = fault.audience;
    this.retry = fault.retry;
    this.mend = told.mend;
    this.detail = told.detail;
  }
}

/** Every fault defined so far by code; the docs print it and a test asks that each one is thrown somewhere. */
export const FAULTS = new Map<string, Fault<never>>();

/**
 * Defines a fault; calling what it returns makes the error to throw.
 *
 * @param code  `folder/what-is-wrong`, unique in the house
 */
export function defineFault<D>(code: string, definition: FaultDefinition<D>): Fault<D> {
  const { audience, retry, says, mend } = definition;
  const make = (detail: D, cause?: unknown): FettleError => {
    const next = typeof mend === 'string' ? mend : mend(detail);
    return new FettleError(fault, { says: says(detail), mend: next, detail, cause });
  };
  const fault: Fault<D> = Object.assign(make, { code, audience, retry });
  if (FAULTS.has(code)) throw new Error(`two faults share the code ${code}`);
  FAULTS.set(code, fault);
  return fault;
}
