/** Searches the genes of a merge, by one number or by several at once, and keeps what was tried. */
import { cmaOf } from '../maths/cma.ts';
import { nsgaOf } from '../maths/nsga.ts';
import { randomOf } from '../maths/random.ts';
import type { Genes } from './merge-genes.ts';

export interface EvolveAsk {
  readonly genes: Pick<Genes, 'start' | 'bounds'>;
  /** One number at a time, or the front of several. */
  readonly by: 'cma-es' | 'nsga-ii';
  readonly generations: number;
  /** Points of a generation, even. */
  readonly population: number;
  readonly seed: number;
  /** What is to be small; `cma-es` minimizes the mean of them. */
  readonly judge: (genes: Float64Array) => Promise<readonly number[]>;
  readonly tell?: (done: number, total: number) => void;
}

export interface Candidate {
  /** 1 for the first. */
  readonly generation: number;
  readonly genes: readonly number[];
  readonly objectives: readonly number[];
}

export interface Evolved {
  readonly candidates: readonly Candidate[];
  /** Of all the one whose objectives have the least mean, the earliest of equals. */
  readonly best: Candidate;
  /** Those that the search would go on with: the last generation, or the points that NSGA-II keeps. */
  readonly last: readonly Candidate[];
}

/** Of the bounds' width: mergekit's σ₀. */
const SIGMA = 1 / 6;

/**
 * The point where the search begins is judged first, so that what is found is never worse than it.
 *
 * @throws whatever `judge` throws
 * @cost   generations × population judgements, and one
 */
export async function evolve(ask: EvolveAsk): Promise<Evolved> {
  const { genes, generations, population } = ask;
  const searched = searchOf(ask);
  const candidates: Candidate[] = [await judged(ask, genes.start, 1)];
  let last: readonly Candidate[] = candidates;
  for (let generation = 1; generation <= generations; generation++) {
    const points = searched.ask();
    const found: Candidate[] = [];
    for (const point of points) {
      found.push(await judged(ask, point, generation));
      ask.tell?.((generation - 1) * population + found.length, generations * population);
    }
    searched.tell(points, found);
    candidates.push(...found);
    last = searched.kept(candidates) ?? found;
  }
  const best = candidates.reduce((a, b) => (meanOf(b.objectives) < meanOf(a.objectives) ? b : a));
  return { candidates, best, last };
}

async function judged({ judge }: EvolveAsk, point: Float64Array, generation: number): Promise<Candidate> {
  return { generation, genes: [...point], objectives: await judge(point) };
}

export function meanOf(objectives: readonly number[]): number {
  return objectives.reduce((sum, value) => sum + value, 0) / objectives.length;
}

interface Search {
  ask(): readonly Float64Array[];
  tell(points: readonly Float64Array[], found: readonly Candidate[]): void;
  /** Those of all that were tried that are kept; null for a search that keeps none. */
  kept(candidates: readonly Candidate[]): readonly Candidate[] | null;
}

function searchOf({ genes: { start, bounds }, by, population, seed }: EvolveAsk): Search {
  const random = randomOf(seed);
  if (by === 'nsga-ii') {
    const nsga = nsgaOf({ bounds, population, random });
    return {
      ask: nsga.ask,
      tell: (points, found) =>
        nsga.tell(points.map((point, index) => ({ point, objectives: found[index]!.objectives }))),
      kept: (candidates) => {
        const marks = new Set(nsga.now().map(({ point }) => point.join()));
        return candidates.filter(({ genes }) => marks.has(genes.join()));
      },
    };
  }
  // Each gene in units of its bounds, so that one deviation fits them all.
  const widths = bounds.map(([low, high]) => high - low);
  const begin = Float64Array.from(bounds, ([low]) => low);
  const asGenes = (point: Float64Array): Float64Array =>
    point.map((value, index) => begin[index]! + value * widths[index]!);
  const asUnits = (point: Float64Array): Float64Array =>
    point.map((value, index) => (value - begin[index]!) / widths[index]!);
  const cma = cmaOf({
    start: asUnits(start),
    sigma: SIGMA,
    random,
    population,
  });
  return {
    ask: () => cma.ask().map(asGenes),
    tell: (points, found) =>
      cma.tell(
        points.map(asUnits),
        found.map(({ objectives }) => meanOf(objectives)),
      ),
    kept: () => null,
  };
}
