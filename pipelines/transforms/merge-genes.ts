/** What of a merge may be searched: numbers -> the settings of mergekit that they mean. */
import { mergeUnfit } from '../tensors/faults.ts';
import { NEEDS, takesDensity } from './merge-method.ts';
import type { MergeSettings, Method } from './merge-settings.ts';

export interface Genes {
  readonly start: Float64Array;
  /** Lowest and highest value of each. */
  readonly bounds: readonly (readonly [number, number])[];
  /** The merge that some genes mean; genes outside their bounds mean those at the bound. */
  readonly settingsOf: (genes: Float64Array) => MergeSettings;
}

/** Methods whose parameters can be searched. */
const WEIGHED: readonly Method[] = [
  'linear',
  'task_arithmetic',
  'ties',
  'dare_ties',
  'dare_linear',
  'breadcrumbs',
  'breadcrumbs_ties',
  'della',
  'della_linear',
];

/** Twice the whole of a delta is as far as task arithmetic is known to help. */
const WEIGHT = [0, 2] as const;
/** DELLA's chances reach 0.15 to either side. */
const DENSITY = { wide: [0.05, 1], ranked: [0.16, 0.84] } as const;

/**
 * The genes of a merge of whole models: for each model that is not the base a weight, and where the method throws parts
 * away a density, at `groups` places along the layers, between which mergekit interpolates. A search begins where all
 * models weigh the same and nothing is thrown away.
 *
 * @param settings  with `models`; what they say of weights and densities is put aside
 * @param groups    1 or more
 * @throws          mergeUnfit for slices, and for a method without weights
 * @source          mergekit's `mergekit-evolve`: genome of layer groups × models × parameters, weight 1/n, density 1
 */
export function recipeGenes(settings: MergeSettings, groups: number): Genes {
  const { merge_method: method, models, base_model: base } = settings;
  if (!models || !WEIGHED.includes(method)) {
    const found = models ? method : '`slices`';
    throw mergeUnfit({ where: 'merge_method', wanted: `\`models\` by one of ${WEIGHED.join(', ')}`, found });
  }
  const merged = models.filter(({ model }) => NEEDS[method].base === 'unused' || model !== base);
  const density = method.startsWith('della') ? DENSITY.ranked : DENSITY.wide;
  const each = takesDensity(method)
    ? [
        { name: 'weight', range: WEIGHT, begin: 1 / merged.length } as const,
        { name: 'density', range: density, begin: density[1] } as const,
      ]
    : [{ name: 'weight', range: WEIGHT, begin: 1 / merged.length } as const];
  const words = merged.flatMap(({ model }) => each.map((word) => ({ ...word, model })));
  const all = words.flatMap((word) => Array.from({ length: groups }, () => word));
  const settingsOf = (genes: Float64Array): MergeSettings => {
    const values = all.map(({ range: [low, high] }, index) =>
      Math.min(high, Math.max(low, genes[index] ?? low)),
    );
    const own = (model: string) =>
      words.flatMap((word, index) =>
        word.model === model
          ? [[word.name, values.slice(index * groups, (index + 1) * groups)] as const]
          : [],
      );
    const told = models.map((one) => ({
      ...one,
      parameters: { ...one.parameters, ...Object.fromEntries(own(one.model)) },
    }));
    return { ...settings, models: told };
  };
  return {
    start: Float64Array.from(all, ({ begin }) => begin),
    bounds: all.map(({ range }) => range),
    settingsOf,
  };
}

export interface PathAsk {
  /** Models of one width, in the order in which their layers are laid out. */
  readonly models: readonly string[];
  /** Layers of each. */
  readonly layers: number;
  /** How often all of them are laid out one after the other. */
  readonly repeats: number;
}

/**
 * The genes of a way through layers: all layers of all models, laid out `repeats` times, each taken where its gene is
 * above 0. The result is a passthrough merge with a slice for each layer on the way. A search begins with the first
 * model as it is. Scales between layers, which the paper searches too, are left at 1.
 *
 * @throws  mergeUnfit when fewer than two layers would be left to choose from
 * @source  T. Akiba et al., "Evolutionary optimization of model merging recipes", arXiv 2403.13187, section 3.2
 */
export function pathGenes({ models, layers, repeats }: PathAsk): Genes {
  const places = Array.from({ length: repeats }, () =>
    models.flatMap((model) => Array.from({ length: layers }, (_, layer) => ({ model, layer }))),
  ).flat();
  if (places.length < 2) {
    throw mergeUnfit({ where: 'layers', wanted: 'two or more', found: `${places.length}` });
  }
  const settingsOf = (genes: Float64Array): MergeSettings => {
    const taken = places.filter((_, index) => (genes[index] ?? -1) > 0);
    // Of no layer at all there is no model: the one that is least unwanted is taken.
    const least = places[genes.indexOf(genes.reduce((a, b) => Math.max(a, b), -Infinity))];
    const way = taken.length > 0 ? taken : [least ?? places[0]!];
    const slices = way.map(({ model, layer }) => {
      return { sources: [{ model, layer_range: [layer, layer + 1] as [number, number] }] };
    });
    return { merge_method: 'passthrough', slices };
  };
  const start = Float64Array.from(places, (_, index) => (index < layers ? 0.5 : -0.5));
  return { start, bounds: places.map(() => [-1, 1] as const), settingsOf };
}
