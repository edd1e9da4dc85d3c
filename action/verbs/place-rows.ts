/** Gives each heavy step the label of a runner: by the deadline, for as little money as it takes. */
import { firstServed, scheduled, tableOf, type Schedule } from '../../pipelines/choices/schedule.ts';
import type { ComputeSettings } from '../../pipelines/settings/compute.ts';
import { minutesText } from '../../registry/report/words.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { tookOf } from './durations.ts';

const MINUTE_MS = 60_000;

/** What a step counts as that was never timed. */
const UNTIMED_MS = 10 * MINUTE_MS;

const ASK = { seed: 1, flips: 2_000_000 };

interface Row {
  readonly model: ModelName;
  readonly step: string;
  readonly label: string;
}

/** What the rows come to together, beside what they would if each went to the machine that is free first. */
export interface Placing {
  readonly found: Schedule;
  readonly naive: Schedule;
}

export interface Placed<R extends Row> {
  readonly rows: readonly R[];
  /** Null where the settings name no runners to choose from. */
  readonly placing: Placing | null;
}

/**
 * A step whose label the settings name keeps it.
 *
 * @throws jobImpossible when that label is not among the runners
 */
export function placeRows<R extends Row>(
  rows: readonly R[],
  { runners, labels, deadline }: Pick<ComputeSettings, 'runners' | 'labels' | 'deadline'>,
  models: ReadonlyMap<ModelName, ModelState> | undefined,
): Placed<R> {
  if (Object.keys(runners).length === 0) return { rows, placing: null };
  const jobs = rows.map(({ model, step }) => ({
    name: `${step} of ${model}`,
    ms: tookOf(models?.get(model), step) ?? UNTIMED_MS,
    labels: Object.hasOwn(labels, step) ? [labels[step] ?? ''] : null,
  }));
  const table = tableOf({
    jobs,
    runners: Object.entries(runners).map(([label, kind]) => ({ label, ...kind })),
    deadlineMs: deadline === null ? null : deadline * MINUTE_MS,
  });
  const found = scheduled(table, ASK);
  const placed = rows.map((row, at) => ({ ...row, label: found.labels[at] ?? row.label }));
  return { rows: placed, placing: { found, naive: firstServed(table) } };
}

/** `12.3 minutes for $0.412` */
export function scheduleText({ makespanMs, dollars }: Schedule): string {
  return `${minutesText(makespanMs)} for $${dollars.toFixed(3)}`;
}

/** For programs: minutes and dollars. */
export function scheduleData({ makespanMs, dollars, lateMs }: Schedule) {
  return { minutes: makespanMs / MINUTE_MS, dollars, lateMinutes: lateMs / MINUTE_MS };
}
