/** Entries -> JSON lines, one an event, as DuckDB, jq and pandas read them. */
import { canonical } from '../base/json.ts';
import { eventId, type Entry } from '../schema/entry.ts';

/** The members of the event beside its position and its id; types that this Fettle does not know come along. */
export function jsonlOf(entries: readonly Entry[]): string {
  return entries
    .map(({ seq, envelope }) => `${canonical({ seq, id: eventId(envelope), ...envelope })}\n`)
    .join('');
}
