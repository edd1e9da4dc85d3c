import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opensAt, type Window } from '../../pipelines/runners/braket-device.ts';

const HOUR = 3_600_000;
const window = (executionDay: Window['executionDay'], from: number, to: number): Window => ({
  executionDay,
  windowStartHour: from * HOUR,
  windowEndHour: to * HOUR,
});

describe('when a machine is open', () => {
  // 21 November 2026 is a Saturday.
  it.each([
    ['now', [window('Everyday', 9, 17)], '2026-11-21T09:00:00.000Z', null],
    [
      'from its first moment on',
      [window('Everyday', 9, 17)],
      '2026-11-21T17:00:00.000Z',
      '2026-11-22T09:00:00.000Z',
    ],
    ['after a weekend', [window('Weekdays', 0, 24)], '2026-11-21T12:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['on the weekend', [window('Weekend', 6, 7)], '2026-11-22T07:00:00.000Z', '2026-11-28T06:00:00.000Z'],
    ['past midnight', [window('Friday', 22, 2)], '2026-11-21T01:59:59.999Z', null],
    [
      'past midnight, and no longer',
      [window('Friday', 22, 2)],
      '2026-11-21T02:00:00.000Z',
      '2026-11-27T22:00:00.000Z',
    ],
    [
      'at the sooner of two',
      [window('Monday', 8, 9), window('Sunday', 8, 9)],
      '2026-11-21T12:00:00.000Z',
      '2026-11-22T08:00:00.000Z',
    ],
    ['is not known without any window', [], '2026-11-21T12:00:00.000Z', null],
  ] as const)('%s', (_, windows, now, wanted) => {
    expect(opensAt(windows, now)).toBe(wanted);
  });

  const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const fits = (day: string, on: number): boolean =>
    day === 'Everyday' ||
    day === DAYS[on] ||
    (day === 'Weekend' ? on % 6 === 0 : day === 'Weekdays' && on % 6 !== 0);
  /** By the clock on the wall, hour by hour. */
  const isOpen = (windows: readonly Window[], at: number): boolean => {
    const [on, clock] = [new Date(at).getUTCDay(), at % (24 * HOUR)];
    return windows.some(({ executionDay, windowStartHour: from, windowEndHour: to }) => {
      if (from < to) return fits(executionDay, on) && from <= clock && clock < to;
      return (fits(executionDay, on) && clock >= from) || (fits(executionDay, (on + 6) % 7) && clock < to);
    });
  };

  it('is the first hour at which the clock on the wall says so, and none before', () => {
    const anyWindow = fc.record({
      executionDay: fc.constantFrom('Everyday', 'Weekdays', 'Weekend', ...(DAYS as Window['executionDay'][])),
      windowStartHour: fc.integer({ min: 0, max: 23 }).map((hour) => hour * HOUR),
      windowEndHour: fc.integer({ min: 0, max: 23 }).map((hour) => hour * HOUR),
    });
    const hours = fc.integer({ min: 0, max: 24 * 365 }).map((hour) => Date.parse('2026-01-01') + hour * HOUR);
    fc.assert(
      fc.property(fc.array(anyWindow, { minLength: 1, maxLength: 3 }), hours, (windows, now) => {
        const told = opensAt(windows as readonly Window[], new Date(now).toISOString());
        let at = now;
        while (!isOpen(windows as readonly Window[], at)) at += HOUR;
        expect(told).toBe(at === now ? null : new Date(at).toISOString());
      }),
      { numRuns: 300 },
    );
  });
});
