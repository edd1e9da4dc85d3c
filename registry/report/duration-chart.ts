/** How long each step of the last runs took, run beneath run. */
import type { ModelState, RunState } from '../schema/state.ts';
import { box, CHARACTER, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { counted, durationText } from './words.ts';

const RUNS_MOST = 12;
/** Hues of the page, told apart by lightness too where they touch. */
const STEP_COLOURS = 8;
const ROW = 26;
const BAR = { top: 5, height: 16, gap: 1 } as const;
/** Room for the total behind the longest bar. */
const RIGHT = 64;

export function timedRuns({ runs }: ModelState): readonly RunState[] {
  return runs.filter(({ records }) => records.length > 0).slice(-RUNS_MOST);
}

/** The steps in the order of their colours. */
export function stepNames(runs: readonly RunState[]): readonly string[] {
  return [...new Set(runs.flatMap(({ records }) => records.map(({ step }) => step)))];
}

export function stepHue(names: readonly string[], step: string): string {
  return `s${names.indexOf(step) % STEP_COLOURS}`;
}

export function totalOf({ records }: RunState): number {
  return records.reduce((sum, { tookMs }) => sum + tookMs, 0);
}

/** The version that a run gave, or the run itself where it gave none. */
export function runName({ versions }: ModelState, { run }: RunState): string {
  return versions.find(({ lineage }) => lineage?.run === run)?.version ?? run.slice(0, 10);
}

interface Scale {
  readonly left: number;
  readonly pixelsPerMs: number;
  readonly names: readonly string[];
}

export function durationChart(known: ModelState, breadth: Breadth): string {
  const runs = timedRuns(known);
  const names = stepNames(runs);
  const longest = Math.max(1, ...runs.map(totalOf));
  const left = 10 + CHARACTER * Math.max(1, ...runs.map((run) => runName(known, run).length));
  const scale = { left, names, pixelsPerMs: (WIDTHS[breadth] - left - RIGHT) / longest };
  const lines = runs.toReversed().flatMap((run, index) => {
    const y = index * ROW;
    const total = totalOf(run);
    const end = left + total * scale.pixelsPerMs;
    return [
      words({ x: left - 10, y: y + 17, text: runName(known, run), anchor: 'end' }),
      ...barsOf(run, y, scale),
      words({ x: end + 8, y: y + 17, text: durationText(total) }),
    ];
  });
  return svg({
    title: `How long the runs of ${known.model} took`,
    says: `The last ${counted(runs.length, 'run')} by step, newest first.`,
    width: WIDTHS[breadth],
    height: Math.max(1, runs.length) * ROW,
    parts: lines,
  });
}

function barsOf({ records }: RunState, y: number, { left, pixelsPerMs, names }: Scale): readonly string[] {
  const bars: string[] = [];
  let x = left;
  for (const { step, tookMs } of records) {
    const width = tookMs * pixelsPerMs;
    const place = { x, y: y + BAR.top, width: Math.max(0.5, width - BAR.gap), height: BAR.height };
    const kind = `step ${stepHue(names, step)}`;
    if (tookMs > 0) bars.push(told(`${step}: ${durationText(tookMs)}`, [box({ ...place, kind, corner: 1 })]));
    x += width;
  }
  return bars;
}
