/** `fettle merge <config> <out>`: several models become one, by the methods and in the words of mergekit. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { mergeUnfit } from '../../pipelines/tensors/faults.ts';
import { merge as merged } from '../../pipelines/transforms/merge.ts';
import { mergeSettingsOf } from '../../pipelines/transforms/merge-settings.ts';
import { grouped } from '../../registry/report/words.ts';
import { chooseModels, type Choice } from './merge-choose.ts';
import { defineVerb, type Paint } from './verb.ts';

export const merge = defineVerb({
  name: 'merge',
  says: 'Merges models into one file, as a configuration of mergekit says, tensor by tensor.',
  words: ['config', 'out'],
  input: z.strictObject({
    config: z
      .string()
      .describe('a configuration of mergekit, in YAML; its models are folders or .safetensors files'),
    out: z.string().describe('the .safetensors file to write, or the folder for model.safetensors'),
    seed: z.coerce
      .number()
      .pipe(
        z
          .int()
          .min(0)
          .max(2 ** 31),
      )
      .default(0)
      .describe('decides what the methods that throw away by chance keep'),
    choose: z.coerce
      .number()
      .pipe(z.int().min(1))
      .optional()
      .describe('merge only so many of the models: good ones that learned different things'),
    scores: z
      .string()
      .optional()
      .describe('with --choose: a JSON file with a score for each model, higher is better'),
    diversity: z.coerce
      .number()
      .pipe(z.number().min(0).max(1))
      .default(0.5)
      .describe('with --choose: what being unlike is worth beside the scores, 0 to 1'),
  }),
  writes: false,
  examples: ['fettle merge ties.yml merged.safetensors', 'fettle merge dare.yml merged --seed 7'],

  async run({ folder, progress }, { config, out, seed, choose, scores, diversity }) {
    const listed = mergeSettingsOf(await yamlIn(path.resolve(folder, config), config), config);
    const pathOf = (model: string): string => path.resolve(folder, model);
    const choice =
      choose === undefined
        ? null
        : await chooseModels(listed, {
            count: choose,
            diversity,
            scores: scores === undefined ? null : pathOf(scores),
            pathOf,
          });
    const settings = choice?.settings ?? listed;
    const file = out.endsWith('.safetensors') ? out : path.join(out, 'model.safetensors');
    const step = progress.step('merge');
    const told = await merged({
      settings,
      pathOf,
      target: path.resolve(folder, file),
      seed,
      tell: (done, total) => step.tell(done, total),
    });
    step.end('');
    const { tensors, parameters, sizeBytes } = told;
    return {
      data: {
        file,
        method: settings.merge_method,
        ...told,
        ...(choice === null ? {} : { choice: dataOf(choice) }),
      },
      text: (paint) =>
        [
          ...(choice === null ? [] : [choiceText(choice, paint)]),
          `${paint.bold(file)}: ${grouped(tensors)} tensors, ${grouped(parameters)} parameters, ${grouped(sizeBytes)} bytes, by ${settings.merge_method}.`,
        ].join('\n'),
    };
  },
});

function dataOf({ chosen, leftOut, worth, proven }: Choice) {
  return { chosen, leftOut, worth, proven };
}

function choiceText({ chosen, leftOut, proven }: Choice, paint: Paint): string {
  const best = proven ? paint.good('the best choice') : paint.warn('not proven the best choice');
  return `Merged ${chosen.join(', ')}, ${best}; left out ${leftOut.join(', ') || 'none'}.`;
}

async function yamlIn(file: string, named: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    const found = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw mergeUnfit({ where: named, wanted: 'a configuration of mergekit in YAML', found }, error);
  }
}
