/** The port of this room: what a learner is. Adding one = one file here, one line in index.ts, one test. */
import type * as z from 'zod';
import type { Examples } from './examples.ts';
import type { LinearModel } from './linear-model.ts';

export interface Lesson<P> {
  readonly examples: Examples;
  readonly params: P;
  /** The same examples, parameters and seed give the same bits on every machine. */
  readonly seed: number;
  readonly progress?: (iteration: number, loss: number, most: number) => void;
}

export interface Learned {
  readonly model: LinearModel;
  readonly iterations: number;
  /** What was minimized, at its end. */
  readonly loss: number;
  /** Whether the learner stopped because it was done. */
  readonly converged: boolean;
}

/** `R` says whether it learns at once or while others go on. */
export interface Learner<P, R extends Learned | Promise<Learned> = Learned> {
  readonly name: string;
  readonly params: z.ZodType<P>;
  /** @throws examplesUnfit when fewer than two labels have rows */
  learn(lesson: Lesson<P>): R;
}
