/** How alike what models learned is: the angles between their differences from one base. */
import { mergeUnfit } from '../tensors/faults.ts';
import { shapeText } from '../tensors/header.ts';
import type { Weights } from './weights.ts';

export interface NamedWeights {
  readonly name: string;
  readonly weights: readonly Weights[];
}

/**
 * cos(θᵢ − θ₀, θⱼ − θ₀) over all tensors of numbers that are no integers; θ₀ is the base, or else the mean of the models.
 *
 * @param models  of the same names and shapes
 * @param base    what all of them were trained from; null where it is not at hand
 * @returns       symmetric, ones on the diagonal; 0 beside a model that does not differ from the base
 * @throws        mergeUnfit when a model lacks a tensor, or has it in another shape
 * @cost          one pass over all files at once; memory for a stretch of each
 * @source        task vectors: G. Ilharco et al., "Editing models with task arithmetic", ICLR 2023, §5
 */
export function likenessBetween(
  models: readonly NamedWeights[],
  base: NamedWeights | null,
): readonly (readonly number[])[] {
  const products = models.map(() => new Float64Array(models.length));
  for (const { name, shape } of (models[0]?.weights ?? []).filter(({ floats }) => floats)) {
    const all = [...models, ...(base === null ? [] : [base])].map((model) => tensorOf(model, name, shape));
    addProducts(products, all, base !== null);
  }
  return products.map((_, i) =>
    Array.from(products, (_row, j) => {
      if (i === j) return 1;
      const length = Math.sqrt(products[i]![i]! * products[j]![j]!);
      return length === 0 ? 0 : products[Math.min(i, j)]![Math.max(i, j)]! / length;
    }),
  );
}

function tensorOf({ name: model, weights }: NamedWeights, name: string, shape: readonly number[]): Weights {
  const found = weights.find((one) => one.name === name);
  const wanted = shapeText(shape);
  if (found !== undefined && shapeText(found.shape) === wanted) return found;
  throw mergeUnfit({
    where: `${name} of ${model}`,
    wanted: `a tensor of shape ${wanted}`,
    found: found === undefined ? 'none' : shapeText(found.shape),
  });
}

/** Adds Σ (θᵢ − θ₀)·(θⱼ − θ₀) of one tensor for i ≤ j; the last of them is the base where there is one. */
function addProducts(products: readonly Float64Array[], all: readonly Weights[], hasBase: boolean): void {
  const streams = all.map((weights) => weights.stretches()[Symbol.iterator]());
  for (;;) {
    const stretches = streams.map((stream) => stream.next());
    const values = stretches.flatMap((next) => (next.done === true ? [] : [next.value]));
    if (values.length < all.length) return;
    const zero = hasBase ? values.at(-1)! : meanOf(values);
    const apart = values.slice(0, products.length).map((own) => own.map((value, at) => value - zero[at]!));
    apart.forEach((mine, i) => {
      apart.forEach((theirs, j) => (products[i]![j]! += j < i ? 0 : dot(mine, theirs)));
    });
  }
}

function meanOf(all: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(all[0]?.length ?? 0);
  for (const values of all) values.forEach((value, at) => (mean[at]! += value / all.length));
  return mean;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
