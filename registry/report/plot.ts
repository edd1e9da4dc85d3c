/** Series of points over a common pair of scales, as lines or as dots. */
import { CHARACTER, round, svg, WIDTHS, words, type Breadth } from './chart.ts';

export interface PlotAsk {
  readonly title: string;
  readonly kind: 'lines' | 'points';
  /** What the scales tell. */
  readonly across: string;
  readonly up: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const HEIGHT = 260;
const EDGE = { top: 30, left: 60, bottom: 44, right: 10 } as const;
const HUES = ['serving', 'held', 'refused', 'back', 'served'] as const;
const TICKS = 4;

export function plot({ title, kind, across, up, series }: PlotAsk, breadth: Breadth): string {
  const width = WIDTHS[breadth];
  const all = series.flatMap(({ points }) => points);
  const [x, y] = [
    scaleOf(
      all.map(([value]) => value),
      [EDGE.left, width - EDGE.right],
    ),
    scaleOf(
      all.map(([, value]) => value),
      [HEIGHT - EDGE.bottom, EDGE.top],
    ),
  ];
  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => tick / TICKS).flatMap((share) => {
    const [a, b] = [x.low + share * (x.high - x.low), y.low + share * (y.high - y.low)];
    return [
      `<path d="M${EDGE.left} ${round(y.at(b))}H${width - EDGE.right}" class="grid"/>`,
      words({ x: EDGE.left - 6, y: y.at(b) + 4, text: short(b, y), anchor: 'end' }),
      words({ x: x.at(a), y: HEIGHT - EDGE.bottom + 16, text: short(a, x), anchor: 'middle' }),
    ];
  });
  const drawn = series.map(({ points }, index) => {
    const hue = HUES[index % HUES.length] ?? 'served';
    const places = points.map(([a, b]) => [round(x.at(a)), round(y.at(b))] as const);
    if (kind === 'points') {
      const dots = places.map(
        ([a, b]) => `<circle cx="${a}" cy="${b}" r="3" fill="currentColor" fill-opacity="0.6"/>`,
      );
      return `<g class="${hue}">${dots.join('')}</g>`;
    }
    const way = places.map(([a, b], at) => `${at === 0 ? 'M' : 'L'}${a} ${b}`).join('');
    return `<g class="${hue}"><path d="${way}" fill="none" stroke="currentColor" stroke-width="1.5"/></g>`;
  });
  return svg({
    title,
    says: `${title}: ${up} over ${across}, ${series.map(({ name }) => name).join(', ')}.`,
    width,
    height: HEIGHT,
    parts: [
      ...grid,
      words({ x: EDGE.left, y: 12, text: up }),
      words({ x: width - EDGE.right, y: HEIGHT - 8, text: across, anchor: 'end' }),
      ...drawn,
      ...keys(series.map(({ name }) => name)),
    ],
  });
}

function keys(names: readonly string[]): readonly string[] {
  let at = EDGE.left;
  return names.map((name, index) => {
    const from = at;
    at += CHARACTER * (name.length + 4);
    const hue = HUES[index % HUES.length] ?? 'served';
    const dot = `<g class="${hue}"><circle cx="${round(from + 4)}" cy="${HEIGHT - 12}" r="4" fill="currentColor"/></g>`;
    return `${dot}${words({ x: from + 12, y: HEIGHT - 8, text: name })}`;
  });
}

interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

function scaleOf(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [low, high] = least < most ? [least, most] : [least - 1, least + 1];
  const [start, end] = Number.isFinite(least) ? [low, high] : [0, 1];
  return { low: start, high: end, at: (value) => from + ((value - start) / (end - start)) * (to - from) };
}

/** A thousandth of the scale cannot be told from 0 on it. */
function short(value: number, { low, high }: Scale): string {
  if (Math.abs(value) < (high - low) / 1000) return '0';
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
