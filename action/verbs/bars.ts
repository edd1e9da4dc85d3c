/** Pictures for a terminal: bars of characters, with marks where something is promised. */
import { grouped } from '../../registry/report/words.ts';

const WIDTH = 48;
const EIGHTHS = ' ▏▎▍▌▋▊▉';

/** A bar of a share of the whole width, in steps of an eighth of a character. */
function barOf(share: number, width = WIDTH): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const rest = eighths % 8 === 0 ? '' : (EIGHTHS[eighths % 8] ?? '');
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

interface Bar {
  readonly name: string;
  /** 0 or more. */
  readonly value: number;
  readonly told: string;
}

/**
 * Bars on a logarithmic scale that begins at a tenth of the bound, so that what is far beyond it and what keeps it can
 * both be seen; a line stands at the bound.
 */
export function logBars(
  bars: readonly Bar[],
  bound: { readonly name: string; readonly value: number },
): string {
  const least = bound.value / 10;
  const most = Math.max(bound.value * 10, ...bars.map(({ value }) => value));
  const shareOf = (value: number): number =>
    value <= least ? 0 : Math.log(value / least) / Math.log(most / least);
  const at = Math.round(shareOf(bound.value) * WIDTH);
  const name = Math.max(...bars.map((one) => one.name.length));
  const lines = bars.map((one) => {
    const drawn = [...barOf(shareOf(one.value)).padEnd(WIDTH + 1)];
    drawn[at] = '│';
    return `  ${one.name.padEnd(name)}  ${drawn
      .join('')
      .trimEnd()
      .padEnd(at + 1)} ${one.told}`;
  });
  return [...lines, `  ${' '.repeat(name + 2 + at)}└ ${bound.name}`].join('\n');
}

interface Marked {
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  readonly lines: number;
}

/** How much of a sorted list has been reached by rising numbers, which go beyond the last mark. */
export function shareBars(reached: readonly number[], { marks, lines }: Marked): string {
  const last = Math.max(...marks.map(({ at }) => at));
  const step = niceStep(last / (lines - 1));
  const places = Array.from({ length: Math.ceil(last / step) }, (_, line) => (line + 1) * step);
  const wide = grouped(places.at(-1) ?? 0).length;
  return places
    .map((place) => {
      const share = reached.filter((one) => one <= place).length / reached.length;
      const here = marks.filter(({ at }) => at <= place && at > place - step).map(({ name }) => name);
      const mark = here.length === 0 ? '' : `  ← ${here.join(', ')}`;
      const percent = `${(share * 100).toFixed(0)}%`.padStart(4);
      return `  ${grouped(place).padStart(wide)}  ${percent} ${barOf(share, 40).padEnd(40)}${mark}`.trimEnd();
    })
    .join('\n');
}

/** 1, 2 or 5 times a power of ten, not below. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10) * power;
}
