/** What can go wrong between a client and GitHub, told before it happens. */
import { told } from './git-database.ts';
import type { Answer, Fault } from './answers.ts';

export interface Seen {
  readonly method: string;
  /** Below the API, such as `/repos/octo/models/issues/1`. */
  readonly path: string;
  /** As GitHub's description calls it, such as `issues/create-comment`, or `graphql`. */
  readonly operation: string | null;
  readonly login: string;
  readonly body: unknown;
}

export interface Planned {
  readonly fault: Fault;
  /** Of all requests where it is missing. */
  readonly when?: (seen: Seen) => boolean;
  /** Once where it is missing; Infinity until `clear`. */
  readonly times?: number;
}

export interface Faults {
  plan(planned: Planned): void;
  clear(): void;
}

export interface FaultsOfFront extends Faults {
  take(seen: Seen): Fault | null;
}

export function faultsInTurn(): FaultsOfFront {
  let plans: { readonly planned: Planned; left: number }[] = [];
  return {
    plan: (planned) => void plans.push({ planned, left: planned.times ?? 1 }),
    clear: () => void (plans = []),
    take(seen) {
      const found = plans.find(({ planned, left }) => left > 0 && (planned.when?.(seen) ?? true));
      if (found === undefined) return null;
      found.left -= 1;
      return found.planned.fault;
    },
  };
}

/** @source docs.github.com: Rate limits for the REST API, "About secondary rate limits" */
export function secondaryLimit(seconds: number, status: 403 | 429 = 403): Fault {
  const answer = told(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  );
  return { kind: 'answer', answer: { ...answer, headers: { 'retry-after': String(seconds) } } };
}

/** @source docs.github.com: Rate limits for the REST API, "Exceeding the rate limit" */
export function primaryLimit(resetInSeconds: number, nowMs: number): Answer {
  const reset = String(Math.floor(nowMs / 1000) + resetInSeconds);
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  return { ...told(403, 'API rate limit exceeded for installation.'), headers };
}

/** The pages of a GitHub that is down. */
export const BAD_GATEWAY: Fault = { kind: 'html', status: 502 };
export const UNAVAILABLE: Fault = { kind: 'html', status: 503 };
/** It was done, and nobody hears of it. */
export const LOST_ANSWER: Fault = { kind: 'lose' };
