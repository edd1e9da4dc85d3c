/** Entries -> JSON lines, one an event, as DuckDB, jq and pandas read them. */
import { canonical } from '../base/json.ts';
import { eventId, type Entry } from '../schema/entry.ts';

/** The members of the event beside its position and its id; types that this Fettle does not know come along. */
export function jsonlOf(entries: readonly Entry[]): string {
  return entries
    .map(({ seq, envelope }) => `${plain(canonical({ seq, id: eventId(envelope), ...envelope }))}\n`)
    .join('');
}

/** The control characters that JSON allows as they are would be taken out on the way to a terminal. */
function plain(line: string): string {
  return line.replaceAll(/[\u007f-\u009f]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
}
