import { describe, expect, it } from 'vitest';
import { decimal } from '../../registry/base/decimal.ts';
import type { Metric } from '../../registry/schema/metric.ts';
import {
  bytesText,
  clauseOf,
  clipped,
  codeSpan,
  counted,
  durationText,
  html,
  listed,
  markdown,
  minuteText,
  restOf,
  scoreText,
  shareText,
  timeText,
  valueText,
} from '../../registry/report/words.ts';
import { ATTACKS } from './hostile.ts';

const ACCURACY: Metric = {
  name: 'accuracy',
  value: decimal(0.934),
  unit: 'ratio',
  better: 'higher',
  n: 599,
  interval: { low: decimal(0.9118), high: decimal(0.9511), method: 'wilson' },
};

describe('numbers and times, as people read them', () => {
  it('tells a share with its interval, without where there is none, and a dash where nothing was measured', () => {
    expect(shareText(ACCURACY)).toBe('93.4% (91.2 to 95.1)');
    expect(shareText({ ...ACCURACY, interval: null })).toBe('93.4%');
    expect(shareText(null)).toBe('–');
  });

  it('tells a score with its interval where its unit is a share, and as its unit asks where it is none', () => {
    expect(scoreText(ACCURACY)).toBe('93.4% (91.2 to 95.1)');
    expect(scoreText({ ...ACCURACY, unit: 'ms', value: decimal(12_400) })).toBe('12.4 s');
    expect(scoreText({ ...ACCURACY, unit: 'count', value: decimal(1040) })).toBe('1,040');
  });

  it('tells each unit in its own way', () => {
    const told = (unit: Metric['unit'], value: number) =>
      valueText({ ...ACCURACY, unit, value: decimal(value) });
    expect([told('ratio', 0.5), told('bytes', 3349), told('ms', 0.018), told('count', 1040)]).toEqual([
      '50.0%',
      '3.3 kB',
      '0.02 ms',
      '1,040',
    ]);
  });

  it('tells times in UTC to the minute', () => {
    expect(minuteText('2026-11-21T03:15:59.999Z')).toBe('2026-11-21 03:15');
    expect(timeText('2026-11-21T03:15:59.999Z')).toBe('2026-11-21 03:15 UTC');
  });

  it('tells durations in the unit that suits them', () => {
    const hour = 3_600_000;
    const told = [0, 186, 12_400, 14 * 60_000, 5.5 * hour, 17 * 24 * hour].map(durationText);
    expect(told).toEqual(['0 ms', '186 ms', '12.4 s', '14 min', '5.5 h', '17 days']);
  });

  it('tells sizes, counts and lists', () => {
    expect([999, 3349, 5e6, 2e9].map(bytesText)).toEqual(['999 B', '3.3 kB', '5.0 MB', '2.0 GB']);
    expect([counted(1, 'row'), counted(1040, 'row'), counted(1_234_567, 'row')]).toEqual([
      '1 row',
      '1,040 rows',
      '1,234,567 rows',
    ]);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });

  it('parts a reason into what decided and the numbers behind it', () => {
    expect([clauseOf('a; b; c'), restOf('a; b; c')]).toEqual(['a', 'b; c']);
    expect([clauseOf('a'), restOf('a')]).toEqual(['a', '']);
  });

  it('cuts between characters, never through one', () => {
    expect(clipped('👍👍👍👍', 3)).toBe('👍👍…');
    expect(clipped('four', 4)).toBe('four');
  });
});

// Labels and reasons come from data and from people: they are shown, never obeyed.
describe('text from outside', () => {
  it('comes out as it was when a browser reads the escapes', () => {
    const read = (text: string): string =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
    for (const attack of ATTACKS.slice(0, 5)) expect(read(html(attack))).toBe(attack);
  });

  it('loses what would break lines or turn the direction of writing', () => {
    expect(html('a\u202Eb\u0007c\nd')).toBe('ab c d');
    expect(markdown('a\u2066b\r\nc')).toBe('ab c');
  });

  it('pings nobody and mentions no issue', () => {
    expect(markdown('@octocat @org/team #12 GH-12')).not.toMatch(/@\w|#\d|GH-\d/);
  });

  it('makes no link, picture, formula, table cell or tag', () => {
    const told = markdown('[a](javascript:x) ![b](c) $x$ | <b> https://x.test www.x.test');
    expect(told).not.toMatch(/(?<!\\)[[\]$|!]|<|:\/\/|www\./);
  });

  it('stays inside a code span, and a span of nothing is none', () => {
    expect(codeSpan('a`b|c\nd')).toBe('`a b c d`');
    expect(codeSpan(' ` ')).toBe('–');
  });
});
