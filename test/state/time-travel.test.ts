import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { beforeTheBeginning, modelUnknown, positionBeyondEnd } from '../../registry/faults.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { EVENT_TYPES, type EventType } from '../../registry/schema/event.ts';
import { Moment } from '../../registry/schema/moment.ts';
import { EMPTY, evolve } from '../../registry/state/fold.ts';
import {
  lastSought,
  reachesBack,
  stateAt,
  thenAt,
  wantModel,
  type Sought,
} from '../../registry/state/time-travel.ts';
import { eventOf, startOver } from '../fixtures/events.ts';
import { DIGITS, LETTERS } from '../fixtures/histories.ts';
import { logOf } from '../fixtures/logs.ts';

beforeAll(startOver);

const DAY = 24 * 60 * 60 * 1000;

/** A log of runs that were finished at these times of one day. */
function madeAt(...times: readonly string[]): readonly Entry[] {
  return logOf(times.map((time) => eventOf('run.finished', {}, { at: `2026-11-20T${time}.000Z` })));
}

describe('a moment', () => {
  it('is a position when it is digits alone, also when it could be a year', () => {
    expect(Moment.parse('120')).toEqual({ kind: 'position', seq: 120 });
    expect(Moment.parse('2026')).toEqual({ kind: 'position', seq: 2026 });
  });

  it('is all of the day, the minute, the second or the instant that it names', () => {
    const spanOf = (text: string): readonly [string, number] => {
      const moment = Moment.parse(text);
      if (moment.kind === 'position') throw new Error(`${text} is no date`);
      return [new Date(moment.first).toISOString(), moment.last - moment.first + 1];
    };
    expect(spanOf('2026-11-20')).toEqual(['2026-11-20T00:00:00.000Z', DAY]);
    expect(spanOf('2026-11-20T14:30')).toEqual(['2026-11-20T14:30:00.000Z', 60_000]);
    expect(spanOf('2026-11-20 14:30 UTC')).toEqual(['2026-11-20T14:30:00.000Z', 60_000]);
    expect(spanOf('2026-11-20T14:30:05Z')).toEqual(['2026-11-20T14:30:05.000Z', 1000]);
    expect(spanOf('2026-11-20T14:30:05.250Z')).toEqual(['2026-11-20T14:30:05.250Z', 1]);
    expect(spanOf('2026-11-20T01:30+02:00')).toEqual(['2026-11-19T23:30:00.000Z', 60_000]);
  });

  it.each([
    '',
    'yesterday',
    '-1',
    '1.5',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20T25:00',
    '2026-11',
    '9'.repeat(20),
  ])('is refused when nobody can read it: %j', (text) => {
    expect(Moment.safeParse(text).success).toBe(false);
  });
});

describe('the registry as it was', () => {
  it('is, at a position, what its beginning up to that event makes', () => {
    const types = fc.array(fc.constantFrom(...EVENT_TYPES), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(types, fc.nat(), (chosen: readonly EventType[], anywhere) => {
        const entries = logOf(chosen.map((type) => eventOf(type)));
        const size = anywhere % (entries.length + 1);
        // The oracle goes event by event; it knows nothing of beginnings.
        let state = EMPTY;
        for (const entry of entries) if (entry.seq < size) state = evolve(state, entry);
        expect(stateAt(entries, size)).toEqual(state);
        if (size === 0) return;
        const then = thenAt(entries, { kind: 'position', seq: size - 1 });
        expect(then).toMatchObject({ size, seq: size - 1 });
        expect(then.state).toEqual(state);
      }),
    );
  });

  it('is, at a date, what the events up to the last one of that date or before make', () => {
    const entries = madeAt('10:00:00', '11:00:00', '12:00:30', '13:00:00');
    const sizeAt = (text: string): number => thenAt(entries, Moment.parse(text)).size;
    expect(sizeAt('2026-11-20T10:59')).toBe(1);
    expect(sizeAt('2026-11-20T11:00')).toBe(2);
    expect(sizeAt('2026-11-20T11:00:00.000Z')).toBe(2);
    expect(sizeAt('2026-11-20T10:59:59.999Z')).toBe(1);
    expect(sizeAt('2026-11-20T12:00')).toBe(3);
    expect(sizeAt('2026-11-20T12:00:29')).toBe(2);
    expect(sizeAt('2026-11-20')).toBe(4);
    expect(sizeAt('2030-01-01')).toBe(4);
  });

  it('keeps its order where a clock went wrong: what stands before an event of that date was before it', () => {
    const entries = madeAt('10:00:00', '18:00:00', '11:00:00', '12:00:00');
    expect(thenAt(entries, Moment.parse('2026-11-20T11:30'))).toMatchObject({ size: 3, seq: 2 });
    expect(thenAt(entries, Moment.parse('2026-11-20T10:30'))).toMatchObject({ size: 1 });
  });

  it('is refused past the end, and before the beginning', () => {
    const entries = madeAt('10:00:00', '11:00:00');
    expect(() => thenAt(entries, Moment.parse('2'))).toThrowFault(positionBeyondEnd);
    expect(() => thenAt(entries, Moment.parse('2026-11-19'))).toThrowFault(beforeTheBeginning);
    expect(() => thenAt(entries, Moment.parse('2026-11-20T09:59'))).toThrow(
      'it began 2026-11-20T10:00:00.000Z',
    );
  });
});

describe('a model', () => {
  it('is known to a log that holds an event of it, and else refused with those that are', () => {
    const entries = logOf([eventOf('registry.created'), eventOf('run.started')]);
    expect(() => wantModel(entries, DIGITS)).not.toThrow();
    expect(() => wantModel(entries, LETTERS)).toThrowFault(modelUnknown);
    expect(() => wantModel(entries, LETTERS)).toThrow('it holds `digits`');
  });
});

describe('the events that are sought', () => {
  const entries = madeAt('10:00:00', '18:00:00', '11:00:00', '12:00:00', '13:00:00');
  const sought = (words: Partial<Record<'since' | 'until', string>>, limit = 9): Sought => ({
    model: null,
    type: null,
    since: words.since === undefined ? null : Moment.parse(words.since),
    until: words.until === undefined ? null : Moment.parse(words.until),
    limit,
  });
  const seqs = (asked: Sought): readonly number[] => lastSought(entries, asked).map(({ seq }) => seq);

  it('are the newest first, from and to a position or a date and with it', () => {
    expect(seqs(sought({}, 2))).toEqual([4, 3]);
    expect(seqs(sought({ since: '3' }))).toEqual([4, 3]);
    expect(seqs(sought({ until: '1' }))).toEqual([1, 0]);
    expect(seqs(sought({ since: '2026-11-20T12:00' }))).toEqual([4, 3]);
    expect(seqs(sought({ until: '2026-11-20T11:00' }))).toEqual([2, 1, 0]);
    expect(seqs(sought({ since: '99' }))).toEqual([]);
    expect(seqs(sought({ until: '2026-11-19' }))).toEqual([]);
  });

  it('are found in the end of the log that is called long enough, as in all of it', () => {
    const places = fc.constantFrom('0', '2', '4', '2026-11-20T10:30', '2026-11-20T11:30', '2026-11-21');
    const maybe = fc.option(places, { nil: undefined });
    fc.assert(
      fc.property(maybe, maybe, fc.integer({ min: 1, max: 6 }), fc.nat(5), (since, until, limit, from) => {
        const asked = sought({ ...(since && { since }), ...(until && { until }) }, limit);
        const end = entries.slice(from);
        if (end.length === 0 || !reachesBack(end, asked)) return;
        expect(lastSought(end, asked)).toEqual(lastSought(entries, asked));
      }),
    );
  });
});
