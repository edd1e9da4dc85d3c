/** How verbs say numbers and times to people. */
import { scoreText } from '../../registry/report/words.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import type { Paint } from './verb.ts';

export { ago, bytesText, counted } from '../../registry/report/words.ts';

/** `97.9% (96.2 to 98.8)`, or nothing where it was not measured. */
export function metricText(version: VersionState | null, name: string): string {
  const metric = version?.evaluation?.metrics.find((one) => one.name === name);
  return metric === undefined ? '' : scoreText(metric);
}

/** A line that says of when it is told; nothing when it is now. */
export function asOfText(last: { readonly seq: number; readonly at: string } | null, paint: Paint): string {
  return last === null ? '' : `${paint.dim(`as of event ${last.seq}, ${last.at}`)}\n`;
}
