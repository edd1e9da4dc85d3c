/** How verbs say numbers and times to people. */
import type { Metric } from '../../registry/schema/metric.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import type { Paint } from './verb.ts';

export { ago, bytesText, counted } from '../../registry/report/words.ts';

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

/** A line that says of when it is told; nothing when it is now. */
export function asOfText(last: { readonly seq: number; readonly at: string } | null, paint: Paint): string {
  return last === null ? '' : `${paint.dim(`as of event ${last.seq}, ${last.at}`)}\n`;
}
