/** Counts that only rise, drawn as steps over days, on a scale on which one and a thousand can both be read. */
import { box, CHARACTER, round, svg, WIDTHS, words, type Breadth } from './chart.ts';
import { grouped } from './words.ts';

export interface Rise {
  readonly name: string;
  /** The count by the end of each day. */
  readonly byDay: readonly number[];
  /** A colour of the page: `refused`, `held`, `served`, `serving`. */
  readonly hue: string;
}

export interface RiseAsk {
  readonly title: string;
  readonly rises: readonly Rise[];
  /** What the count may be at most at the end of a day. */
  readonly bound: { readonly name: string; readonly perDay: number };
}

const HEIGHT = 240;
const EDGE = { top: 14, left: 52, bottom: 36 } as const;

/** A logarithmic scale that has a place for 0. */
function logOf(count: number): number {
  return Math.log10(1 + count);
}

export function riseChart({ title, rises, bound }: RiseAsk, breadth: Breadth): string {
  const width = WIDTHS[breadth];
  const days = Math.max(1, ...rises.map(({ byDay }) => byDay.length));
  const most = Math.max(10, bound.perDay * days, ...rises.map(({ byDay }) => byDay.at(-1) ?? 0));
  const right = width - 8 - CHARACTER * Math.max(...rises.map(({ name }) => name.length), bound.name.length);
  const x = (day: number): number => EDGE.left + ((right - EDGE.left) * day) / days;
  const y = (count: number): number =>
    EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - logOf(count) / logOf(most));
  const powers = Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, power) => 10 ** power);
  const grid = [0, ...powers].flatMap((count) => [
    `<path d="M${EDGE.left} ${round(y(count))}H${round(right)}" class="grid"/>`,
    words({ x: EDGE.left - 6, y: y(count) + 4, text: grouped(count), anchor: 'end' }),
  ]);
  const months = Array.from({ length: Math.floor(days / 90) + 1 }, (_, quarter) => quarter * 90);
  const axis = months.map((day) =>
    words({ x: x(day), y: HEIGHT - 14, text: day === 0 ? 'day 0' : String(day), anchor: 'middle' }),
  );
  const limit = Array.from(
    { length: days + 1 },
    (_, day) => `${round(x(day))} ${round(y(bound.perDay * day))}`,
  );
  return svg({
    title,
    says: rises.map(({ name, byDay }) => `${name}: ${byDay.at(-1) ?? 0} in ${days} days`).join('. '),
    width,
    height: HEIGHT,
    parts: [
      ...grid,
      ...axis,
      `<path d="M${limit.join('L')}" class="grid" fill="none" stroke-dasharray="5 4"/>`,
      words({ x: right + 6, y: y(bound.perDay * days) + 4, text: bound.name }),
      ...rises.flatMap((rise) => riseParts(rise, { x, y, right })),
    ],
  });
}

interface Scale {
  readonly x: (day: number) => number;
  readonly y: (count: number) => number;
  readonly right: number;
}

function riseParts({ name, byDay, hue }: Rise, { x, y, right }: Scale): readonly string[] {
  const steps = byDay.map((count, day) => `H${round(x(day + 1))}V${round(y(count))}`);
  const end = y(byDay.at(-1) ?? 0);
  return [
    `<g class="${hue}"><path d="M${round(x(0))} ${round(y(0))}${steps.join('')}" fill="none" stroke="currentColor" stroke-width="2"/>`,
    `${box({ x: right - 2, y: end - 2, width: 4, height: 4, kind: 'mark' })}</g>`,
    words({ x: right + 6, y: end + 4, text: name }),
  ];
}
