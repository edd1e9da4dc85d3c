/** A metric by version, with the interval of each and of what serves: the picture of whether a model gets better. */
import type { Metric } from '../schema/metric.ts';
import type { ModelState, VersionState } from '../schema/state.ts';
import { CHARACTER, HUES, markShape, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { champion, metricNamed, standingOf } from './story.ts';
import { counted, shareText } from './words.ts';

export const CHARTED_MOST = 24;

const MARGIN = { left: 46, right: 8, top: 12, bottom: 28 } as const;
const HEIGHTS: Readonly<Record<Breadth, number>> = { wide: 240, narrow: 220 };

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

interface Plot {
  readonly width: number;
  readonly range: Range;
  /** Where a version's mark stands, by its index. */
  readonly x: (index: number) => number;
  /** Where a share stands. */
  readonly y: (share: number) => number;
}

export function metricChart(
  known: ModelState,
  { name, title, breadth }: { readonly name: string; readonly title: string; readonly breadth: Breadth },
): string {
  const versions = known.versions
    .filter((version) => metricNamed(version, name) !== null)
    .slice(-CHARTED_MOST);
  const plot = plotOf(versions, name, breadth);
  const serving = metricNamed(champion(known), name);
  const marks = versions.map((version, index) => markOf(version, { known, name, plot, index }));
  const labels = versions.map((version, index) =>
    words({ x: plot.x(index), y: HEIGHTS[breadth] - 8, text: version.version, anchor: 'middle' }),
  );
  const widest = Math.max(1, ...versions.map(({ version }) => version.length)) * CHARACTER + 6;
  const last = versions.at(-1);
  const newest =
    last === undefined ? '' : ` The newest, ${last.version}: ${shareText(metricNamed(last, name))}.`;
  return svg({
    title: `${title} of ${known.model} by version`,
    says: `${counted(versions.length, 'version')}, each with its 95% interval on held-out items.${newest}`,
    width: plot.width,
    height: HEIGHTS[breadth],
    parts: [...gridOf(plot), ...bandOf(serving, plot), ...marks, ...thinned(labels, widest, plot)],
  });
}

function plotOf(versions: readonly VersionState[], name: string, breadth: Breadth): Plot {
  const width = WIDTHS[breadth];
  const range = rangeOf(versions, name);
  const inner = width - MARGIN.left - MARGIN.right;
  const bottom = HEIGHTS[breadth] - MARGIN.bottom;
  return {
    width,
    range,
    x: (index) => MARGIN.left + ((index + 0.5) * inner) / Math.max(1, versions.length),
    y: (share) => bottom - ((share - range.low) / (range.high - range.low)) * (bottom - MARGIN.top),
  };
}

const STEPS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
const LINES_MOST = 6;

/** From the tick below the lowest whisker to the tick above the highest, within 0 and 1, in at most six ticks. */
function rangeOf(versions: readonly VersionState[], name: string): Range {
  const ends = versions.flatMap((version) => endsOf(metricNamed(version, name)));
  if (ends.length === 0) return { low: 0, high: 1, step: 0.2 };
  const [lowest, highest] = [Math.min(...ends), Math.max(...ends)];
  const step = STEPS.find((width) => (highest - lowest) / width <= LINES_MOST - 1) ?? 0.2;
  // A hair of slack, or 0.95 / 0.05 = 18.999… would cost a whole step.
  const low = Math.max(0, Math.floor(lowest / step + 1e-9) * step);
  const high = Math.min(1, Math.ceil(highest / step - 1e-9) * step);
  return high - low < step
    ? { low: Math.max(0, high - step), high: Math.max(high, step), step }
    : { low, high, step };
}

function endsOf(metric: Metric | null): readonly number[] {
  if (metric === null) return [];
  const { value, interval } = metric;
  return [value, ...(interval === null ? [] : [interval.low, interval.high])].map(Number);
}

function gridOf({ width, range, y }: Plot): readonly string[] {
  const count = Math.round((range.high - range.low) / range.step);
  const digits = range.step < 0.01 ? 1 : 0;
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = range.low + range.step * index;
    const at = round(y(share));
    const line = `<line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${at}" y2="${at}" class="grid"/>`;
    const text = `${(share * 100).toFixed(digits)}%`;
    return line + words({ x: MARGIN.left - 8, y: at + 4, text, anchor: 'end' });
  });
}

/** The interval of what serves, across: a version wholly above or below it differs, one that overlaps may not. */
function bandOf(serving: Metric | null, { width, y }: Plot): readonly string[] {
  if (serving === null || serving.interval === null) return [];
  const [top, bottom, middle] = [serving.interval.high, serving.interval.low, serving.value].map((share) =>
    round(y(Number(share))),
  );
  if (top === undefined || bottom === undefined || middle === undefined) return [];
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  return [
    `<rect x="${left}" y="${top}" width="${right - left}" height="${round(bottom - top)}" class="band"/>`,
    `<line x1="${left}" x2="${right}" y1="${middle}" y2="${middle}" class="middle"/>`,
  ];
}

interface Marking {
  readonly known: ModelState;
  readonly name: string;
  readonly plot: Plot;
  readonly index: number;
}

function markOf(version: VersionState, { known, name, plot, index }: Marking): string {
  const metric = metricNamed(version, name);
  if (metric === null) return '';
  const standing = standingOf(version, known);
  const [x, y] = [plot.x(index), plot.y(Number(metric.value))];
  const text = `${version.version}: ${shareText(metric)}, ${standing}`;
  return told(text, [...whiskerOf(metric, x, plot), markShape(standing, x, y)], HUES[standing]);
}

function whiskerOf({ interval }: Metric, x: number, { y }: Plot): readonly string[] {
  if (interval === null) return [];
  const [low, high] = [round(y(Number(interval.low))), round(y(Number(interval.high)))];
  const [middle, left] = [round(x), round(x - 4)];
  return [`<path d="M${middle} ${low}V${high}M${left} ${low}h8M${left} ${high}h8" class="whisker"/>`];
}

/** As many labels as fit side by side, the newest always among them. */
function thinned(labels: readonly string[], widest: number, { width }: Plot): readonly string[] {
  const room = (width - MARGIN.left - MARGIN.right) / Math.max(1, labels.length);
  const every = Math.max(1, Math.ceil(widest / room));
  return labels.filter((_, index) => (labels.length - 1 - index) % every === 0);
}
