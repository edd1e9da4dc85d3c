/** Verified replay: rows that a model makes of old tasks itself, of which only the right ones are learned again. */
import type { Random } from '../maths/random.ts';
import { rightOf, type Scorer } from './net.ts';
import { drawn, type Item, type Task } from './tasks.ts';

export interface Dreams {
  /** Those that a rule found right. */
  readonly items: readonly Item[];
  /** Share of all that it made. */
  readonly accepted: number;
  /** Different ones, as a share: near 1 while the model still makes many, near 0 after a collapse. */
  readonly distinct: number;
}

/** Dreams at most that are made at once. */
const MADE = 256;

/**
 * The model is asked for answers to items of the old tasks, and each is checked by the rule of its task. Answers are
 * deterministic, so a right one is the very row that teaches it.
 *
 * @source  H. Shin et al., "Continual learning with deep generative replay", NeurIPS 2017, with a verifier in place of
 *          the solver's own labels
 */
export async function dream(
  scorer: Scorer,
  tasks: readonly Task[],
  { random, numbers }: Sleeping,
): Promise<Dreams> {
  const mixture = tasks.map((task) => ({ task, share: 1 }));
  const asked = drawn(mixture, numbers, { random, count: MADE });
  const right = rightOf(asked, await scorer.answers(asked));
  const items = asked.filter((_, index) => right[index]);
  const distinct = new Set(items.map(({ task, digits }) => `${task.name} ${digits.join('')}`)).size;
  return { items, accepted: items.length / MADE, distinct: distinct / Math.max(1, items.length) };
}

interface Sleeping {
  readonly random: Random;
  readonly numbers: readonly (readonly number[])[];
}
