/** Deeds become events: who, when, through which door, and a key by which the same deed is known again. */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { canonical } from '../base/json.ts';
import { IdemKey, RegistryEvent, type Actor, type Deed, type Source } from '../schema/event.ts';

export interface Stamp {
  readonly actor: Actor;
  readonly source: Source;
  readonly now: Clock;
  /** Names this visit, so that a deed asked twice by one visit is one deed. */
  readonly visit: string;
  /**
   * When the visit was asked for, ISO 8601, where it may be handled again on a later day: a key begins with its day.
   * Left out where the visit is of this very moment.
   */
  readonly askedAt?: string;
}

/** A deed that is the same whoever does it, and whenever, brings the key that says so. */
export type KeyedDeed = Deed & { readonly idem?: IdemKey };

export function stampedWith(
  { actor, source, visit, now, askedAt }: Stamp,
  deeds: readonly KeyedDeed[],
): readonly RegistryEvent[] {
  const at = now();
  return deeds.map((deed, ordinal) => {
    const idem = idemOf((askedAt ?? at).slice(0, 10), [visit, deed.type, deed.subject, ordinal]);
    return RegistryEvent.parse({ v: 1, crit: [], at, by: actor, src: source, idem, ...deed });
  });
}

export function idemOf(day: string, identity: readonly unknown[]): IdemKey {
  const hash = createHash('sha256').update(canonical(identity)).digest('hex');
  return IdemKey.parse(`${day}-${hash.slice(0, 32)}`);
}
