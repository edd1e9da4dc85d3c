/** How reports say numbers, times and words from outside: one voice, and nothing that a reader's browser would obey. */
import type { Metric } from '../schema/metric.ts';
import type { ModelState, VersionState } from '../schema/state.ts';

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

export function metricNamed(version: VersionState, name: string): Metric | null {
  return version.evaluation?.metrics.find((metric) => metric.name === name) ?? null;
}

/** `97.9% (96.2 to 98.8)`; a dash where it was not measured. */
export function shareText(metric: Metric | null): string {
  if (metric === null) return '–';
  const { value, interval } = metric;
  if (interval === null) return percent(Number(value));
  const [low, high] = [interval.low, interval.high].map((end) => (Number(end) * 100).toFixed(1));
  return `${percent(Number(value))} (${low} to ${high})`;
}

/** `2026-11-21 03:15 UTC` */
export function timeText(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 90_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Gates put what decided first; the numbers behind it follow after a semicolon. */
export function clauseOf(reason: string): string {
  return reason.split('; ')[0] ?? '';
}

/** Where a version stands now. */
export type Standing = 'serving' | 'served' | 'passed' | 'held' | 'refused' | 'rolled back';

export function standingOf(version: VersionState, { serving, tenures }: ModelState): Standing {
  if (Object.values(serving).includes(version.version)) return 'serving';
  if (version.rolledBack !== null) return 'rolled back';
  if (tenures.some((tenure) => tenure.version === version.version)) return 'served';
  const answer = version.verdict?.answer ?? 'investigate';
  return answer === 'pass' ? 'passed' : answer === 'fail' ? 'refused' : 'held';
}

/** For text between tags and inside quoted attributes. */
export function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * For a cell or a line of Markdown: no markup, no HTML, no break-out of a table, no address that becomes a link or a
 * picture, and no name that is pinged (a zero-width space follows each `@` and `#`).
 */
export function markdown(text: string): string {
  return text
    .replaceAll(/[\r\n\t]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()|~!]/g, String.raw`\$&`)
    .replaceAll(/([@#])(?=\w)/g, '$1\u200B')
    .replaceAll(/(\w):\/\//g, '$1:\u200B//')
    .replaceAll(/\bwww\./gi, 'www\u200B.');
}

/** For a code span, in which a backtick and a line end are all that could break out; a table also minds the bar. */
export function codeSpan(text: string): string {
  return `\`${text.replaceAll(/[`|\r\n]/g, ' ')}\``;
}
