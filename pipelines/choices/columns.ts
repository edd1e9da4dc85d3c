/** Which columns to keep: those whose bits about the label pay for the parameters they take (minimum description length). */
import { quboOf, type Coupling, type Qubo } from '../solvers/qubo.ts';
import type { Ask } from '../solvers/solver.ts';
import { solvedWhole } from '../solvers/whole.ts';

/** Rows told by levels: 0 to levels − 1 in each column, and a label for each row. */
export interface Levelled {
  /** By column, then by row. */
  readonly columns: readonly ArrayLike<number>[];
  /** How many levels each column has. */
  readonly levels: readonly number[];
  readonly labels: ArrayLike<number>;
  readonly labelCount: number;
}

export interface KeptColumns {
  /** Ascending. */
  readonly kept: readonly number[];
  /** Bits that they save beside keeping none; 0 or more. */
  readonly savedBits: number;
  /** Whether no other choice saves more. */
  readonly proven: boolean;
}

const SEARCHED_TO = 22;

/**
 * min Σ (costᵢ − n·I(xᵢ; y)) + Σ_{i<j} max(0, n·(I(xᵢ; y) + I(xⱼ; y) − I(xᵢ, xⱼ; y))) over the columns that are kept: the
 * bits of parameters and labels together, to the second order. What two columns say only together counts for nothing: a
 * sum of columns cannot use it, and of few rows it is mostly chance. A column of k levels costs
 * (k − 1)·(labels − 1)/2·log₂ n bits.
 *
 * @param data  one row at least; levels and labels within their counts
 * @returns     a function of one bit a column, in bits beside keeping none
 * @throws      never: levels were made here
 * @cost        columns²·rows
 * @source      J. Rissanen, "Modeling by shortest data description", Automatica 14 (1978) for the cost; the second-order
 *              expansion of mutual information: G. Brown et al., "Conditional likelihood maximisation", JMLR 13 (2012), §4
 */
export function columnsForm(data: Levelled): Qubo {
  const { columns, levels, labels, labelCount } = data;
  const rows = labels.length;
  const alone = columns.map((codes, i) =>
    informationOf({ codes, count: levels[i] ?? 1, labels, labelCount }),
  );
  const perParameter = ((labelCount - 1) / 2) * Math.log2(rows);
  const linear = alone.map((bits, i) => ((levels[i] ?? 1) - 1) * perParameter - bits);
  const couplings: Coupling[] = [];
  for (let i = 0; i < columns.length; i++) {
    for (let j = i + 1; j < columns.length; j++) {
      const count = (levels[i] ?? 1) * (levels[j] ?? 1);
      const codes = Int32Array.from(
        labels,
        (_, row) => (columns[i]?.[row] ?? 0) * (levels[j] ?? 1) + (columns[j]?.[row] ?? 0),
      );
      const both = informationOf({ codes, count, labels, labelCount });
      couplings.push({ i, j, weight: Math.max(0, (alone[i] ?? 0) + (alone[j] ?? 0) - both) });
    }
  }
  return quboOf({ n: columns.length, linear, couplings });
}

interface Coded {
  readonly codes: ArrayLike<number>;
  readonly count: number;
  readonly labels: ArrayLike<number>;
  readonly labelCount: number;
}

/** n·I(code; label) in bits, from counts: Σ c·log₂(c·n/(row·column)). */
function informationOf({ codes, count, labels, labelCount }: Coded): number {
  const n = labels.length;
  const joint = new Float64Array(count * labelCount);
  const [ofCode, ofLabel] = [new Float64Array(count), new Float64Array(labelCount)];
  const addTo = (counts: Float64Array, at: number): void => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (let row = 0; row < n; row++) {
    const [code, label] = [codes[row] ?? 0, labels[row] ?? 0];
    addTo(joint, code * labelCount + label);
    addTo(ofCode, code);
    addTo(ofLabel, label);
  }
  return joint.reduce((sum, seen, at) => {
    if (seen === 0) return sum;
    const expected = (ofCode[Math.floor(at / labelCount)] ?? 1) * (ofLabel[at % labelCount] ?? 1);
    return sum + seen * Math.log2((seen * n) / expected);
  }, 0);
}

/**
 * The best choice, with no column in it that could be left out or put in alone for fewer bits.
 *
 * @param data  as above
 * @param ask   what the search may take, where a search of all choices is not enough
 * @returns     the columns to keep; none where none pays
 * @throws      never
 * @cost        columns²·rows, and 2ⁿ to 22 columns that reductions leave in one part; beyond, `ask.flips`
 * @source      as `columnsForm`
 */
export function keptColumns(data: Levelled, ask: Ask): KeptColumns {
  const problem = columnsForm(data);
  const { bits, energy, proof } = solvedWhole(problem, { ask, searchedTo: SEARCHED_TO });
  // Keeping none costs nothing: whatever was found, nothing worse is kept.
  const kept = energy < 0 ? [...data.columns.keys()].filter((i) => bits[i] === 1) : [];
  return { kept, savedBits: Math.max(0, -energy), proven: proof !== null };
}

/**
 * Numbers as levels: cut at quantiles, so that each level has about as many rows; as few levels as there are values.
 *
 * @param values  finite
 * @param most    levels, 2 or more
 * @returns       0 to count − 1 for each value, in the order of the values
 * @throws        never
 * @cost          n·log n
 * @source        definition: equal-frequency binning
 */
export function levelled(
  values: ArrayLike<number>,
  most: number,
): { readonly codes: Int32Array; readonly count: number } {
  const sorted = Float64Array.from(values).sort();
  const cuts = new Set<number>();
  for (let k = 1; k < most; k++) {
    const cut = sorted[Math.floor((k * sorted.length) / most)];
    // At the least value a cut would leave an empty level below it.
    if (cut !== undefined && cut > (sorted[0] ?? 0)) cuts.add(cut);
  }
  const edges = [...cuts].sort((a, b) => a - b);
  const codes = Int32Array.from(values, (value) => edges.filter((edge) => value >= edge).length);
  return { codes, count: edges.length + 1 };
}
