/** Who served a channel, stretch after stretch: even boxes in order, because a minute of service counts as a month does. */
import type { Channel } from '../schema/model.ts';
import type { ModelState, Tenure } from '../schema/state.ts';
import { box, CHARACTER, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { durationText, timeText } from './words.ts';

export const TENURES_MOST = 16;

const BAR = { height: 32, gap: 4, leastWidth: 68, mostWidth: 150, padding: 26 } as const;
/** The bar, the line below it that says how long, and air. */
const ROW = 66;

/** How a stretch of service began and ended. */
export type Stretch = 'now' | 'over' | 'taken back';

interface Shown {
  readonly tenure: Tenure;
  readonly stretch: Stretch;
}

/** The last stretches on a channel, oldest first. */
export function stretchesOf({ tenures }: ModelState, channel: Channel): readonly Shown[] {
  const there = tenures.filter((tenure) => tenure.channel === channel);
  const shown = there.map((tenure, index) => ({ tenure, stretch: stretchOf(tenure, there[index + 1]) }));
  return shown.slice(-TENURES_MOST);
}

function stretchOf({ until }: Tenure, next: Tenure | undefined): Stretch {
  if (until === null) return 'now';
  return next?.by === 'rollback' ? 'taken back' : 'over';
}

export function timelineChart(known: ModelState, channel: Channel, breadth: Breadth): string {
  const shown = stretchesOf(known, channel);
  const longest = Math.max(1, ...shown.map(({ tenure }) => tenure.version.length));
  const least = Math.max(BAR.leastWidth, longest * CHARACTER + BAR.padding);
  const rows = Math.max(1, Math.ceil(shown.length / Math.max(1, Math.floor(WIDTHS[breadth] / least))));
  const columns = Math.max(1, Math.ceil(shown.length / rows));
  const width = Math.min(BAR.mostWidth, WIDTHS[breadth] / columns);
  const bars = shown.map((one, index) =>
    barOf(one, {
      x: (index % columns) * width,
      y: Math.floor(index / columns) * ROW,
      width: width - BAR.gap,
    }),
  );
  return svg({
    title: `Who served ${channel} of ${known.model}`,
    says: `${shown.map(({ tenure, stretch }) => `${tenure.version} (${wordsOf(tenure, stretch)})`).join(', ')}.`,
    width: WIDTHS[breadth],
    height: rows * ROW,
    parts: bars,
  });
}

function wordsOf({ by }: Tenure, stretch: Stretch): string {
  const came = by === 'rollback' ? 'by rollback' : 'by promotion';
  const left = { now: 'serves now', over: 'replaced', 'taken back': 'rolled back' }[stretch];
  return `${came}, ${left}`;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export const BAR_KINDS: Readonly<Record<Stretch, string>> = {
  now: 'bar now',
  over: 'bar',
  'taken back': 'bar taken',
};

function barOf({ tenure, stretch }: Shown, { x, y, width }: Place): string {
  const { version, from, until, by } = tenure;
  const middle = x + width / 2;
  const back = by === 'rollback';
  const lasted = until === null ? 'now' : durationText(Math.max(0, Date.parse(until) - Date.parse(from)));
  const text = `${version}, ${wordsOf(tenure, stretch)}: ${timeText(from)} to ${until === null ? 'now' : timeText(until)}`;
  const kind = stretch === 'taken back' ? 'ontaken' : 'onbar';
  // A sign before the version moves the version aside by half its own width.
  const sign = back || stretch === 'taken back';
  const at = { x: middle + (sign ? 8 : 0), y: y + 21, text: version, anchor: 'middle' } as const;
  const left = at.x - (version.length * CHARACTER) / 2 - 9;
  return told(text, [
    box({
      x: x + 0.5,
      y: y + 0.5,
      width: width - 1,
      height: BAR.height - 1,
      kind: BAR_KINDS[stretch],
      corner: 5,
    }),
    words({ ...at, kind }),
    back ? arrowSign(left, y + 16.5) : stretch === 'taken back' ? diamondSign(left, y + 16.5) : '',
    words({ x: middle, y: y + BAR.height + 15, text: lasted, anchor: 'middle' }),
  ]);
}

/** Back again: the stroke of a turned arrow. */
function arrowSign(x: number, y: number): string {
  const [a, b] = [round(x - 5), round(y - 2)];
  return `<path d="M${a} ${b}h7a3 3 0 0 1 0 6h-5M${a} ${b}l3 -3M${a} ${b}l3 3" class="arrow"/>`;
}

function diamondSign(x: number, y: number): string {
  return `<path d="M${round(x)} ${round(y - 5)}l5 5l-5 5l-5 -5z" class="diamond"/>`;
}

/** A box alone, for the legend. */
export function stretchKey(kind: Stretch | 'back again'): string {
  const bar = kind === 'back again' ? 'bar' : BAR_KINDS[kind];
  const sign = { now: '', over: '', 'taken back': diamondSign(13, 9), 'back again': arrowSign(12.5, 8.5) }[
    kind
  ];
  return `<svg viewBox="0 0 26 18" class="key long" aria-hidden="true"><rect x="0.5" y="0.5" width="25" height="17" rx="4" class="${bar}"/>${sign}</svg>`;
}
