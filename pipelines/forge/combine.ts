/** Phase 2: the specialists become one model by a merge whose weights and densities are searched. */
import path from 'node:path';
import type { Phase } from '../artifacts/phase.ts';
import type { Arrays } from '../training/places.ts';
import { evolve, meanOf, type Candidate } from '../transforms/evolve.ts';
import { merge } from '../transforms/merge.ts';
import { recipeGenes } from '../transforms/merge-genes.ts';
import { mergeSettingsOf, type MergeSettings } from '../transforms/merge-settings.ts';
import { VALIDATION_ITEMS } from './create.ts';
import { netOf, openScorer, rightOf, shareOf, type Effort, type NetShape, type Scorer } from './net.ts';
import { rounded } from './picture.ts';
import { DOMAINS, itemsOf, numbersOf, type Item } from './tasks.ts';
import { inFolder, readWeights, writeWeights, type Shapes } from './weights-file.ts';

export interface Combining extends Effort {
  readonly shape: NetShape;
  readonly base: Arrays;
  /** In the order of `DOMAINS`. */
  readonly specialists: readonly Arrays[];
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Combined {
  readonly weights: Arrays;
  readonly phase: Omit<Phase, 'format'>;
}

const GENERATIONS = 16;
const POPULATION = 12;
/** Places along the layers at which weights and densities are searched. */
const GROUPS = 2;
export const TEST_ITEMS = 500;

/** Few genes are searched for one number; many by the front of all domains, which keeps merges that differ. */
const SEARCHES = [
  { method: 'task_arithmetic', by: 'cma-es' },
  { method: 'ties', by: 'nsga-ii' },
] as const;
const NAMES = ['base', ...DOMAINS.map(({ name }) => name)] as const;

export async function combine(ask: Combining): Promise<Combined> {
  const { shape, seed } = ask;
  const { shapes } = netOf(shape, 1).decoder;
  const numbers = numbersOf(seed);
  const validation = DOMAINS.map((task) => itemsOf(task, numbers.validation, VALIDATION_ITEMS / 2));
  return inFolder(async (folder) => {
    const pathOf = (model: string): string => path.join(folder, `${model}.safetensors`);
    [ask.base, ...ask.specialists].forEach((weights, at) =>
      writeWeights(pathOf(NAMES[at]!), weights, shapes),
    );
    const scorer = await openScorer(shape, ask.base);
    try {
      const generations = Math.ceil(GENERATIONS * ask.effort);
      const population = Math.max(4, 2 * Math.round((POPULATION * ask.effort) / 2));
      const desk: Desk = {
        scorer,
        pathOf,
        target: pathOf('merged'),
        seed,
        validation,
        generations,
        population,
      };
      const searches: Search[] = [];
      for (const [at, way] of SEARCHES.entries()) {
        searches.push(
          await search(way, desk, (done, total) => ask.tell(at * total + done, SEARCHES.length * total)),
        );
      }
      const won = searches.reduce((a, b) => (meanOf(b.best.objectives) < meanOf(a.best.objectives) ? b : a));
      await mergeInto(won.settingsOf(Float64Array.from(won.best.genes)), desk);
      const weights = readWeights(desk.target);
      const test = DOMAINS.flatMap((task) => itemsOf(task, numbers.test, TEST_ITEMS));
      const errors = await errorsOf(scorer, { candidates: [ask.base, ...ask.specialists, weights], test });
      return { weights, phase: phaseOf({ searches, won, errors, shapes, desk }) };
    } finally {
      await scorer.close();
    }
  });
}

interface Desk {
  readonly scorer: Scorer;
  readonly pathOf: (model: string) => string;
  readonly target: string;
  readonly seed: number;
  readonly generations: number;
  readonly population: number;
  /** Items of each domain. */
  readonly validation: readonly (readonly Item[])[];
}

interface Search {
  readonly method: (typeof SEARCHES)[number]['method'];
  readonly by: (typeof SEARCHES)[number]['by'];
  readonly candidates: readonly Candidate[];
  readonly best: Candidate;
  /** What each that the search kept says of all validation items. */
  readonly said: readonly Uint8Array[];
  readonly settingsOf: (genes: Float64Array) => MergeSettings;
}

/** Each domain is an objective of its own, so that no domain is bought with another unseen. */
async function search(
  { method, by }: Pick<Search, 'method' | 'by'>,
  desk: Desk,
  tell: Combining['tell'],
): Promise<Search> {
  const settings = mergeSettingsOf(
    { merge_method: method, base_model: 'base', models: NAMES.slice(1).map((model) => ({ model })) },
    method,
  );
  const genes = recipeGenes(settings, GROUPS);
  const all = desk.validation.flat();
  const said = new Map<string, Uint8Array>();
  const { candidates, best, last } = await evolve({
    genes,
    by,
    generations: desk.generations,
    population: desk.population,
    seed: desk.seed,
    judge: async (point) => {
      await mergeInto(genes.settingsOf(point), desk);
      const answers = await desk.scorer.answers(all);
      said.set(point.join(), answers);
      const right = rightOf(all, answers);
      let from = 0;
      return desk.validation.map(({ length }) => 1 - shareOf(right.slice(from, (from += length))));
    },
    tell,
  });
  const kept = last.flatMap(({ genes: point }) => said.get(point.join()) ?? []);
  return { method, by, candidates, best, said: kept, settingsOf: genes.settingsOf };
}

/** Merges into the target, and from there into the scorer. */
async function mergeInto(settings: MergeSettings, { pathOf, target, seed, scorer }: Desk): Promise<void> {
  await merge({ settings, pathOf, target, seed, scratch: true });
  for (const [name, values] of Object.entries(readWeights(target))) scorer.weights[name]?.set(values);
}

interface Testing {
  readonly candidates: readonly Arrays[];
  readonly test: readonly Item[];
}

/** Share of the sealed test that each gets wrong. */
async function errorsOf(scorer: Scorer, { candidates, test }: Testing): Promise<readonly number[]> {
  const errors: number[] = [];
  for (const weights of candidates) {
    for (const [name, values] of Object.entries(weights)) scorer.weights[name]?.set(values);
    errors.push(1 - shareOf(rightOf(test, await scorer.answers(test))));
  }
  return errors;
}

/** Mean share of places in which two of them differ. */
export function diversityOf(said: readonly Uint8Array[]): number {
  const pairs = said.flatMap((a, index) => said.slice(index + 1).map((b) => [a, b] as const));
  const apart = pairs.map(
    ([a, b]) => a.reduce((sum, value, at) => sum + Number(value !== b[at]), 0) / a.length,
  );
  return apart.reduce((sum, value) => sum + value, 0) / Math.max(1, apart.length);
}

interface Telling {
  readonly searches: readonly Search[];
  readonly won: Search;
  /** Of the base, of each specialist, and of the merge. */
  readonly errors: readonly number[];
  readonly shapes: Shapes;
  readonly desk: Desk;
}

function phaseOf({ searches, won, errors }: Telling): Omit<Phase, 'format'> {
  const own = errors.at(-1) ?? 1;
  const parent = Math.min(...errors.slice(1, -1));
  return {
    phase: 'merge',
    measured: {
      generations: won.best.generation,
      'error-reduction': parent === 0 ? 0 : 1 - own / parent,
      diversity: diversityOf(searches.find(({ by }) => by === 'nsga-ii')?.said ?? []),
      error: own,
      'parent-error': parent,
      'base-error': errors[0]!,
      judged: searches.reduce((sum, { candidates }) => sum + candidates.length, 0),
    },
    tables: [
      {
        title: 'Share of the sealed test answered wrongly, all domains together',
        columns: ['model', 'wrong'],
        rows: [...NAMES, 'the merge'].map((name, at) => [name, rounded(errors[at]!)]),
      },
      {
        title: `The best merge, by ${won.method}; along the layers`,
        columns: ['model', 'parameter', 'values'],
        rows: (won.settingsOf(Float64Array.from(won.best.genes)).models ?? []).flatMap(
          ({ model, parameters }) =>
            Object.entries(parameters ?? {}).map(([name, values]) => [model, name, valuesText(values)]),
        ),
      },
    ],
    plots: [
      {
        title: 'Merges that were tried',
        kind: 'points',
        across: 'generation',
        up: 'mean share wrong, validation',
        series: searches.map(({ method, by, candidates }) => ({
          name: `${method} by ${by}`,
          points: candidates.map(({ generation, objectives }) => [generation, rounded(meanOf(objectives))]),
        })),
      },
    ],
    notes: [
      'Searched on validation items alone, by the share wrong in each domain; the test was opened once, at the end. Diversity is that of the merges that NSGA-II keeps.',
    ],
  };
}

function valuesText(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => rounded(Number(value))).join(' … ') : String(values);
}
