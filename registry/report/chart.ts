/** Pictures of the state as SVG text: they scale, carry their own description, and take their colours from the page. */
import type { ModelState, RunState, VersionState } from '../schema/state.ts';
import { durationText, html, metricNamed, percent, standingOf, timeText, type Standing } from './words.ts';

const WIDTH = 760;

interface Picture {
  readonly title: string;
  readonly says: string;
  readonly height: number;
  readonly width?: number;
  readonly parts: readonly string[];
}

function svg({ title, says, height, width = WIDTH, parts }: Picture): string {
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${html(title)}" xmlns="http://www.w3.org/2000/svg">`,
    `<title>${html(title)}</title><desc>${html(says)}</desc>`,
    ...parts,
    '</svg>',
  ].join('');
}

interface Words {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly kind?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

function words({ x, y, text, kind = 'tick', anchor = 'start' }: Words): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${html(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const PLOT = { left: 56, right: 18, top: 16, bottom: 44, height: 260 } as const;
const VERSIONS_MOST = 24;

/** A metric by version with its 95% intervals; the shape of a mark tells what became of the version. */
export function metricChart(known: ModelState, name: string): string {
  const versions = known.versions
    .filter((version) => metricNamed(version, name) !== null)
    .slice(-VERSIONS_MOST);
  const range = rangeOf(versions, name);
  const place = (index: number): number =>
    PLOT.left + ((index + 0.5) * (WIDTH - PLOT.left - PLOT.right)) / Math.max(1, versions.length);
  const bottom = PLOT.height - PLOT.bottom;
  const height = (share: number): number =>
    bottom -
    ((Math.min(range.high, Math.max(range.low, share)) - range.low) / (range.high - range.low)) *
      (bottom - PLOT.top);
  const drawn = versions.map((version, index) => markOf(version, { known, name, x: place(index), height }));
  const labels = versions.map((version, index) =>
    words({ x: place(index), y: bottom + 18, text: version.version, anchor: 'middle' }),
  );
  return svg({
    title: `${name} of ${known.model} by version`,
    says: `${versions.length} versions; whiskers are 95% intervals on held-out items.`,
    height: PLOT.height,
    parts: [...gridOf(range, height), ...drawn, ...thinned(labels)],
  });
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** From a twentieth below the lowest whisker to a twentieth above the highest, within 0 and 1. */
function rangeOf(versions: readonly VersionState[], name: string): Range {
  const ends = versions.flatMap((version) => {
    const metric = metricNamed(version, name);
    return metric === null
      ? []
      : [Number(metric.interval?.low ?? metric.value), Number(metric.interval?.high ?? metric.value)];
  });
  if (ends.length === 0) return { low: 0, high: 1 };
  const step = 0.05;
  const low = Math.max(0, Math.floor(Math.min(...ends) / step) * step);
  const high = Math.min(1, Math.ceil(Math.max(...ends) / step) * step);
  return high - low < step ? { low: Math.max(0, high - step), high } : { low, high };
}

function gridOf(range: Range, height: (share: number) => number): readonly string[] {
  const count = 5;
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = range.low + ((range.high - range.low) * index) / count;
    const y = round(height(share));
    const line = `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y}" y2="${y}" class="grid"/>`;
    return line + words({ x: PLOT.left - 8, y: y + 4, text: `${(share * 100).toFixed(0)}%`, anchor: 'end' });
  });
}

/** At most a dozen labels, or they run into one another. */
function thinned(labels: readonly string[]): readonly string[] {
  const every = Math.ceil(labels.length / 12);
  return labels.filter((_, index) => (labels.length - 1 - index) % every === 0);
}

const CLASSES: Readonly<Record<Standing, string>> = {
  serving: 'serving',
  served: 'served',
  passed: 'served',
  held: 'held',
  refused: 'refused',
  'rolled back': 'back',
};

interface Marking {
  readonly known: ModelState;
  readonly name: string;
  readonly x: number;
  readonly height: (share: number) => number;
}

function markOf(version: VersionState, { known, name, x, height }: Marking): string {
  const metric = metricNamed(version, name);
  if (metric === null) return '';
  const standing = standingOf(version, known);
  const y = height(Number(metric.value));
  const [low, high] = [
    height(Number(metric.interval?.low ?? metric.value)),
    height(Number(metric.interval?.high ?? metric.value)),
  ];
  const whisker = `<path d="M${round(x)} ${round(low)}V${round(high)}M${round(x - 4)} ${round(low)}h8M${round(x - 4)} ${round(high)}h8" class="whisker"/>`;
  const told = `${version.version}: ${percent(Number(metric.value))}, ${standing}`;
  return `<g class="${CLASSES[standing]}"><title>${html(told)}</title>${whisker}${shapeOf(standing, x, y)}</g>`;
}

/** Shape as well as colour: a disc serves or served, a triangle was held, a cross refused, a diamond taken back. */
function shapeOf(standing: Standing, x: number, y: number): string {
  const [a, b] = [round(x), round(y)];
  switch (standing) {
    case 'serving':
      return `<circle cx="${a}" cy="${b}" r="6.5" class="mark"/><circle cx="${a}" cy="${b}" r="10" class="ring"/>`;
    case 'served':
    case 'passed':
      return `<circle cx="${a}" cy="${b}" r="5.5" class="mark"/>`;
    case 'held':
      return `<path d="M${a} ${round(y - 6.5)}l6.5 11.5h-13z" class="mark"/>`;
    case 'refused':
      return `<path d="M${round(x - 5)} ${round(y - 5)}l10 10m0 -10l-10 10" class="cross"/>`;
    case 'rolled back':
      return `<path d="M${a} ${round(y - 7)}l7 7l-7 7l-7 -7z" class="mark"/>`;
  }
}

export const LEGEND: readonly {
  readonly standing: Standing;
  readonly says: string;
  readonly picture: string;
}[] = (
  [
    ['serving', 'serves now'],
    ['served', 'served before'],
    ['held', 'held: evidence too thin'],
    ['refused', 'refused by a gate'],
    ['rolled back', 'taken back from service'],
  ] as const
).map(([standing, says]) => ({
  standing,
  says,
  picture: `<svg viewBox="-12 -12 24 24" class="key" aria-hidden="true"><g class="${CLASSES[standing]}">${shapeOf(standing, 0, 0)}</g></svg>`,
}));

const TENURES_MOST = 16;
const BAR = { top: 8, height: 34, gap: 3 } as const;

/** Who served, in order; widths are even, because a minute and a month of service both deserve to be seen. */
export function timelineChart(known: ModelState, channel: string): string {
  const all = known.tenures.filter((tenure) => tenure.channel === channel);
  const shown = all.slice(-TENURES_MOST);
  const width = WIDTH / Math.max(1, shown.length);
  const bars = shown.map((tenure, index) => {
    const x = index * width;
    const kind = tenure.by === 'rollback' ? 'bar back' : tenure.until === null ? 'bar now' : 'bar';
    const until = tenure.until === null ? 'now' : timeText(tenure.until);
    const told = `${tenure.version}, by ${tenure.by}, ${timeText(tenure.from)} to ${until}`;
    const rect = `<rect x="${round(x)}" y="${BAR.top}" width="${round(width - BAR.gap)}" height="${BAR.height}" rx="4" class="${kind}"/>`;
    const label = words({
      x: x + (width - BAR.gap) / 2,
      y: BAR.top + 22,
      text: tenure.version,
      kind: 'onbar',
      anchor: 'middle',
    });
    const arrow =
      tenure.by === 'rollback'
        ? words({ x: x + (width - BAR.gap) / 2, y: 58, text: 'rollback', anchor: 'middle' })
        : '';
    return `<g><title>${html(told)}</title>${rect}${label}${arrow}</g>`;
  });
  const [first, last] = [shown[0], shown.at(-1)];
  const ends = [
    first === undefined ? '' : words({ x: 0, y: 76, text: timeText(first.from) }),
    last === undefined || shown.length < 2
      ? ''
      : words({
          x: WIDTH - BAR.gap,
          y: 76,
          text: `${last.version} since ${timeText(last.from)}`,
          anchor: 'end',
        }),
  ];
  return svg({
    title: `Who served ${channel} of ${known.model}`,
    says: shown.map(({ version, by }) => `${version} by ${by}`).join(', '),
    height: 84,
    parts: [...bars, ...ends],
  });
}

const CELL = 44;
const MARGIN_TOP = 34;
const LABEL_LENGTH = 12;
/** Pixels a character takes at most in the charts' type. */
const CHARACTER = 7;

/** Rows are the truth, columns what was said; the darker, the larger the share of its row. */
export function confusionChart(labels: readonly string[], confusion: readonly (readonly number[])[]): string {
  const short = labels.map((label) =>
    label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label,
  );
  const left = 16 + CHARACTER * Math.max(1, ...short.map((label) => label.length));
  const cells = confusion.flatMap((row, truth) => {
    const sum = row.reduce((all, count) => all + count, 0);
    return row.map((count, said) =>
      cellOf({ count, share: sum === 0 ? 0 : count / sum, truth, said, labels, left }),
    );
  });
  const rows = short.map((label, index) =>
    words({ x: left - 8, y: MARGIN_TOP + index * CELL + 27, text: label, anchor: 'end' }),
  );
  const columns = short.map((label, index) =>
    words({ x: left + (index + 0.5) * CELL, y: MARGIN_TOP - 10, text: label, anchor: 'middle' }),
  );
  return svg({
    title: 'Confusion matrix',
    says: 'Rows are the truth, columns what the model said.',
    width: left + labels.length * CELL + 4,
    height: MARGIN_TOP + labels.length * CELL + 4,
    parts: [...rows, ...columns, ...cells],
  });
}

interface Cell {
  readonly count: number;
  readonly share: number;
  readonly truth: number;
  readonly said: number;
  readonly labels: readonly string[];
  /** Where the first column begins. */
  readonly left: number;
}

function cellOf({ count, share, truth, said, labels, left }: Cell): string {
  const [x, y] = [left + said * CELL, MARGIN_TOP + truth * CELL];
  const kind = truth === said ? 'right' : 'wrong';
  const told = `${count} of truth ${labels[truth] ?? ''} called ${labels[said] ?? ''}`;
  // A single mistake of a hundred must still be seen, so a count is never paler than an eighth.
  const strength = count === 0 ? 0 : 0.12 + 0.88 * share;
  const rect = `<rect x="${x + 1}" y="${y + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="3" class="cell"/>`;
  const fill = `<rect x="${x + 1}" y="${y + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="3" class="${kind}" fill-opacity="${strength.toFixed(2)}"/>`;
  const text =
    count === 0
      ? ''
      : words({
          x: x + CELL / 2,
          y: y + 27,
          text: String(count),
          kind: strength > 0.5 ? 'count strong' : 'count',
          anchor: 'middle',
        });
  return `<g><title>${html(told)}</title>${rect}${fill}${text}</g>`;
}

const RUNS_MOST = 12;
const STEP_COLOURS = 8;

/** How long each step of the last runs took; what was known already took no time. */
export function durationChart(runs: readonly RunState[], nameOf: (run: RunState) => string): string {
  const shown = runs.filter(({ records }) => records.length > 0).slice(-RUNS_MOST);
  const longest = Math.max(1, ...shown.map(totalOf));
  const [left, right, row] = [96, 84, 26];
  const names = [...new Set(shown.flatMap(({ records }) => records.map(({ step }) => step)))];
  const lines = shown.map((run, index) => {
    const y = index * row;
    let x = left;
    const bars = run.records.map(({ step, tookMs }) => {
      const width = (tookMs / longest) * (WIDTH - left - right);
      const bar = `<rect x="${round(x)}" y="${y + 5}" width="${round(width)}" height="16" class="step s${names.indexOf(step) % STEP_COLOURS}"><title>${html(`${step}: ${durationText(tookMs)}`)}</title></rect>`;
      x += width;
      return bar;
    });
    const name = words({ x: left - 8, y: y + 18, text: nameOf(run), anchor: 'end' });
    return name + bars.join('') + words({ x: x + 8, y: y + 18, text: durationText(totalOf(run)) });
  });
  return svg({
    title: 'How long the runs took',
    says: `The last ${shown.length} runs by step.`,
    height: Math.max(row, shown.length * row + 4),
    parts: lines,
  });
}

/** The steps in the order of their colours in `durationChart`. */
export function durationLegend(
  runs: readonly RunState[],
): readonly { readonly step: string; readonly kind: string }[] {
  const shown = runs.filter(({ records }) => records.length > 0).slice(-RUNS_MOST);
  const names = [...new Set(shown.flatMap(({ records }) => records.map(({ step }) => step)))];
  return names.map((step, index) => ({ step, kind: `s${index % STEP_COLOURS}` }));
}

function totalOf({ records }: RunState): number {
  return records.reduce((sum, { tookMs }) => sum + tookMs, 0);
}
