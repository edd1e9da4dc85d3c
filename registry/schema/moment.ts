/** A moment in the life of a registry as people write it: a position in the log, or a date. */
import * as z from 'zod';

export const MOMENT_SAYS =
  'a position such as 120, or a UTC date such as 2026-11-20, 2026-11-20T14:30 or 2026-11-20T14:30:05Z';

/**
 * A date stands for all that it names: `2026-11-20` for a day, `2026-11-20T14:30` for a minute. Digits alone are a
 * position, so a year alone is none.
 */
const WRITTEN = /^(\d+|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?( UTC|Z|[+-]\d{2}:\d{2})?)?)$/;

/** Milliseconds that each precision spans, by the length of what is written before the zone. */
const SPANS: readonly (readonly [length: number, ms: number])[] = [
  ['2026-11-20'.length, 24 * 60 * 60 * 1000],
  ['2026-11-20T14:30'.length, 60 * 1000],
  ['2026-11-20T14:30:05'.length, 1000],
];

export type Moment =
  | { readonly kind: 'position'; readonly seq: number }
  /** Milliseconds since 1970: the first and the last that the date names. */
  | { readonly kind: 'date'; readonly text: string; readonly first: number; readonly last: number };

export const Moment = z
  .string()
  .regex(WRITTEN, MOMENT_SAYS)
  .refine((text) => momentOf(text) !== null, MOMENT_SAYS)
  .transform((text, context): Moment => momentOf(text) ?? (context.addIssue(MOMENT_SAYS), z.NEVER));

function momentOf(text: string): Moment | null {
  if (/^\d+$/.test(text)) {
    const seq = Number(text);
    return Number.isSafeInteger(seq) ? { kind: 'position', seq } : null;
  }
  const zone = /( UTC|Z|[+-]\d{2}:\d{2})$/.exec(text.slice('2026-11-20'.length))?.[0] ?? '';
  const told = text.slice(0, text.length - zone.length);
  const day = told.slice(0, '2026-11-20'.length);
  const clock = told.slice(day.length + 1);
  const first = Date.parse(
    `${day}T${clock === '' ? '00:00' : clock}${zone.startsWith(' ') ? 'Z' : zone || 'Z'}`,
  );
  // The 30th of February would quietly be the 2nd of March.
  if (Number.isNaN(first) || !isDay(day)) return null;
  const span = SPANS.find(([length]) => length === told.length)?.[1] ?? 1;
  return { kind: 'date', text, first, last: first + span - 1 };
}

function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
