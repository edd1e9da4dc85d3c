/** `fettle run <recipe>`: takes in a source, trains, judges, and promotes what is shown not to be worse. */
import * as z from 'zod';
import type { StageJob } from '../../pipelines/runners/runner.ts';
import { performElsewhere } from './elsewhere.ts';
import { rowsOf } from './plan.ts';
import { runTold } from './run-told.ts';
import { trainCandidate, type Trained } from './training.ts';
import { defineVerb } from './verb.ts';
import { asksOf, openWorkshop, RunInput } from './workshop.ts';

export const run = defineVerb({
  name: 'run',
  says: 'Takes in a source, trains, judges, and promotes what is shown not to be worse.',
  words: ['recipe'],
  input: RunInput.extend({
    on: z
      .enum(['here', 'github-actions'])
      .default('here')
      .describe('where heavy steps are performed; elsewhere needs a shared store and GITHUB_TOKEN'),
  }),
  writes: true,
  examples: [
    'fettle run train-and-promote --from batch.csv --model digits',
    'fettle run issue-triage --from issues.csv',
  ],

  async run(context, input) {
    const { on, ...asked } = input;
    const opened = await openWorkshop(context);
    const { shop, settings, top } = opened;
    const asks = await asksOf(shop, { context, input: asked, settings, top });
    if (on !== 'here' && !context.dryRun) {
      const jobs: StageJob[] = [];
      for (const ask of asks) jobs.push(...(await rowsOf(shop, ask, settings.compute)));
      await performElsewhere(context, opened, jobs);
    }
    const trained: Trained[] = [];
    for (const ask of asks) {
      if (asks.length > 1) context.progress.say(ask.model);
      trained.push(await trainCandidate(shop, ask));
    }
    return runTold(trained, context.dryRun);
  },
});
