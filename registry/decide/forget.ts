/** Rows were taken out of artifacts: one event for each, which says what took the place of what and nothing of the rows. */
import type { Deed, EventOf } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';

export type Tombstone = Omit<EventOf<'artifact.forgotten'>['body'], 'reason'>;

export interface ForgettingAsk {
  readonly tombstones: readonly Tombstone[];
  readonly reason: string;
}

/** @returns none for what the registry knows already */
export function decideForgetting(
  { trust }: RegistryState,
  { tombstones, reason }: ForgettingAsk,
): readonly Deed[] {
  const known = new Map(trust.forgotten.map(({ removed, replacement }) => [removed, replacement]));
  return tombstones
    .filter(({ removed, replacement }) => known.get(removed) !== replacement || !known.has(removed))
    .map((tombstone) => ({
      type: 'artifact.forgotten',
      subject: 'registry',
      body: { ...tombstone, reason },
    }));
}
