/** `fettle plan <recipe>`: takes in a source and tells which heavy steps machines elsewhere may perform at once. */
import * as z from 'zod';
import { encodePlan } from '../../pipelines/engine/carry.ts';
import { LABEL, type ComputeSettings } from '../../pipelines/settings/compute.ts';
import type { Digest } from '../../registry/base/digest.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { RunId } from '../../registry/schema/run.ts';
import manifest from '../../package.json' with { type: 'json' };
import { beginRun, type TrainAsk, type Workshop } from './training.ts';
import { placeRows, scheduleData, scheduleText, type Placing } from './place-rows.ts';
import { defineVerb, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { asksOf, openWorkshop, RunInput } from './workshop.ts';

/** GitHub runs no more jobs of one matrix; what is left over is performed by the last job. */
const ROWS_MAX = 256;

export interface MatrixRow {
  readonly model: ModelName;
  readonly run: RunId;
  readonly step: string;
  /** The plan in the artifact store. */
  readonly plan: Digest;
  readonly label: string;
}

export const plan = defineVerb({
  name: 'plan',
  says: 'Begins the runs of a recipe, and lists their heavy steps for machines elsewhere.',
  words: ['recipe'],
  input: RunInput.extend({
    matrix: z.boolean().default(false).describe('print the matrix of a workflow alone'),
  }),
  writes: true,
  examples: ['fettle plan issue-triage --from issues.csv', 'fettle plan my-model --matrix'],

  async run(context, { matrix, ...input }) {
    const { shop, settings, top } = await openWorkshop(context);
    await shop.registry.log.refresh?.();
    const asks = await asksOf(shop, { context, input, settings, top });
    const rows: MatrixRow[] = [];
    for (const ask of asks) rows.push(...(await rowsOf(shop, ask, settings.compute)));
    const models = (await shop.registry.read())?.state.models;
    const { rows: include, placing } = placeRows(rows.slice(0, ROWS_MAX), settings.compute, models);
    const leftOut = asks.flatMap(({ model, checks }) =>
      (checks?.leftOut ?? []).map((one) => ({ model, ...one })),
    );
    const data = {
      runs: asks.length,
      steps: include.length,
      left: rows.length - include.length,
      leftOut,
      schedule: dataOf(placing),
    };
    return {
      data: matrix ? { include } : { ...data, dryRun: context.dryRun, matrix: { include } },
      reason: include.length === 0 ? 'nothing_heavy' : 'planned',
      text: (paint) => {
        if (matrix) return JSON.stringify({ include });
        const told = include.map(({ model, run, step, label }) => [model, run, step, label]);
        const table = paint.table([['model', 'run', 'step', 'runner'], ...told]);
        return [
          `${counted(include.length, 'step')} of ${counted(asks.length, 'run')} for machines of their own`,
          ...(include.length === 0 ? [] : [table]),
          ...linesOf(placing, paint),
          ...leftOut.map(({ model, name, why }) => paint.warn(`${model}: ${name} will be left out: ${why}`)),
          ...include.map(({ run, step, plan }) =>
            paint.dim(`Next: fettle stage ${run} ${step} --plan ${plan}`),
          ),
          paint.dim(`${include.length === 0 ? 'Next:' : 'Then:'} the same words with \`fettle run\`.`),
        ].join('\n');
      },
    };
  },
});

function dataOf(placing: Placing | null) {
  if (placing === null) return null;
  return { ...scheduleData(placing.found), firstServed: scheduleData(placing.naive) };
}

function linesOf(placing: Placing | null, paint: Paint): readonly string[] {
  if (placing === null || placing.found.places.length === 0) return [];
  const { found, naive } = placing;
  const late =
    found.lateMs > 0 ? [paint.warn('No placing found is done by the deadline; this is the soonest.')] : [];
  return [`Expected: ${scheduleText(found)}; first come, first served: ${scheduleText(naive)}.`, ...late];
}

/** The heavy steps of one run that nobody has performed. */
export async function rowsOf(
  shop: Workshop,
  ask: TrainAsk,
  { labels }: ComputeSettings,
): Promise<readonly MatrixRow[]> {
  const begun = await beginRun(shop, ask);
  if (begun.known) return [];
  const { planned, memo } = begun;
  const carried = { ...planned.plan, model: ask.model };
  const { digest } = await shop.store.put('plan', encodePlan(carried, manifest.version));
  const rows: MatrixRow[] = [];
  for (const step of planned.plan.steps) {
    if (step.stage.heavy !== true || (await memo.get(step.digest)) !== null) continue;
    const label = labels[step.name] ?? LABEL;
    rows.push({ model: ask.model, run: planned.plan.run, step: step.name, plan: digest, label });
  }
  return rows;
}
