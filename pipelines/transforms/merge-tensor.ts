/** Merges one tensor by its recipe, stretch by stretch, and hands on the result in order. */
import type { StoredTensor } from '../tensors/safetensors.ts';
import { tensorsUnfit } from '../tensors/faults.ts';
import { countOf } from '../tensors/header.ts';
import { COUNTINGS, LOWER_BINS, UPPER_BINS } from './loops.ts';
import type { Recipe, Trim } from './merge-method.ts';
import { boundsBetween, boundsOfLargest, type Bounds, type Magnitudes } from './trim.ts';
import { dropRandom, dropRanked, ROW_MOST } from './drop.ts';
import { refuseUnbounded, rowOf, type Stretch, type Workspace } from './workspace.ts';

export interface TensorMerge {
  readonly workspace: Workspace;
  /** All of one shape. */
  readonly models: readonly StoredTensor[];
  /** Null where the recipe needs none. */
  readonly base: StoredTensor | null;
  /** Decides every throw together with the tensor's name. */
  readonly seed: number;
  /** The first n floats of the workspace's `out` are the next of the result. */
  readonly give: (n: number) => void;
}

type WithBase = TensorMerge & { readonly base: StoredTensor };

/** SLERP of directions that are as good as one line goes straight. */
const STRAIGHT = 0.9995;

/**
 * @throws tensorsUnfit when an element is no finite number, or a direction is asked of a tensor that is zero
 * @cost   one pass over the tensors for what is linear, two for angles, three where magnitudes are ranked
 * @source TIES: Yadav 2023, 3; DARE: Yu 2023, 3.1; DELLA: Deep 2024, 3; Model Breadcrumbs: Davari 2023, 3;
 *         Model Stock: Jang 2024, 4; SLERP: Shoemake 1985. Defaults and parameters as mergekit 0.1.5 has them.
 */
export function mergeTensor(recipe: Recipe, merge: TensorMerge): void {
  const { base } = merge;
  if (recipe.kind === 'weigh') {
    weigh(merge, recipe);
    return;
  }
  if (base === null) throw new RangeError(`${recipe.kind} needs a base`);
  if (recipe.kind === 'slerp') slerp({ ...merge, base }, recipe.t);
  else if (recipe.kind === 'stock') stock({ ...merge, base });
  else combine({ ...merge, base }, recipe);
}

function weigh(
  merge: TensorMerge,
  recipe: { readonly weights: readonly number[]; readonly divisor: number },
) {
  const { workspace, models, give } = merge;
  for (const stretch of workspace.stretchesOf(models[0]!.shape)) {
    models.forEach((tensor, index) => workspace.fill(index + 1, tensor, stretch));
    const tensors = models.map((_, index) => workspace.floats(index + 1, stretch.n));
    workspace.loops.weigh({ ...recipe, tensors }, workspace.result(stretch.n));
    give(stretch.n);
  }
}

function slerp(merge: WithBase, t: number): void {
  const { workspace, base, models, give } = merge;
  const { loops } = workspace;
  const other = models[0]!;
  const dots = { own: 0, cross: 0, other: 0 };
  const both = (stretch: Stretch): readonly [Float32Array, Float32Array] => {
    workspace.fill(0, base, stretch);
    workspace.fill(1, other, stretch);
    return [workspace.floats(0, stretch.n), workspace.floats(1, stretch.n)];
  };
  for (const stretch of workspace.stretchesOf(base.shape)) {
    const [own, others] = both(stretch);
    dots.own += loops.dot(own, own);
    dots.cross += loops.dot(own, others);
    dots.other += loops.dot(others, others);
  }
  if ((dots.own === 0) !== (dots.other === 0)) throw noDirection(dots.own === 0 ? base : other);
  const shares = slerpShares(t, dots.own === 0 ? 1 : dots.cross / Math.sqrt(dots.own * dots.other));
  for (const stretch of workspace.stretchesOf(base.shape)) {
    loops.blend(...both(stretch), shares, workspace.result(stretch.n));
    give(stretch.n);
  }
}

function noDirection({ name, file }: StoredTensor) {
  return tensorsUnfit({ tensor: name, wanted: `a direction in ${file}`, found: 'nothing but zeros' });
}

/** The shares of both ends, sin((1−t)Ω)/sin Ω and sin(tΩ)/sin Ω; straight where they lie on one line. */
function slerpShares(t: number, cosine: number): readonly [number, number] {
  if (Math.abs(cosine) > STRAIGHT) return [1 - t, t];
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  return [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
}

/** base + t·(mean of models − base), with t = N·c / (1 + (N − 1)·c) and c the mean cosine between the deltas. */
function stock(merge: WithBase): void {
  const { workspace, base, models, give } = merge;
  const { loops } = workspace;
  const n = models.length;
  const dots = models.map(() => models.map(() => 0));
  for (const stretch of workspace.stretchesOf(base.shape)) {
    const deltas = fillDeltas(merge, stretch);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) dots[i]![j]! += loops.dot(deltas[i]!, deltas[j]!);
    }
  }
  const share = stockShare(dots);
  const terms = models.map(() => ({ least: 0, most: Infinity, scale: share / n, weight: 1 }));
  for (const stretch of workspace.stretchesOf(base.shape)) {
    const deltas = fillDeltas(merge, stretch);
    const what = { base: workspace.floats(0, stretch.n), deltas, terms, lambda: 1, kind: 'all' } as const;
    loops.combine(what, workspace.result(stretch.n));
    give(stretch.n);
  }
}

/** Below these a length, and a divisor, counts as nothing. */
const SMALL = 1e-6;

function stockShare(dots: readonly (readonly number[])[]): number {
  const n = dots.length;
  const cosines = dots.flatMap((row, i) =>
    row.slice(0, i).map((dot, j) => {
      const lengths = Math.sqrt(dots[i]![i]! * dots[j]![j]!);
      return Math.min(1, Math.max(-1, dot / Math.max(SMALL, lengths)));
    }),
  );
  const cosine = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
  const divisor = 1 + (n - 1) * cosine;
  return Math.abs(divisor) < SMALL ? 0 : (n * cosine) / divisor;
}

function fillDeltas({ workspace, base, models }: WithBase, stretch: Stretch): readonly Float32Array[] {
  workspace.fill(0, base, stretch);
  models.forEach((tensor, index) => workspace.fillDelta(index + 1, tensor, stretch));
  return models.map((_, index) => workspace.floats(index + 1, stretch.n));
}

type Combine = Extract<Recipe, { kind: 'combine' }>;

function combine(merge: WithBase, recipe: Combine): void {
  const { workspace, base, models, give } = merge;
  if (models.length === 0) {
    weigh({ ...merge, models: [base] }, { weights: [1], divisor: 1 });
    return;
  }
  const kept = recipe.trims.map((trim, index) => keptBy(merge, trim, index));
  const ranked = recipe.trims.some(({ kind }) => kind === 'ranked');
  if (ranked) refuseLongRows(merge);
  for (const stretch of merge.workspace.stretchesOf(base.shape, ranked ? 'whole-rows' : 'any')) {
    fillDeltas(merge, stretch);
    recipe.trims.forEach((trim, index) => throwAway(merge, { trim, index, stretch }));
    for (const part of partsOf(stretch, kept)) combinePart(merge, recipe, part);
    give(stretch.n);
  }
  models.forEach((_, index) => workspace.touched(index + 1));
}

function refuseLongRows({ workspace, base }: WithBase): void {
  const { name, shape } = base;
  const most = Math.min(ROW_MOST, workspace.elementsMost);
  if (rowOf(shape) <= most) return;
  const wanted = `rows of at most ${most} elements to rank`;
  throw tensorsUnfit({ tensor: name, wanted, found: `rows of ${rowOf(shape)}` });
}

/** What is kept of one model's delta: bounds by place, and what its elements are multiplied by. */
interface Kept {
  readonly bounds: readonly Bounds[];
  readonly scale: number;
}

function keptBy(merge: WithBase, trim: Trim, index: number): Kept {
  const count = countOf(merge.base.shape);
  const all = { bounds: [{ until: Infinity, least: 0, most: Infinity }], scale: 1 };
  const none = { bounds: [{ until: Infinity, least: 0, most: -1 }], scale: 1 };
  if (trim.kind !== 'largest' && trim.kind !== 'middle') return all;
  const wanted = Math.floor(trim.density * count);
  if (count === 0 || trim.density === 0) return none;
  if (trim.kind === 'middle' && wanted === 0) return none;
  const magnitudes = magnitudesOf(merge, index);
  const bounds =
    trim.kind === 'largest'
      ? boundsOfLargest(magnitudes, Math.max(1, wanted))
      : middleBounds(magnitudes, trim, wanted);
  return { bounds, scale: trim.match ? matchedScale(merge, index, bounds) : 1 };
}

function middleBounds(magnitudes: Magnitudes, { gamma }: { readonly gamma: number }, wanted: number) {
  const first = Math.max(0, magnitudes.count - wanted - Math.floor(gamma * magnitudes.count));
  return boundsBetween(magnitudes, first, first + wanted - 1);
}

function magnitudesOf(merge: WithBase, index: number): Magnitudes {
  const { workspace, base, models } = merge;
  const { loops, counting } = workspace;
  const stretches = workspace.stretchesOf(base.shape);
  const tensor = models[index]!;
  const slot = index + 1;
  counting.fill(0);
  for (const stretch of stretches) {
    workspace.fill(0, base, stretch);
    workspace.touched(slot);
    workspace.fillDelta(slot, tensor, stretch, 'count');
  }
  const upper = new Float64Array(UPPER_BINS);
  for (let bin = 0; bin < UPPER_BINS; bin++) {
    for (let part = 0; part < COUNTINGS; part++) upper[bin]! += counting[bin + part * UPPER_BINS]!;
  }
  // Infinities and what is no number have the largest exponent; so has the delta of finite numbers that overflows.
  if (upper.subarray(0x7f80_0000 >>> 15).some((found) => found > 0)) {
    refuseUnbounded(workspace, [base, tensor]);
    throw tensorsUnfit({ tensor: tensor.name, wanted: 'a finite delta', found: 'one beyond 3.4e38' });
  }
  const eachDelta = (visit: (stretch: Stretch) => void): void => {
    for (const stretch of stretches) {
      workspace.fill(0, base, stretch);
      workspace.fillDelta(slot, tensor, stretch);
      visit(stretch);
    }
  };
  return {
    count: countOf(base.shape),
    upper,
    lowerOf(bin) {
      counting.fill(0, 0, LOWER_BINS);
      eachDelta(({ n }) => loops.countLower(workspace.floats(slot, n), bin, counting));
      return Float64Array.from(counting.subarray(0, LOWER_BINS));
    },
    placeAfter(magnitude, wanted) {
      let left = wanted;
      let place = 0;
      eachDelta(({ from, n }) => {
        if (left === 0) return;
        const values = workspace.floats(slot, n);
        for (let at = 0; at < n && left > 0; at++) {
          if (Math.abs(values[at]!) !== magnitude) continue;
          left -= 1;
          place = from + at + 1;
        }
      });
      return place;
    },
  };
}

/** What brings the sum of the kept magnitudes back to that of all; 1 where one of them is next to nothing. */
function matchedScale(merge: WithBase, index: number, bounds: readonly Bounds[]): number {
  const sums = { all: 0, kept: 0 };
  for (const stretch of merge.workspace.stretchesOf(merge.base.shape)) {
    fillDeltas(merge, stretch);
    const values = merge.workspace.floats(index + 1, stretch.n);
    let part = 0;
    for (let at = 0; at < stretch.n; at++) {
      while (bounds[part]!.until <= stretch.from + at) part += 1;
      const size = Math.abs(values[at]!);
      sums.all += size;
      if (size >= bounds[part]!.least && size <= bounds[part]!.most) sums.kept += size;
    }
  }
  return Math.min(sums.all, sums.kept) < 1e-7 ? 1 : sums.all / sums.kept;
}

interface Throwing {
  readonly trim: Trim;
  readonly index: number;
  readonly stretch: Stretch;
}

function throwAway(merge: WithBase, { trim, index, stretch }: Throwing): void {
  const { workspace, base, models, seed } = merge;
  if (trim.kind !== 'random' && trim.kind !== 'ranked') return;
  const throws = { seed, tensor: base.name, model: index };
  if (trim.kind === 'random') dropRandom(workspace, { ...trim, slot: index + 1, stretch, throws });
  else {
    const { shape } = models[index]!;
    dropRanked(workspace.floats(index + 1, stretch.n), { ...trim, shape, stretch, throws });
  }
  workspace.touched(index + 1);
}

/** A part of a stretch in which every model has one pair of bounds. */
interface Part {
  readonly from: number;
  readonly n: number;
  readonly kept: readonly { readonly least: number; readonly most: number; readonly scale: number }[];
}

function partsOf({ from, n }: Stretch, kept: readonly Kept[]): readonly Part[] {
  const inside = kept.flatMap(({ bounds }) => bounds.map(({ until }) => until - from));
  const cuts = [...new Set([0, ...inside.filter((cut) => cut > 0 && cut < n), n])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const begin = cuts[index]!;
    const valid = kept.map(({ bounds, scale }) => {
      const { least, most } = bounds.find(({ until }) => until > from + begin)!;
      return { least, most, scale };
    });
    return { from: begin, n: end - begin, kept: valid };
  });
}

/** Parts are done from the first on: what each may write too many is written anew by the next. */
function combinePart({ workspace, models }: WithBase, recipe: Combine, { from, n, kept }: Part): void {
  const { weights, lambda, elects, normalize } = recipe;
  const part = (slot: number): Float32Array => workspace.floats(slot, from + n).subarray(from);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const divisor = normalize && !elects && Math.abs(sum) >= 1e-8 ? sum : 1;
  workspace.loops.combine(
    {
      base: part(0),
      deltas: models.map((_, index) => part(index + 1)),
      terms: kept.map(({ least, most, scale }, index) => {
        return { least, most, scale: scale * weights[index]!, weight: weights[index]! };
      }),
      lambda: lambda / divisor,
      kind: elects ? (normalize ? 'divided' : 'elected') : 'all',
    },
    workspace.result(from + n).subarray(from),
  );
}
