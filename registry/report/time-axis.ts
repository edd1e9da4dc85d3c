/** A scale of time for pictures: where an instant stands, and the round instants that are written below. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Even steps; longer ones go by months, which are not even. */
const STEPS = [1, 5, 15, 30]
  .map((count) => count * SECOND)
  .concat([1, 5, 15, 30].map((count) => count * MINUTE))
  .concat([1, 3, 6, 12].map((count) => count * HOUR))
  .concat([1, 2, 7, 14].map((count) => count * DAY));
const MONTH_STEPS = [1, 3, 6, 12, 24, 60, 120, 1200];

export interface Tick {
  readonly time: number;
  readonly text: string;
}

/** Round instants from the first to the last, at most that many. */
export function ticksOf(
  span: { readonly first: number; readonly last: number },
  most: number,
): readonly Tick[] {
  const { first, last } = span;
  const step = STEPS.find((width) => (last - first) / width <= most);
  if (step === undefined) return monthTicks(span, most);
  const from = Math.ceil(first / step);
  const count = Math.max(0, Math.floor(last / step) - from + 1);
  const times = Array.from({ length: count }, (_, index) => (from + index) * step).slice(0, most);
  return times.map((time) => ({ time, text: tickText(time, step) }));
}

function tickText(time: number, step: number): string {
  const text = new Date(time).toISOString();
  if (step >= DAY) return text.slice(0, 10);
  return step >= MINUTE ? text.slice(11, 16) : text.slice(11, 19);
}

function monthTicks(
  { first, last }: { readonly first: number; readonly last: number },
  most: number,
): readonly Tick[] {
  // Months are written shorter than days: more of them fit.
  const begin = monthOf(first);
  const months = monthOf(last) - begin + 1;
  const step = MONTH_STEPS.find((width) => months / width <= most * 1.4) ?? months;
  const from = Math.ceil(begin / step);
  const times = Array.from({ length: Math.floor(months / step) + 1 }, (_, index) =>
    startOf((from + index) * step),
  );
  return times
    .filter((time) => time >= first && time <= last)
    .map((time) => ({ time, text: new Date(time).toISOString().slice(0, 7) }));
}

/** @param month  counted from the beginning of the year 0 */
function startOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12);
}

function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
