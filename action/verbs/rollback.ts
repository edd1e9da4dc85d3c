/** `fettle rollback <model>`: the version before serves again. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openWriter } from './workplace.ts';

export const rollback = defineVerb({
  name: 'rollback',
  says: 'Lets the version before serve again.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.describe('the model'),
    to: Version.optional().describe('another version that has served before'),
    on: Channel.default('production').describe('the channel'),
    reason: z.string().min(1).max(1000).default('asked for by hand').describe('why, for the record'),
  }),
  writes: true,
  examples: [
    'fettle rollback digits',
    'fettle rollback digits --to 1.2.0 --reason "the newer ones fail on 7"',
  ],

  async run(context, { model, to, on, reason }) {
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const ask = { model, channel: on, to: to ?? null, from: null, automatic: false, reason, evidence: null };
    const [back] = await decideIn(ledger, context, (state) => decideRollBack(state, ask));
    const body = back?.type === 'model.rolled-back' ? back.body : null;
    return {
      data: {
        changed: body !== null,
        dryRun: context.dryRun,
        model,
        channel: on,
        from: body?.from ?? null,
        to: body?.to ?? to,
      },
      text: (paint) => {
        if (body === null) return `${on} already serves ${paint.bold(`${model}@${to ?? ''}`)}.`;
        const verb = context.dryRun ? 'would serve' : 'serves';
        const undo = paint.dim(`Undo: fettle rollback ${model} --to ${body.from} --on ${on}`);
        return `${on} ${verb} ${paint.bold(`${model}@${body.to}`)} again, in place of ${body.from}.\n${undo}`;
      },
    };
  },
});
