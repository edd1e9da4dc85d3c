/** Learns from only those columns that shorten the description of the labels, where the learner’s words ask for it. */
import { keptColumns, levelled } from '../choices/columns.ts';
import { columnsTooMany } from '../faults.ts';
import type { Examples } from '../models/examples.ts';
import { anyLearner } from '../models/index.ts';

/** Each two columns are held against each other. */
const COLUMNS_MOST = 256;
const LEVELS_MOST = 4;
const FLIPS = 20_000_000;

/** As `anyLearner`, which gives weight 0 to the columns that are left out. */
export const keptLearner: typeof anyLearner = {
  ...anyLearner,
  learn(lesson) {
    const { examples, params, seed } = lesson;
    if (params.kind === 'perceptron' || params.keep !== 'shortest') return anyLearner.learn(lesson);
    return anyLearner.learn({ ...lesson, examples: shortestOf(examples, seed) });
  },
};

/** @throws columnsTooMany */
function shortestOf(examples: Examples, seed: number): Examples {
  const { width, labels, labelNames } = examples;
  if (width > COLUMNS_MOST) throw columnsTooMany({ most: COLUMNS_MOST, found: width });
  const coded = denseColumns(examples).map((values) => levelled(values, LEVELS_MOST));
  const data = {
    columns: coded.map(({ codes }) => codes),
    levels: coded.map(({ count }) => count),
    labels,
    labelCount: labelNames.length,
  };
  const { kept } = keptColumns(data, { seed, flips: FLIPS });
  // Where none pays, nothing is known against any of them.
  return kept.length === 0 ? examples : only(examples, kept);
}

/** The entries of these columns, so that the others have none and get no weight. */
function only(examples: Examples, kept: readonly number[]): Examples {
  const wanted = new Set(kept);
  const offsets = new Int32Array(examples.rows + 1);
  const entries: number[] = [];
  for (let row = 0; row < examples.rows; row++) {
    for (let entry = examples.offsets[row] ?? 0; entry < (examples.offsets[row + 1] ?? 0); entry++) {
      if (wanted.has(examples.columns[entry] ?? -1)) entries.push(entry);
    }
    offsets[row + 1] = entries.length;
  }
  const columns = Int32Array.from(entries, (entry) => examples.columns[entry] ?? 0);
  const values = Float64Array.from(entries, (entry) => examples.values[entry] ?? 0);
  return { ...examples, offsets, columns, values };
}

function denseColumns({ rows, width, offsets, columns, values }: Examples): readonly Float64Array[] {
  const dense = Array.from({ length: width }, () => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row] ?? 0; entry < (offsets[row + 1] ?? 0); entry++) {
      const column = dense[columns[entry] ?? 0];
      if (column !== undefined) column[row] = values[entry] ?? 0;
    }
  }
  return dense;
}
