/** A comparison of solvers as the log keeps it: read again by people, and the ground of no decision. */
import type { Deed, EventOf } from '../schema/event.ts';

export type OptimisationAsk = EventOf<'optimisation.recorded'>['body'];

/** @param last  the comparison recorded last, by its digest; null for none */
export function decideOptimisation(ask: OptimisationAsk, last: string | null): readonly Deed[] {
  if (ask.comparison === last) return [];
  return [{ type: 'optimisation.recorded', subject: 'registry', body: ask }];
}
