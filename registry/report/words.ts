/** How reports say numbers, times and words from outside: one voice, and nothing that a reader's browser would obey. */
import type { Metric } from '../schema/metric.ts';

/** `93.4%` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** `1.2 points`, of a difference of shares. */
export function points(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`;
}

/** `+0.4`: a difference of shares in points, its sign telling a gain from a loss. */
export function signed(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference * 100).toFixed(1)}`;
}

/** `+0.4 points` */
export function signedPoints(difference: number): string {
  return `${signed(difference)} points`;
}

/** `+0.4 to +2.1 points` */
export function pointsRange({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${signed(low)} to ${signed(high)} points`;
}

/** `97.9% (96.2 to 98.8)`; a dash where it was not measured. */
export function shareText(metric: Metric | null): string {
  if (metric === null) return '–';
  const told = percent(Number(metric.value));
  return metric.interval === null ? told : `${told} (${intervalText(metric.interval)})`;
}

/** `96.2 to 98.8`, in percent without its sign. */
export function intervalText({ low, high }: NonNullable<Metric['interval']>): string {
  return [low, high].map((end) => (Number(end) * 100).toFixed(1)).join(' to ');
}

/** `97.9%`, `3.3 kB`, `0.02 ms`, `1,040` */
export function valueText({ value, unit }: Metric): string {
  const number = Number(value);
  switch (unit) {
    case 'ratio':
      return percent(number);
    case 'bytes':
      return bytesText(number);
    case 'ms':
      return number < 1000 ? `${number.toFixed(number < 10 ? 2 : 0)} ms` : durationText(number);
    case 'count':
      return grouped(number);
    case 'bits':
      return `${grouped(Math.round(number))} bits`;
  }
}

/** A share with its interval, as `97.9% (96.2 to 98.8)`; everything else as its unit asks. */
export function scoreText(metric: Metric): string {
  return metric.unit === 'ratio' ? shareText(metric) : valueText(metric);
}

/** `2026-11-21 03:15`, for columns that say UTC in their head. */
export function minuteText(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** `2026-11-21 03:15 UTC`, for sentences. */
export function timeText(at: string): string {
  return `${minuteText(at)} UTC`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 h ago`; the day itself when it is more than a month. */
export function ago(at: string, now: string): string {
  const seconds = Math.round((Date.parse(now) - Date.parse(at)) / 1000);
  if (!(seconds >= 5)) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  return days <= 31 ? `${days} d ago` : at.slice(0, 10);
}

/** `12.3 minutes`, for budgets, which are told in minutes. */
export function minutesText(ms: number): string {
  return `${(ms / MINUTE).toFixed(1)} minutes`;
}

/** Short enough for a column: `186 ms`, `12.4 s`, `14 min`, `5.5 h`, `17 days`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 90 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 36 * HOUR) return `${(ms / HOUR).toFixed(1)} h`;
  return `${Math.round(ms / DAY)} days`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `1,040` */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 row`, `1,040 rows` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a, b and c` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Gates put what decided first; the numbers behind it follow after a semicolon. */
export function clauseOf(reason: string): string {
  return reason.split('; ')[0] ?? '';
}

/** What `clauseOf` leaves out; empty when it is everything. */
export function restOf(reason: string): string {
  return reason.slice(clauseOf(reason).length).replace(/^; /, '');
}

/** At most that many characters, the last an ellipsis where something was cut. */
export function clipped(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** Control characters would break lines; the marks that turn the direction of writing would hide what is said. */
export function plain(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, '');
}

/** For text between tags and inside quoted attributes. */
export function html(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * For a cell or the middle of a line of Markdown: no markup, no formula, no HTML, no break-out of a table, no address
 * that becomes a link or a picture, and nobody pinged or issue mentioned (a zero-width space parts what would).
 */
export function markdown(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]|~!$]/g, String.raw`\$&`)
    .replaceAll(/([@#])(?=[\w-])/g, '$1\u200B')
    .replaceAll(/\bGH-(?=\d)/gi, '$&\u200B')
    .replaceAll(/(\w):\/\//g, '$1:\u200B//')
    .replaceAll(/\bwww\./gi, 'www\u200B.');
}

/** For a code span, in which a backtick and a line end are all that could break out; a table also minds the bar. */
export function codeSpan(text: string): string {
  const inside = plain(text).replaceAll(/[`|]/g, ' ');
  return inside.trim() === '' ? '–' : `\`${inside}\``;
}
