/** What runs may cost, where their heavy steps run, and when silence is an alarm: the part `compute` of the settings. */
import * as z from 'zod';
import { minutesText } from '../../registry/report/words.ts';
import { ModelName, type ModelName as Name } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { estimateOf, spentIn } from '../../registry/state/leases.ts';
import { budgetSpent } from '../faults.ts';

const RunnerLabel = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a runner label');

export const Minutes = z.number().positive().max(44_640);

export const ComputeSettings = z.strictObject({
  minutes: Minutes.nullable()
    .default(null)
    .describe('minutes that each model may take in a month; null: no limit'),
  budgets: z.record(ModelName, Minutes).default({}).describe('another limit for a model, by its name'),
  lease: z
    .number()
    .min(2)
    .max(360)
    .default(15)
    .describe('minutes after which a machine that is not heard of has lost its step'),
  labels: z
    .record(z.string().regex(/^[a-z0-9-]+$/), RunnerLabel)
    .default({})
    .describe('which runner performs a step, by the step’s name; else ubuntu-24.04'),
  runners: z
    .record(
      RunnerLabel,
      z.strictObject({
        price: z.number().min(0).max(1000).default(0).describe('dollars for each begun minute of a step'),
        speed: z.number().positive().max(1000).default(1).describe('times as fast as where steps were timed'),
        most: z.int().min(1).max(256).default(20).describe('machines that work at once'),
      }),
    )
    .default({})
    .describe('runners that `fettle plan` chooses from, by label; none: as `labels` say'),
  deadline: Minutes.nullable()
    .default(null)
    .describe('minutes in which the heavy steps of one plan are to be done; null: whenever it is cheapest'),
  quiet: z
    .number()
    .positive()
    .default(72)
    .describe('hours without a completed run after which `fettle watch` raises the alarm'),
});
export type ComputeSettings = z.infer<typeof ComputeSettings>;

export const LABEL = 'ubuntu-24.04';

const MINUTE_MS = 60_000;

/** What the model may take in a month; null: no limit. */
export function minutesOf(
  { minutes, budgets }: Pick<ComputeSettings, 'minutes' | 'budgets'>,
  model: string,
): number | null {
  // A model may be called as a member that every object has.
  const own = Object.entries(budgets).find(([name]) => name === model);
  return own?.[1] ?? minutes;
}

/**
 * Held against before anything is begun: what the month has cost so far and what this run will by its last ones.
 *
 * @throws budgetSpent
 */
export function checkBudget(
  settings: ComputeSettings,
  asked: { readonly model: Name; readonly known: ModelState | undefined; readonly now: string },
): void {
  const { model, known, now } = asked;
  const budget = minutesOf(settings, model);
  if (budget === null) return;
  const [spent, estimate] = [spentIn(known, now), estimateOf(known) ?? 0];
  if (spent + estimate <= budget * MINUTE_MS) return;
  throw budgetSpent({
    model,
    month: now.slice(0, 7),
    spent: minutesText(spent),
    estimate: minutesText(estimate),
    budget: minutesText(budget * MINUTE_MS),
  });
}
