/** The weights of a training and all that is known of each, in one memory, and a step over them. */
import { checkpointUnfit, trainingDiverged } from './faults.ts';
import type { LayOut } from '../kernels/space.ts';
import { moveWeights, type OptimizerSettings } from './optimizer.ts';
import type { Arrays } from './places.ts';
import { slicesIn, slicesOf } from './slices.ts';
import { updatesBy } from './update.ts';

/** What an optimizer knows of each weight, by the names of the weights. */
export interface Moments {
  readonly weights: Arrays;
  readonly first: Arrays;
  /** None for an optimizer without second moments. */
  readonly second: Arrays;
  /** None without Grokfast. */
  readonly slow: Arrays;
}

export interface Desk extends Moments {
  /** Where the gradients of a batch are to be put. */
  readonly gradients: Arrays;
  /** Takes up the gradients of one more batch of a step. */
  readonly gather: () => void;
  /**
   * Moves the weights by the mean of what was gathered.
   *
   * @returns the length of that mean, before it was clipped
   * @throws  trainingDiverged when it or the loss is no finite number; nothing has moved then
   */
  readonly move: (how: DeskMove) => number;
}

export interface DeskMove {
  readonly step: number;
  readonly loss: number;
  readonly rateShare: number;
}

export interface DeskPlan {
  /** Where they begin; their order is that of the slices. */
  readonly weights: Arrays;
  readonly optimizer: OptimizerSettings;
  /** Batches of a step. */
  readonly batches: number;
  /** What was known of each when it was left; zeros unless told. */
  readonly from?: Moments;
  readonly lay: LayOut;
}

/** As PyTorch's `clip_grad_norm_` has it. */
const NORM_LEAST = 1e-6;

/** @throws checkpointUnfit when what was left is of other weights or of another optimizer */
export function deskOf({ weights, optimizer, batches, from, lay }: DeskPlan): Desk {
  const slices = slicesOf(Object.entries(weights).map(([name, { length }]) => ({ name, size: length })));
  const { kernels, arrays } = lay({
    weights: [Float32Array, slices.length],
    gradients: [Float32Array, slices.length],
    first: [Float32Array, slices.length],
    second: [Float32Array, optimizer.kind === 'adamw' ? slices.length : 0],
    slow: [Float32Array, optimizer.grokfast === null ? 0 : slices.length],
    sums: [Float32Array, batches > 1 ? slices.length : 0],
  });
  const updates = updatesBy(kernels);
  const viewsOf = (whole: Float32Array): Arrays => (whole.length === 0 ? {} : slicesIn(slices, whole));
  const moments = {
    weights: viewsOf(arrays.weights),
    first: viewsOf(arrays.first),
    second: viewsOf(arrays.second),
    slow: viewsOf(arrays.slow),
  };
  copyInto('weights', moments.weights, from?.weights ?? weights);
  if (from !== undefined) {
    for (const kind of ['first', 'second', 'slow'] as const) copyInto(kind, moments[kind], from[kind]);
  }
  const gathered = batches > 1 ? arrays.sums : arrays.gradients;
  const gradients = viewsOf(arrays.gradients);
  return {
    ...moments,
    gradients,
    gather: () => {
      if (batches > 1) updates.accumulate(arrays.sums, arrays.gradients);
    },
    move({ step, loss, rateShare }) {
      const norm = Math.sqrt(updates.squares(gathered)) / batches;
      if (!Number.isFinite(norm) || !Number.isFinite(loss)) {
        const where = oddIn(viewsOf(gathered)) ?? 'the loss';
        arrays.sums.fill(0);
        throw trainingDiverged({ step, loss, where });
      }
      const share = Math.min(1, (optimizer.clipNorm ?? Infinity) / (norm + NORM_LEAST)) / batches;
      moveWeights(updates, optimizer, { ...arrays, gradients: gathered }, { step, share, rateShare });
      arrays.sums.fill(0);
      return norm;
    },
  };
}

/** The name of the first whose numbers are not all finite. */
function oddIn(arrays: Arrays): string | undefined {
  return Object.keys(arrays).find((name) => !arrays[name]!.every(Number.isFinite));
}

function copyInto(kind: string, to: Arrays, from: Arrays): void {
  const wanted = Object.entries(to).map(([name, { length }]) => `${name} of ${length}`);
  const found = Object.entries(from).map(([name, { length }]) => `${name} of ${length}`);
  const odd = wanted.find((each) => !found.includes(each)) ?? found.find((each) => !wanted.includes(each));
  if (odd !== undefined) {
    const inside = wanted.includes(odd) ? 'none or another size' : `${odd}, which is not trained`;
    throw checkpointUnfit({ wanted: `${kind}: ${wanted.includes(odd) ? odd : 'no more'}`, found: inside });
  }
  for (const [name, array] of Object.entries(from)) to[name]!.set(array);
}
