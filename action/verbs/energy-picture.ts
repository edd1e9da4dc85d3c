/** How the least value fell while a solver searched, drawn in characters for a terminal. */
import type { Paint } from './verb.ts';

/** The least value so far, at a moment of the search. */
export interface Moment {
  readonly ms: number;
  readonly flips: number;
  readonly energy: number;
}

interface Ask {
  readonly moments: readonly Moment[];
  /** Drawn across, where one is known. */
  readonly bestKnown: number | null;
  readonly paint: Paint;
}

const [WIDTH, HEIGHT] = [60, 9];
/** More than a picture shows would only make the answer for programs long. */
const KEPT = 240;

/** Every change of the least value, the last moment, and of the rest no more than a picture needs. */
export function thinned(moments: readonly Moment[]): readonly Moment[] {
  const falls = moments.filter(
    ({ energy }, at) => at === moments.length - 1 || energy !== moments[at - 1]?.energy,
  );
  const stride = Math.ceil(falls.length / KEPT);
  return falls.filter((_, at) => at % stride === 0 || at === falls.length - 1);
}

/** @returns lines; none where there is nothing to see: one value, or no time */
export function energyPicture({ moments, bestKnown, paint }: Ask): readonly string[] {
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined || last.ms <= 0) return [];
  const low = Math.min(last.energy, bestKnown ?? last.energy);
  const high = first.energy;
  if (high <= low) return [];
  const rowOf = (energy: number): number => Math.round(((high - energy) / (high - low)) * (HEIGHT - 1));
  const rows = columnsOf(moments, last.ms).map((energy) => (energy === null ? null : rowOf(energy)));
  const knownRow = bestKnown === null ? null : rowOf(bestKnown);
  const labels = Array.from({ length: HEIGHT }, (_, row) =>
    row === 0 || row === HEIGHT - 1 ? String(row === 0 ? high : low) : '',
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const lines = labels.map((label, row) => {
    const cells = rows.map((at, column) => cellOf({ row, at, before: rows[column - 1] ?? at }));
    const drawn = cells.map((cell) => (cell === ' ' && row === knownRow ? '┄' : cell)).join('');
    const note = row === knownRow ? paint.dim(' best known') : '';
    return `${label.padStart(margin)} ┤${drawn}${note}`;
  });
  const seconds = `${(last.ms / 1000).toFixed(2)} s`;
  const axis = `${' '.repeat(margin)} └${'─'.repeat(WIDTH)}`;
  return [...lines, axis, `${' '.repeat(margin + 2)}0 s${seconds.padStart(WIDTH - 3)}`];
}

/** The least value at the end of each column; null before the first moment. */
function columnsOf(moments: readonly Moment[], endMs: number): readonly (number | null)[] {
  return Array.from({ length: WIDTH }, (_, column) => {
    const until = ((column + 1) / WIDTH) * endMs;
    return moments.findLast(({ ms }) => ms <= until)?.energy ?? null;
  });
}

interface Cell {
  readonly row: number;
  readonly at: number | null;
  /** Where the column to the left stands. */
  readonly before: number | null;
}

function cellOf({ row, at, before }: Cell): string {
  if (at === null || before === null) return ' ';
  if (row === at) return row === before ? '━' : '┗';
  if (row === before) return '┓';
  return row > before && row < at ? '┃' : ' ';
}
