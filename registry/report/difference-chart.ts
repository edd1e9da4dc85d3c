/** A challenger beside the champion: each difference with its interval, on one axis with zero and the margin on it. */
import { CHARACTER, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { signed } from './words.ts';

export interface Difference {
  readonly name: string;
  /** Shares, challenger minus champion. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface Differences {
  readonly title: string;
  readonly challenger: string;
  readonly champion: string;
  readonly rows: readonly Difference[];
  /** The loss that would still be acceptable, as a share; null where none is set. */
  readonly margin: number | null;
}

const ROW = 40;
const TOP = 42;
const BOTTOM = 26;
const LEFT = 76;
const RIGHT = 20;
const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

export function differenceChart(asked: Differences, breadth: Breadth): string {
  const { title, rows, margin, challenger, champion } = asked;
  const width = WIDTHS[breadth];
  const ends = [0, ...(margin === null ? [] : [-margin]), ...rows.flatMap(({ low, high }) => [low, high])];
  const step =
    STEPS.find((one) => (Math.max(...ends) - Math.min(...ends)) / one <= (breadth === 'wide' ? 8 : 4)) ?? 0.5;
  const low = Math.floor(Math.min(...ends) / step - 0.25) * step;
  const high = Math.ceil(Math.max(...ends) / step + 0.25) * step;
  const x = (share: number): number => LEFT + ((share - low) / (high - low)) * (width - LEFT - RIGHT);
  const bottom = TOP + rows.length * ROW;
  return svg({
    title,
    says: `${rows.map((row) => `${row.name} ${rangeText(row)}`).join('; ')}; right of zero ${challenger} is better, left of it ${champion}`,
    width,
    height: bottom + BOTTOM,
    parts: [
      ...zonesOf({ x, low, high, bottom, margin }),
      ...ticksOf({ x, low, high, step, bottom }),
      ...sidesOf(asked, x(0), width),
      ...rows.map((row, index) => rowOf(row, { x, y: TOP + (index + 0.5) * ROW, margin })),
    ],
  });
}

interface Axis {
  readonly x: (share: number) => number;
  readonly low: number;
  readonly high: number;
  readonly bottom: number;
}

/** What lies right of the margin is acceptable; the zero line is where both are equal. */
function zonesOf({ x, high, bottom, margin }: Axis & { readonly margin: number | null }): readonly string[] {
  const zero = round(x(0));
  const line = `<line x1="${zero}" x2="${zero}" y1="${TOP - 6}" y2="${bottom}" class="zero"/>`;
  if (margin === null) return [line];
  const at = round(x(-margin));
  return [
    `<rect x="${at}" y="${TOP - 6}" width="${round(x(high) - x(-margin))}" height="${bottom - TOP + 6}" class="band"/>`,
    `<line x1="${at}" x2="${at}" y1="${TOP - 6}" y2="${bottom}" class="middle"/>`,
    line,
  ];
}

function ticksOf({ x, low, high, step, bottom }: Axis & { readonly step: number }): readonly string[] {
  const count = Math.round((high - low) / step);
  const digits = step < 0.01 ? 1 : 0;
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = low + index * step;
    const points = Math.abs(share * 100).toFixed(digits);
    const sign = Math.abs(share) < step / 2 ? '' : share < 0 ? '−' : '+';
    return words({ x: x(share), y: bottom + 18, text: `${sign}${points}`, anchor: 'middle' });
  });
}

function sidesOf(
  { challenger, champion, margin }: Differences,
  zero: number,
  width: number,
): readonly string[] {
  const [worse, better] = [`← ${champion} better`, `${challenger} better →`];
  const fits = zero - worse.length * CHARACTER > 0 && zero + better.length * CHARACTER < width;
  const sides = fits
    ? [words({ x: zero - 8, y: 14, text: worse, anchor: 'end' }), words({ x: zero + 8, y: 14, text: better })]
    : [words({ x: 0, y: 14, text: `right of 0: ${challenger} better` })];
  const points =
    margin === null
      ? []
      : [words({ x: 0, y: 30, text: `points; shaded: within the margin of ${(margin * 100).toFixed(1)}` })];
  return [...sides, ...points];
}

interface Placed extends Pick<Axis, 'x'> {
  readonly y: number;
  readonly margin: number | null;
}

function rowOf(row: Difference, { x, y, margin }: Placed): string {
  const [left, right, middle, at] = [x(row.low), x(row.high), x(row.estimate), round(y)].map(round) as [
    number,
    number,
    number,
    number,
  ];
  // The whole interval decides, not the point: worse, shown not to be worse by the margin, or neither.
  const hue = row.high < 0 ? 'refused' : row.low >= -(margin ?? 0) ? 'serving' : 'held';
  const parts = [
    words({ x: 0, y: at + 4, text: row.name, kind: 'name' }),
    `<path d="M${left} ${at}H${right}M${left} ${round(at - 6)}v12M${right} ${round(at - 6)}v12" class="whisker strong"/>`,
    `<circle cx="${middle}" cy="${at}" r="6" class="mark"/>`,
  ];
  return told(`${row.name} ${rangeText(row)}`, parts, hue);
}

function rangeText({ estimate, low, high }: Difference): string {
  return `${signed(estimate)} points (95% CI ${signed(low)} to ${signed(high)})`;
}
