/** A whole training: step after step, left and gone on with at any moment, to the same weights. */
import type { Checkpoints } from '../artifacts/checkpoints.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { Batch } from './places.ts';
import { type Stepped, type Trainer, trainerOf, type Training, type TrainingState } from './trainer.ts';

export interface Course {
  readonly training: Omit<Training, 'from'>;
  /** Steps in all. */
  readonly steps: number;
  /**
   * What a step learns from, 1 for the first. What it draws, it draws from the trainer's random numbers or makes of the
   * step's number alone, so that a resumption gets the same.
   */
  readonly batchAt: (step: number, trainer: Trainer) => Batch | readonly Batch[];
  /** Factor of the optimizer's rate; 1 unless told. */
  readonly rateShareAt?: (step: number) => number;
  /** Where it is left every so many steps, under a key that stands for everything that decides its outcome. */
  readonly left?: { readonly in: Checkpoints; readonly key: Digest; readonly every: number };
  readonly tell?: (stepped: Stepped, steps: number) => void;
}

/**
 * Trains to the end, from the beginning or from where it was left.
 *
 * @returns  the state after the last step, with the losses of all
 * @throws   trainingDiverged, batchUnfit, checkpointUnfit when another training was left there, faults of `trainerOf`
 * @cost     that of its steps, and a copy of everything for each checkpoint
 */
export async function follow(course: Course): Promise<TrainingState> {
  const { training, steps, batchAt, rateShareAt = () => 1, left, tell } = course;
  const trainer = await trainerOf({ ...training, ...(await beganBefore(left)) });
  try {
    while (trainer.steps() < steps) {
      const next = trainer.steps() + 1;
      const stepped = await trainer.step(batchAt(next, trainer), rateShareAt(next));
      tell?.(stepped, steps);
      if (left !== undefined && (next % left.every === 0 || next === steps)) {
        await left.in.put(left.key, encodeCheckpoint(trainer.state()));
      }
    }
    return trainer.state();
  } finally {
    await trainer.close();
  }
}

async function beganBefore(left: Course['left']): Promise<{ readonly from?: TrainingState }> {
  const bytes = (await left?.in.get(left.key)) ?? null;
  return bytes === null ? {} : { from: decodeCheckpoint(bytes) };
}

/**
 * A share of the rate that rises in a line over the first steps, and then falls along half a cosine.
 *
 * @param step   1 … steps
 * @param shape  steps in all, how many of them rise, and the share at the end
 * @returns      up to 1, which step `warmup` has
 * @throws       never
 * @cost         constant
 * @source       I. Loshchilov, F. Hutter, "SGDR", ICLR 2017, eq. 5, without restarts
 */
export function cosineShare(
  step: number,
  { steps, warmup, least }: { readonly steps: number; readonly warmup: number; readonly least: number },
): number {
  if (step <= warmup) return step / warmup;
  const gone = (step - warmup) / Math.max(1, steps - warmup);
  return least + (1 - least) * 0.5 * (1 + Math.cos(Math.PI * gone));
}
