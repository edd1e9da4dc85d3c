/** `fettle run <recipe>`: takes in a source, trains, judges, and promotes what is shown not to be worse. */
import { runTold } from './run-told.ts';
import { trainCandidate, type Trained } from './training.ts';
import { defineVerb } from './verb.ts';
import { asksOf, openWorkshop, RunInput } from './workshop.ts';

export const run = defineVerb({
  name: 'run',
  says: 'Takes in a source, trains, judges, and promotes what is shown not to be worse.',
  words: ['recipe'],
  input: RunInput,
  writes: true,
  examples: [
    'fettle run train-and-promote --from batch.csv --model digits',
    'fettle run issue-triage --from issues.csv',
  ],

  async run(context, input) {
    const { shop, settings, top } = await openWorkshop(context);
    const asks = await asksOf(shop, { context, input, settings, top });
    const trained: Trained[] = [];
    for (const ask of asks) {
      if (asks.length > 1) context.progress.say(ask.model);
      trained.push(await trainCandidate(shop, ask));
    }
    return runTold(trained, context.dryRun);
  },
});
