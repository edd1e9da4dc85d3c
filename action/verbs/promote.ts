/** `fettle promote <model@version>`: makes a version the one that a channel serves. */
import * as z from 'zod';
import { leastFor } from '../../pipelines/settings/people.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { Channel, VersionRef } from '../../registry/schema/model.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openWriter } from './workplace.ts';

export const promote = defineVerb({
  name: 'promote',
  says: 'Makes a version the one that a channel serves, if every gate passed.',
  words: ['version'],
  input: z.strictObject({
    version: VersionRef.describe('model@version'),
    to: Channel.default('production').describe('the channel'),
    waive: z.array(z.string()).default([]).describe('a gate that did not pass and is overruled'),
    reason: z.string().min(1).max(1000).default('asked for by hand').describe('why, for the record'),
  }),
  writes: true,
  examples: ['fettle promote digits@1.4.0', 'fettle promote digits@1.4.0 --to staging --reason "try it"'],

  async run(context, { version: ref, to, waive, reason }) {
    const { top } = await repositoryAt(context.folder);
    const settings = await readSettings(top);
    const ledger = await openWriter(context, settings.registry.remote);
    const least = leastFor(settings, { model: ref.model, channel: to });
    const ask = { ...ref, channel: to, waived: waive, reason, now: context.now(), ...least };
    const [promoted] = await decideIn(ledger, context, (state) => decidePromotion(state, ask));
    const name = `${ref.model}@${ref.version}`;
    const before = promoted?.type === 'model.promoted' ? promoted.body.replaces : null;
    return {
      data: {
        changed: promoted !== undefined,
        dryRun: context.dryRun,
        model: ref.model,
        version: ref.version,
        channel: to,
        before,
      },
      text: (paint) => {
        if (promoted === undefined) return `${to} already serves ${paint.bold(name)}.`;
        const verb = context.dryRun ? 'would now serve' : 'now serves';
        const instead = before === null ? 'the first version there' : `in place of ${before}`;
        return `${to} ${verb} ${paint.bold(name)}, ${instead}.\n${paint.dim(`Undo: fettle rollback ${ref.model} --on ${to}`)}`;
      },
    };
  },
});
