/**
 * What was when. Order is position in the log; the time of an event is a remark, made by a clock that may have been
 * wrong. So a date means a position too: what was at a date is the longest beginning of the log whose last event was
 * made at that date or before. An event dated later than one that follows it is part of that beginning.
 */
import { beforeTheBeginning, modelUnknown, positionBeyondEnd } from '../faults.ts';
import type { Entry } from '../schema/entry.ts';
import type { EventType } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { Moment } from '../schema/moment.ts';
import type { RegistryState } from '../schema/state.ts';
import { foldEntries } from './fold.ts';

export interface Then {
  readonly state: RegistryState;
  /** How many events there were. */
  readonly size: number;
  /** Position of the last of them. */
  readonly seq: number;
  /** When it was made, by its own word. */
  readonly at: string;
}

/**
 * The registry right after a position, or at a date.
 *
 * @param entries  the log from its beginning; for a position its beginning up to there will do
 * @throws positionBeyondEnd, beforeTheBeginning
 */
export function thenAt(entries: readonly Entry[], moment: Moment): Then {
  const last = entries[countAt(entries, moment) - 1];
  if (last === undefined) throw beforeTheBeginning({ found: textOf(moment), began: beganAt(entries) });
  const size = last.seq + 1;
  return { state: stateAt(entries, size), size, seq: last.seq, at: last.envelope.at };
}

/** The state that the first events make. */
export function stateAt(entries: readonly Entry[], size: number): RegistryState {
  return foldEntries(entries.slice(0, size));
}

/**
 * How many of the events there were at the moment.
 *
 * @param entries  the log from its beginning
 * @throws positionBeyondEnd
 */
function countAt(entries: readonly Entry[], moment: Moment): number {
  if (moment.kind === 'date') return endOf(entries, moment);
  const last = entries.length - 1;
  if (moment.seq > last) throw positionBeyondEnd({ found: moment.seq, last });
  return moment.seq + 1;
}

/** Index after the last entry that the moment still holds; 0 when none of these is. */
function endOf(entries: readonly Entry[], moment: Moment): number {
  return (
    1 +
    entries.findLastIndex((entry) =>
      moment.kind === 'date' ? timeOf(entry) <= moment.last : entry.seq <= moment.seq,
    )
  );
}

/** Index of the first entry that is not before the moment; 0 when none of these is before it. */
function beginningOf(entries: readonly Entry[], moment: Moment): number {
  return 1 + entries.findLastIndex((entry) => isBefore(entry, moment));
}

function isBefore(entry: Entry, moment: Moment): boolean {
  return moment.kind === 'date' ? timeOf(entry) < moment.first : entry.seq < moment.seq;
}

function timeOf({ envelope }: Entry): number {
  return Date.parse(envelope.at);
}

export interface Sought {
  readonly model: string | null;
  readonly type: EventType | null;
  readonly since: Moment | null;
  readonly until: Moment | null;
  readonly limit: number;
}

/** How many events of the beginning of the log are enough to know the moment: all of them for a date. */
export function enoughFor(moment: Moment | null): number {
  return moment?.kind === 'position' ? moment.seq + 1 : Infinity;
}

/**
 * The last entries that are sought, newest first. Right for any end of what `enoughFor(until)` takes from the log that
 * `reachesBack` calls long enough.
 *
 * @param entries  in order and without gaps
 */
export function lastSought(entries: readonly Entry[], sought: Sought): readonly Entry[] {
  const { model, type, since, until, limit } = sought;
  const first = since === null ? 0 : beginningOf(entries, since);
  const end = until === null ? entries.length : endOf(entries, until);
  return entries
    .slice(first, end)
    .filter(
      ({ envelope }) =>
        (model === null || envelope.subject === model) && (type === null || envelope.type === type),
    )
    .slice(-limit)
    .reverse();
}

/** Whether reading further back could not change what `lastSought` finds in these. */
export function reachesBack(entries: readonly Entry[], sought: Sought): boolean {
  const { since, limit } = sought;
  if (entries[0]?.seq === 0 || lastSought(entries, sought).length === limit) return true;
  return since !== null && entries.some((entry) => isBefore(entry, since));
}

/** @param entries  the log from its beginning. @throws modelUnknown where it holds no event of that model */
export function wantModel(entries: readonly Entry[], model: ModelName): void {
  if (entries.some(({ envelope }) => envelope.subject === model)) return;
  const known = new Set(
    entries.flatMap(({ event }) => (event === null || event.subject === 'registry' ? [] : [event.subject])),
  );
  throw modelUnknown({ model, known: [...known].sort() });
}

function textOf(moment: Moment): string {
  return moment.kind === 'date' ? moment.text : String(moment.seq);
}

function beganAt([first]: readonly Entry[]): string {
  return first === undefined ? 'never' : first.envelope.at;
}
