/** What a verifier remembers of a registry, so that a shorter, older or other one is noticed the next time. */
import * as z from 'zod';
import { canonical } from '../base/json.ts';
import { rootOf } from '../base/merkle.ts';
import { pinUnreadable } from '../faults.ts';
import { GENESIS } from '../schema/entry.ts';
import { SignedPolicy } from '../schema/policy.ts';
import type { Head } from '../store/log.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits');

export const Pin = z.strictObject({
  v: z.literal(1),
  origin: z.string().min(1),
  size: z.int().min(0),
  prev: Hash,
  frontier: z.array(Hash),
  /** The commit that was verified; null where the log keeps no such marks. */
  mark: z.string().nullable(),
  /** The policy in force there, from which the next one must follow. */
  policy: SignedPolicy.nullable(),
  /** When it was verified. */
  at: z.iso.datetime(),
  /** Written before the registry was: where another's lies instead of the one begun here, it says nothing of it. */
  intended: z.literal(true).optional(),
});
export type Pin = z.infer<typeof Pin>;

export interface Pinned {
  readonly mark: string | null;
  readonly policy: SignedPolicy | null;
  readonly at: string;
}

export function pinOf({ origin, size, prev, frontier }: Head, { mark, policy, at }: Pinned): Pin {
  return { v: 1, origin, size, prev, frontier: [...frontier], mark, policy, at };
}

/**
 * Whoever began a registry knows it from its first event on. It is written before, as intended, so that whoever is
 * killed in between remembers; what was written then takes its place.
 */
export function pinOfNothing({ origin, at }: Pick<Pin, 'origin' | 'at'>): Pin {
  return { v: 1, origin, size: 0, prev: GENESIS, frontier: [], mark: null, policy: null, at };
}

/** What a pin says of the registry of this name; null for nothing. */
export function pinFor(pin: Pin | null, origin: string): Pin | null {
  return pin?.intended === true && pin.origin !== origin ? null : pin;
}

export function pinText(pin: Pin): string {
  return `${canonical(pin)}\n`;
}

/** @throws pinUnreadable: a pin that cannot be read is no reason to go without one */
export function parsePin(text: string, where: string): Pin {
  const found = Pin.safeParse(jsonOf(text));
  if (found.success) return found.data;
  throw pinUnreadable({ where, found: z.prettifyError(found.error) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Hex. */
export function pinnedRoot({ frontier }: Pin): string {
  return rootOf(frontier);
}
