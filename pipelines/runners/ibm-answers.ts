/** What IBM's services answer: whether it may pass by itself, and what they say is wrong. */
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import { serviceUnreachable } from './faults.ts';

/** The answer as a value; undefined where it is no JSON. */
export function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Too many requests, or a server that is not well. */
export function isLater(status: number): boolean {
  return status === 429 || status === 408 || status >= 500;
}

/** A connection that broke is a fault of the service here, not of a store of artifacts. */
export function orUnreachable(
  error: unknown,
  told: { readonly service: string; readonly wanted: string },
): never {
  if (!(error instanceof FettleError) || error.retry !== 'later') throw error;
  throw serviceUnreachable({ ...told, said: error.message, waitMs: null }, error);
}

const Errors = z.object({
  errors: z
    .array(z.object({ code: z.union([z.string(), z.number()]).nullish(), message: z.string().nullish() }))
    .min(1),
});

const SAID_MOST = 300;

/** The service's own words, with its codes; the bare status where it says nothing. */
export function saidIn(status: number, text: string): string {
  const errors = Errors.safeParse(bodyOf(text)).data?.errors ?? [];
  const words = errors.map(({ code, message }) => [code, message].filter((part) => part != null).join(': '));
  const said = words.length > 0 ? words.join('; ') : text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return `HTTP ${status} ${said}`.trim().slice(0, SAID_MOST);
}
