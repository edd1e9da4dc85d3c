/** `fettle retire <model>`: a model serves no more. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openWriter } from './workplace.ts';

export const retire = defineVerb({
  name: 'retire',
  says: 'Takes a model out of service on every channel; its history stays.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.describe('the model'),
    reason: z.string().min(1).max(1000).default('asked for by hand').describe('why, for the record'),
  }),
  writes: true,
  examples: ['fettle retire digits --reason "replaced by letters"'],

  async run(context, { model, reason }) {
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const done = await decideIn(ledger, context, (state) => decideRetirement(state, { model, reason }));
    const changed = done.length > 0;
    return {
      data: { changed, dryRun: context.dryRun, model },
      text: (paint) => {
        if (!changed) return `${paint.bold(model)} is retired already.`;
        return `${paint.bold(model)} ${context.dryRun ? 'would be' : 'is'} retired: it serves no channel. A new version brings it back.`;
      },
    };
  },
});
