/** What each method of merging does to one tensor, out of its parameters: the recipe that the arithmetic follows. */
import { mergeUnfit } from '../tensors/faults.ts';
import { settingAt, type Method, type Place } from './merge-settings.ts';

/** Which elements of a delta are kept. `density` is the share of them, 0 to 1. */
export type Trim =
  | { readonly kind: 'all' }
  /** The largest by magnitude; `match` brings the sum of magnitudes back to what it was. */
  | { readonly kind: 'largest'; readonly density: number; readonly match: boolean }
  /** Those between the smallest and a share `gamma` of the largest. */
  | { readonly kind: 'middle'; readonly density: number; readonly gamma: number; readonly match: boolean }
  /** Each by its own throw; the kept ones are divided by `density` where `rescale`. */
  | { readonly kind: 'random'; readonly density: number; readonly rescale: boolean }
  /** As `random`, with a chance that grows by rank within its row from density − epsilon to density + epsilon. */
  | {
      readonly kind: 'ranked';
      readonly density: number;
      readonly epsilon: number;
      readonly rescale: boolean;
    };

export type Recipe =
  /** Σ weight·tensor / divisor. */
  | { readonly kind: 'weigh'; readonly weights: readonly number[]; readonly divisor: number }
  | { readonly kind: 'slerp'; readonly t: number }
  | { readonly kind: 'stock' }
  /** base + lambda · Σ of trimmed, weighted deltas, of those with the elected sign where `elects`. */
  | {
      readonly kind: 'combine';
      readonly trims: readonly Trim[];
      readonly weights: readonly number[];
      readonly lambda: number;
      readonly elects: boolean;
      readonly normalize: boolean;
    };

/** Whether a method needs a base, and how many other models. */
export interface Needs {
  readonly base: 'required' | 'unused';
  readonly least: number;
  readonly most: number;
}

const DELTAS: Needs = { base: 'required', least: 0, most: Infinity };

export const NEEDS: Readonly<Record<Method, Needs>> = {
  linear: { base: 'unused', least: 1, most: Infinity },
  passthrough: { base: 'unused', least: 1, most: 1 },
  slerp: { base: 'required', least: 1, most: 1 },
  model_stock: { base: 'required', least: 2, most: Infinity },
  task_arithmetic: DELTAS,
  ties: DELTAS,
  dare_ties: DELTAS,
  dare_linear: DELTAS,
  breadcrumbs: DELTAS,
  breadcrumbs_ties: DELTAS,
  della: DELTAS,
  della_linear: DELTAS,
};

interface Family {
  readonly trim: Trim['kind'];
  readonly elects: boolean;
  readonly normalize: boolean;
  readonly rescale: boolean;
}

/** With the defaults of mergekit. */
const FAMILIES: Readonly<Partial<Record<Method, Family>>> = {
  task_arithmetic: { trim: 'all', elects: false, normalize: false, rescale: false },
  ties: { trim: 'largest', elects: true, normalize: true, rescale: false },
  dare_ties: { trim: 'random', elects: true, normalize: false, rescale: true },
  dare_linear: { trim: 'random', elects: false, normalize: false, rescale: true },
  breadcrumbs: { trim: 'middle', elects: false, normalize: false, rescale: false },
  breadcrumbs_ties: { trim: 'middle', elects: true, normalize: false, rescale: false },
  della: { trim: 'ranked', elects: true, normalize: true, rescale: true },
  della_linear: { trim: 'ranked', elects: false, normalize: false, rescale: true },
};

/** Whether a method throws parts of the deltas away. */
export function takesDensity(method: Method): boolean {
  const trim = FAMILIES[method]?.trim ?? 'all';
  return trim !== 'all';
}

/** The parameters at one tensor: those of each model that is not the base, and those of all. */
export interface Asked {
  readonly models: readonly Place[];
  readonly all: Place;
}

/**
 * @returns  the recipe for one tensor
 * @throws   mergeUnfit when a parameter is missing or out of its range
 */
export function recipeOf(method: Method, { models, all }: Asked): Recipe {
  if (method === 'linear') {
    const weights = models.map((place) => numberAt('weight', place, null));
    const divisor = flagAt('normalize', all, true) ? weights.reduce((sum, weight) => sum + weight, 0) : 1;
    if (divisor !== 0) return { kind: 'weigh', weights, divisor };
    throw unfit('weight', all, 'weights with a sum other than 0', weights.join(', '));
  }
  if (method === 'passthrough') {
    return { kind: 'weigh', weights: models.map((place) => numberAt('scale', place, 1)), divisor: 1 };
  }
  if (method === 'slerp') return { kind: 'slerp', t: numberAt('t', all, null) };
  if (method === 'model_stock') {
    if (!flagAt('filter_wise', all, false)) return { kind: 'stock' };
    throw unfit('filter_wise', all, 'false, one angle a tensor', 'true');
  }
  return combineOf(FAMILIES[method]!, { models, all });
}

function combineOf({ trim, elects, ...defaults }: Family, { models, all }: Asked): Recipe {
  const normalize = flagAt('normalize', all, defaults.normalize);
  const rescale = flagAt('rescale', all, defaults.rescale);
  return {
    kind: 'combine',
    trims: models.map((place) => trimOf(trim, place, rescale)),
    weights: models.map((place) => numberAt('weight', place, null)),
    lambda: numberAt('lambda', all, 1),
    elects,
    normalize,
  };
}

function trimOf(kind: Trim['kind'], place: Place, rescale: boolean): Trim {
  const density = numberAt('density', place, 1);
  if (density < 0 || density > 1) throw unfit('density', place, '0 to 1', String(density));
  // Whatever the method, a density of 1 keeps everything as it is.
  if (kind === 'all' || density === 1) return { kind: 'all' };
  if (kind === 'largest') return { kind, density, match: rescale };
  if (kind === 'random') return { kind, density, rescale };
  if (kind === 'middle') {
    const gamma = numberAt('gamma', place, 0.01);
    if (gamma < 0 || gamma > 1) throw unfit('gamma', place, '0 to 1', String(gamma));
    return { kind, density, gamma, match: rescale };
  }
  const epsilon = numberAt('epsilon', place, 0.15);
  if (density === 0) return { kind: 'random', density, rescale: false };
  if (density - epsilon <= 0 || density + epsilon >= 1) {
    throw unfit('epsilon', place, `density ± epsilon within 0 to 1`, `${density} ± ${epsilon}`);
  }
  return { kind, density, epsilon, rescale };
}

function numberAt(name: string, place: Place, otherwise: number | null): number {
  const value = settingAt(name, place) ?? otherwise;
  if (typeof value === 'number') return value;
  throw unfit(name, place, 'a number for every model', value === null ? 'none' : String(value));
}

function flagAt(name: string, place: Place, otherwise: boolean): boolean {
  const value = settingAt(name, place) ?? otherwise;
  return typeof value === 'boolean' ? value : value !== 0;
}

function unfit(name: string, { tensor }: Place, wanted: string, found: string) {
  return mergeUnfit({ where: `parameter ${name} at ${tensor}`, wanted, found });
}
