/** How large a share has been reached by how many items: a rising curve, with lines where something is promised. */
import { CHARACTER, round, svg, WIDTHS, words, type Breadth } from './chart.ts';
import { grouped } from './words.ts';

export interface ShareAsk {
  readonly title: string;
  /** Where each run got there, in rising order; infinite for one that never did. */
  readonly items: readonly number[];
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  /** The share that the marks are about. */
  readonly level: number;
}

const HEIGHT = 260;
const EDGE = { top: 30, left: 52, bottom: 44, right: 24 } as const;
const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** Ends of a stair that is drawn; more cannot be told apart. */
const STAIRS = 200;

export function shareChart({ title, items, marks, level }: ShareAsk, breadth: Breadth): string {
  const width = WIDTHS[breadth];
  const reached = items.filter((one) => Number.isFinite(one));
  const most = 1.08 * Math.max(1, ...marks.map(({ at }) => at), reached.at(-1) ?? 0);
  const right = width - EDGE.right;
  const bottom = HEIGHT - EDGE.bottom;
  const x = (at: number): number => EDGE.left + ((right - EDGE.left) * at) / most;
  const y = (share: number): number => EDGE.top + (bottom - EDGE.top) * (1 - share);
  const every = Math.max(1, Math.ceil(reached.length / STAIRS));
  const stairs = reached.flatMap((at, place) =>
    (place + 1) % every === 0 || place + 1 === reached.length
      ? [`H${round(x(at))}V${round(y((place + 1) / items.length))}`]
      : [],
  );
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = ([1, 2, 5, 10].find((times) => most / (times * power) <= 8) ?? 10) * power;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, tick) => tick * step);
  const seen = items.filter((one) => one <= (marks[0]?.at ?? 0)).length / Math.max(1, items.length);
  return svg({
    title,
    says: `${(seen * 100).toFixed(0)}% of ${grouped(items.length)} runs within ${marks[0]?.name ?? 'no mark'}`,
    width,
    height: HEIGHT,
    parts: [
      ...SHARES.flatMap((share) => [
        `<path d="M${EDGE.left} ${round(y(share))}H${round(right)}" class="${share === level ? 'zero' : 'grid'}"/>`,
        words({ x: EDGE.left - 6, y: y(share) + 4, text: `${(share * 100).toFixed(0)}%`, anchor: 'end' }),
      ]),
      ...ticks.map((at) => words({ x: x(at), y: bottom + 18, text: grouped(at), anchor: 'middle' })),
      words({ x: right, y: HEIGHT - 6, text: 'paired items', anchor: 'end' }),
      ...marks.flatMap((mark) => markParts(mark, { x, bottom, right })),
      `<g class="serving"><path d="M${EDGE.left} ${round(y(0))}${stairs.join('')}" fill="none" stroke="currentColor" stroke-width="2"/></g>`,
    ],
  });
}

interface Placed {
  readonly x: (at: number) => number;
  readonly bottom: number;
  readonly right: number;
}

/** A name stands to the left of its line where it would leave the picture. */
function markParts({ name, at }: ShareAsk['marks'][number], { x, bottom, right }: Placed): readonly string[] {
  const left = x(at) + CHARACTER * name.length > right;
  const line = `<path d="M${round(x(at))} ${EDGE.top - 8}V${bottom}" class="middle"/>`;
  return [line, words({ x: x(at), y: EDGE.top - 12, text: name, anchor: left ? 'end' : 'start' })];
}
