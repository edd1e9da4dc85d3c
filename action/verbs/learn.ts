/** `fettle learn`: one turn of the main job, for every model whose source the settings name. */
import * as z from 'zod';
import { budgetSpent, evidenceThin, sourceUnreadable } from '../../pipelines/faults.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { foldRulesOf } from './fold-rules.ts';
import { runTold } from './run-told.ts';
import { trainCandidate, type Trained } from './training.ts';
import { defineVerb, EXIT } from './verb.ts';
import { asksOf, openWorkshop } from './workshop.ts';

interface Skipped {
  readonly model: string;
  readonly reason: string;
  readonly says: string;
}

/** What keeps one model from learning today and says nothing about the next. */
const SKIPPED: readonly string[] = [budgetSpent.code, sourceUnreadable.code, evidenceThin.code];

export const learn = defineVerb({
  name: 'learn',
  says: 'Takes in what is new for every model whose source the settings name: update, evaluate, decide.',
  words: ['model'],
  input: z.strictObject({ model: ModelName.optional().describe('only this model') }),
  writes: true,
  examples: ['fettle learn', 'fettle learn my-model --dry-run'],

  async run(context, { model }) {
    const { shop, ledger, settings, top } = await openWorkshop(context);
    // What other writers left counts before anything is decided; before the first run there is nowhere to leave it.
    await ledger.registry.log.refresh?.();
    const begun = (await ledger.registry.log.read([])) !== null;
    if (begun && !context.dryRun) await ledger.registry.fold(ledger.inbox, foldRulesOf(settings));
    const named = Object.entries(settings.models).flatMap(([name, { from }]) =>
      from !== null && (model === undefined || model === name) ? [name] : [],
    );
    const trained: Trained[] = [];
    const skipped: Skipped[] = [];
    for (const name of named) {
      try {
        const asks = await asksOf(shop, { context, input: { recipe: name }, settings, top });
        for (const ask of asks) trained.push(await trainCandidate(shop, ask));
      } catch (error) {
        if (!(error instanceof FettleError) || !SKIPPED.includes(error.code)) throw error;
        skipped.push({ model: name, reason: error.code, says: `${error.message}. ${error.mend}` });
      }
    }
    const failed = skipped.filter(({ reason }) => reason !== evidenceThin.code);
    const told = runTold(trained, context.dryRun);
    return {
      data: { dryRun: context.dryRun, run: told.data, skipped },
      ...(trained.length === 0 ? { reason: skipped.length > 0 ? 'skipped' : 'nothing_set' } : pick(told)),
      exit: failed.length > 0 && trained.length === 0 ? EXIT.fault : (told.exit ?? EXIT.done),
      text: (paint) =>
        [
          ...(trained.length > 0 ? [told.text(paint)] : []),
          ...skipped.map(({ model: name, says }) => `${paint.bold(name)} ${paint.warn('skipped')}: ${says}`),
          ...(named.length === 0
            ? ['No model of the settings names its source. Add `from` to one in .github/fettle.yml.']
            : []),
        ].join('\n'),
    };
  },
});

function pick({ reason }: { readonly reason?: string }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}
