/** `fettle run <recipe>`: takes in a source, trains, judges, and promotes what is shown not to be worse. */
import path from 'node:path';
import * as z from 'zod';
import type { Recipe } from '../../pipelines/engine/pipeline.ts';
import { forgeNano } from '../../pipelines/recipes/forge-nano.ts';
import type { StageJob } from '../../pipelines/runners/runner.ts';
import { performElsewhere } from './elsewhere.ts';
import { inputWrong } from '../faults.ts';
import { comparingRecipes, trainingNamed } from '../../pipelines/recipes/index.ts';
import { admitMade, type Admitted } from './made.ts';
import { placeRows } from './place-rows.ts';
import { rowsOf } from './plan.ts';
import { runTold, type RunTold } from './run-told.ts';
import { trainCandidate, type Trained } from './training.ts';
import { defineVerb, type Told } from './verb.ts';
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
    made: z
      .string()
      .optional()
      .describe('folder of what jobs elsewhere handed on with `fettle stage --to`, one folder for each'),
    budget: z.coerce
      .number()
      .pipe(z.int().min(1).max(600_000))
      .optional()
      .describe('with `quantum-benchmark`: milliseconds of the processor for each solver on each problem'),
    hourlyDollars: z.coerce
      .number()
      .pipe(z.number().min(0).max(1e6))
      .optional()
      .describe('with `quantum-benchmark`: the price of an hour of this machine, to tell what answers cost'),
  }),
  writes: true,
  examples: [
    'fettle run train-and-promote --from batch.csv --model digits',
    'fettle run issue-triage --from issues.csv',
    'fettle run quantum-benchmark --budget 100',
    'fettle run forge-nano',
  ],

  async run(context, input) {
    const { on, made, budget, hourlyDollars, ...asked } = input;
    if (input.recipe === forgeNano.name) {
      expectNothing({ ...trainingWords(input), from: input.from, budget, hourlyDollars }, input.recipe);
      const { runForge } = await import('./forge-run.ts');
      return runForge(context, input.seed ?? 1);
    }
    const opened = await openWorkshop(context);
    const { shop, settings, top } = opened;
    const trains = Object.hasOwn(settings.models, asked.recipe) || trainingNamed(asked.recipe) !== null;
    const comparing = trains ? null : await comparingNamed(asked.recipe);
    expectNothing(comparing === null ? { budget, hourlyDollars } : trainingWords(input), asked.recipe);
    if (comparing !== null) {
      const { contest } = await import('./solver-contest.ts');
      const { from, seed = 1 } = asked;
      return contest(context, shop, { recipe: comparing, from, seed, budgetMs: budget, hourlyDollars });
    }
    const asks = await asksOf(shop, { context, input: asked, settings, top });
    if (on !== 'here' && !context.dryRun) {
      const jobs: StageJob[] = [];
      for (const ask of asks) jobs.push(...(await rowsOf(shop, ask, settings.compute)));
      const models = (await shop.registry.read())?.state.models;
      await performElsewhere(context, opened, placeRows(jobs, settings.compute, models).rows);
    }
    const handed =
      made === undefined ? null : await admitMade(shop, asks, path.resolve(context.folder, made));
    const trained: Trained[] = [];
    for (const ask of asks) {
      if (asks.length > 1) context.progress.say(ask.model);
      trained.push(await trainCandidate(shop, ask));
    }
    const told = runTold(trained, context.dryRun);
    return handed === null ? told : withHanded(told, handed);
  },
});

async function comparingNamed(name: string): Promise<Recipe | null> {
  return (await comparingRecipes()).find((recipe) => recipe.name === name) ?? null;
}

type Words = Readonly<Record<string, unknown>>;

/** What means nothing to a recipe that makes no model. */
function trainingWords({ on, made, model, criteria, minutesMost }: Words): Words {
  return { on: on === 'here' ? undefined : on, made, model, criteria, minutesMost };
}

/** @throws inputWrong */
function expectNothing(words: Words, recipe: string): void {
  for (const [name, value] of Object.entries(words)) {
    if (value === undefined) continue;
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw inputWrong({ verb: 'run', name: flag, wanted: `nothing with \`${recipe}\``, found: String(value) });
  }
}

function withHanded(told: RunTold, handed: Admitted): Told {
  const warnings = handed.leftOut.map((one) => `Left out, and done here: ${one}`);
  return {
    ...told,
    data: { ...told.data, handed },
    text: (paint) => [told.text(paint), ...warnings.map((one) => paint.warn(one))].join('\n'),
  };
}
