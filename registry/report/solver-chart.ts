/** Solvers beside each other: how long each takes on a scale of powers of ten, and how good one attempt of it is. */
import type { Optimisation, SolverKind, SolverRow } from '../schema/optimisation.ts';
import { box, CHARACTER, HUES, markShape, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { chanceText, KIND_WORDS, spanText, msText } from './comparison-words.ts';
import type { Standing } from './story.ts';

const ROW = 30;
const EDGE = { top: 10, right: 24, bottom: 30 } as const;

/** Shape and colour of a kind: those of the page, so that they keep apart without colour too. */
export const KIND_MARKS: Readonly<Record<SolverKind, Standing>> = {
  exact: 'serving',
  classical: 'served',
  simulated: 'rolled back',
  quantum: 'held',
  chance: 'not judged',
};

interface Plot {
  readonly left: number;
  readonly right: number;
  readonly x: (ms: number) => number;
  readonly powers: readonly number[];
}

function plotOf({ rows }: Optimisation, breadth: Breadth): Plot {
  const ends = rows.flatMap(({ tts }) => [tts.value, tts.low, tts.high]);
  const times = ends.flatMap((end) => (end === null || Number(end) <= 0 ? [] : [Number(end)]));
  const low = Math.floor(Math.log10(Math.min(1, ...times)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...times))));
  const left = 12 + CHARACTER * Math.max(1, ...rows.map(({ by }) => by.length));
  const right = WIDTHS[breadth] - EDGE.right;
  const x = (ms: number): number =>
    left + ((right - left) * (Math.log10(Math.max(10 ** low, ms)) - low)) / (high - low);
  return { left, right, x, powers: Array.from({ length: high - low + 1 }, (_, step) => low + step) };
}

/** The median time to solution with its interval; an arrow where there is no end. */
export function timeChart(found: Optimisation, breadth: Breadth): string {
  const plot = plotOf(found, breadth);
  const bottom = EDGE.top + found.rows.length * ROW;
  const every = breadth === 'wide' ? 1 : Math.ceil(plot.powers.length / 4);
  const grid = plot.powers.flatMap((power, step) => {
    const x = plot.x(10 ** power);
    const label =
      step % every === 0 ? [words({ x, y: bottom + 18, text: powerText(power), anchor: 'middle' })] : [];
    return [`<path d="M${round(x)} ${EDGE.top}V${bottom}" class="grid"/>`, ...label];
  });
  return svg({
    title: 'Time to solution of each solver',
    says: found.rows.map(({ by, kind, tts }) => `${by}, ${KIND_WORDS[kind]}: ${spanText(tts)}`).join('. '),
    width: WIDTHS[breadth],
    height: bottom + EDGE.bottom,
    parts: [...grid, ...found.rows.flatMap((row, at) => timeParts(row, EDGE.top + (at + 0.5) * ROW, plot))],
  });
}

function powerText(power: number): string {
  if (power < 0) return `${Number((10 ** (power + 3)).toPrecision(1))} µs`;
  return power < 3 ? `${10 ** power} ms` : `${10 ** (power - 3)} s`;
}

function timeParts({ by, kind, tts }: SolverRow, y: number, { left, right, x }: Plot): readonly string[] {
  const middle = round(y);
  const from = tts.low === null ? left : x(Number(tts.low));
  const to = tts.high === null ? right : x(Number(tts.high));
  const open =
    tts.high === null ? `M${round(right - 5)} ${round(y - 4)}l5 4l-5 4` : `M${round(to)} ${round(y - 4)}v8`;
  const whisker = `<path d="M${round(from)} ${middle}H${round(to)}${open}M${round(from)} ${round(y - 4)}v8" class="whisker"/>`;
  const mark = tts.value === null ? [] : [markShape(KIND_MARKS[kind], x(Number(tts.value)), y)];
  return [
    words({ x: left - 10, y: y + 4, text: by, anchor: 'end' }),
    told(`${by}, ${KIND_WORDS[kind]}: ${spanText(tts)}`, [whisker, ...mark], HUES[KIND_MARKS[kind]]),
  ];
}

/** The chance that one attempt finds the best, as a bar, with the mean ratio as a line across it. */
export function chanceChart({ rows }: Optimisation, breadth: Breadth): string {
  const left = 12 + CHARACTER * Math.max(1, ...rows.map(({ by }) => by.length));
  const right = WIDTHS[breadth] - EDGE.right;
  const bottom = EDGE.top + rows.length * ROW;
  const x = (share: number): number => left + (right - left) * Math.min(1, Math.max(0, share));
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path d="M${round(x(share))} ${EDGE.top}V${bottom}" class="grid"/>`,
    words({ x: x(share), y: bottom + 18, text: `${share * 100}%`, anchor: 'middle' }),
  ]);
  const bars = rows.flatMap(({ by, kind, chance, ratio }, at) => {
    const y = EDGE.top + at * ROW;
    const says = `${by}: best in ${chanceText(Number(chance))} of attempts; mean ratio ${Number(ratio).toFixed(3)}`;
    const width = Math.max(1, x(Number(chance)) - left);
    const bar = box({
      x: left,
      y: y + 8,
      width,
      height: ROW - 16,
      kind: kind === 'simulated' ? 'bar now' : 'bar',
    });
    const across = x(Number(ratio));
    return [
      words({ x: left - 10, y: y + ROW / 2 + 4, text: by, anchor: 'end' }),
      told(says, [bar, `<path d="M${round(across)} ${round(y + 4)}v${ROW - 8}" class="zero"/>`]),
    ];
  });
  return svg({
    title: 'How good one attempt of each solver is',
    says: rows
      .map(
        ({ by, chance, ratio }) => `${by}: ${chanceText(Number(chance))}, ratio ${Number(ratio).toFixed(3)}`,
      )
      .join('. '),
    width: WIDTHS[breadth],
    height: bottom + EDGE.bottom,
    parts: [...grid, ...bars],
  });
}

/** Every solver on every problem: a cell of the page's table. */
export function standingText({ tts, chance }: SolverRow['standings'][number]): string {
  const time = tts.value === null ? 'never' : msText(Number(tts.value));
  return `${time}, ${chanceText(Number(chance.value ?? 0))}`;
}
