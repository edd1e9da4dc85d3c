/** How verbs say numbers and times to people. */
import type { Metric } from '../../registry/schema/metric.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import type { Paint } from './verb.ts';

/** `97.9% (96.2–98.8)`, or nothing where it was not measured. */
export function metricText(version: VersionState | null, name: string): string {
  const metric = version?.evaluation?.metrics.find((one) => one.name === name);
  return metric === undefined ? '' : valueText(metric);
}

export function valueText({ value, unit, interval }: Metric): string {
  if (unit === 'bytes') return `${(Number(value) / 1000).toFixed(1)} kB`;
  if (unit === 'ms') return `${Number(value).toFixed(2)} ms`;
  if (unit === 'count') return value;
  const share = `${(Number(value) * 100).toFixed(1)}%`;
  if (interval === null) return share;
  return `${share} (${(Number(interval.low) * 100).toFixed(1)}–${(Number(interval.high) * 100).toFixed(1)})`;
}

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

/** `1 event`, `2 events`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A line that says of when it is told; nothing when it is now. */
export function asOfText(last: { readonly seq: number; readonly at: string } | null, paint: Paint): string {
  return last === null ? '' : `${paint.dim(`as of event ${last.seq}, ${last.at}`)}\n`;
}
