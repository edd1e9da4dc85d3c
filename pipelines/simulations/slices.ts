/** A candidate that is worse on one slice of many: how often the slice is caught, and how often a good one is blamed. */
import { randomOf } from '../maths/random.ts';
import { mcnemar } from '../stats/compare.ts';
import { benjaminiHochberg } from '../stats/multiple.ts';
import { drawBinomial } from './binomial.ts';

export interface SliceAsk {
  readonly runs: number;
  readonly slices: number;
  readonly itemsPerSlice: number;
  readonly discordance: number;
  /** True loss of accuracy on one slice; 0 for none. */
  readonly loss: number;
  readonly q: number;
  readonly seed: number;
}

export interface SliceFound {
  /** Share of runs in which the slice with the loss was called worse. */
  readonly caught: number;
  /** Mean share of slices without a loss among those called worse; 0 in a run that called none. */
  readonly falseDiscovery: number;
}

/**
 * @param ask  loss at most the discordance
 * @returns    see its fields
 * @throws     RangeError when the loss does not fit: a programmer's error
 * @cost       two binomial draws and one exact test a slice and run
 * @source     the setting of `benjaminiHochberg`, slices apart
 */
export function slicesOfRuns(ask: SliceAsk): SliceFound {
  const { runs, slices, itemsPerSlice, discordance, loss, q, seed } = ask;
  if (!(loss >= 0 && loss <= discordance)) {
    throw new RangeError(`no loss of ${loss} at a discordance of ${discordance}`);
  }
  const random = randomOf(seed);
  let [caught, blame] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const ps = Array.from({ length: slices }, (_, slice) => {
      const win = (discordance - (slice === 0 ? loss : 0)) / 2;
      const wins = drawBinomial(random, { count: itemsPerSlice, chance: win });
      const rest = { count: itemsPerSlice - wins, chance: (discordance - win) / (1 - win) };
      return mcnemar({ wins, losses: drawBinomial(random, rest) }).pWorse;
    });
    const called = benjaminiHochberg(ps).map((p) => p <= q);
    const wrong = called.filter((one, slice) => one && (slice > 0 || loss === 0)).length;
    const all = called.filter(Boolean).length;
    if (called[0] === true && loss > 0) caught += 1;
    blame += all === 0 ? 0 : wrong / all;
  }
  return { caught: caught / runs, falseDiscovery: blame / runs };
}
