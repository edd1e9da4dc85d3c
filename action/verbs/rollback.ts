/** `fettle rollback <model>`: the version before serves again. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decideRollBack, type RollBackAsk } from '../../registry/decide/roll-back.ts';
import { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { versionOf } from '../../registry/state/query.ts';
import { probeOf } from './probe.ts';
import { rollBackVerified } from './roll-back-verified.ts';
import { defineVerb, type Told, type VerbContext } from './verb.ts';
import { decideIn, modelIn, openShelf, openWriter, type Ledger } from './workplace.ts';

export const rollback = defineVerb({
  name: 'rollback',
  says: 'Lets the version before serve again.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.describe('the model'),
    to: Version.optional().describe('another version that has served before'),
    on: Channel.default('production').describe('the channel'),
    verify: z
      .boolean()
      .default(false)
      .describe(
        'probe it before and after: its file is whole, opens, and answers as recorded; else the one before it',
      ),
    reason: z.string().min(1).max(1000).default('asked for by hand').describe('why, for the record'),
  }),
  writes: true,
  examples: [
    'fettle rollback digits',
    'fettle rollback digits --verify',
    'fettle rollback digits --to 1.2.0 --reason "the newer ones fail on 7"',
  ],

  async run(context, { model, to, on, reason, verify }) {
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const ask = { model, channel: on, to: to ?? null, from: null, automatic: false, reason, evidence: null };
    if (verify) return verifiedTold(context, ledger, ask);
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

/** @throws nothingSound */
async function verifiedTold(context: VerbContext, ledger: Ledger, ask: RollBackAsk): Promise<Told> {
  const { model, channel } = ask;
  const { store } = await openShelf(context, ledger.repository);
  // A rehearsal decides on what would be, and leaves what is.
  let rehearsed: Version | null = null;
  const before = await modelIn(ledger, model);
  const found = await rollBackVerified(
    {
      read: async () => {
        const known = await modelIn(ledger, model);
        return rehearsed === null ? known : { ...known, serving: { ...known.serving, [channel]: rehearsed } };
      },
      flip: async (to, from) => {
        await decideIn(ledger, context, (state) => decideRollBack(state, { ...ask, to, from }));
        if (context.dryRun) rehearsed = to;
      },
      probe: (known, version) => probeOf(versionOf(known, version), store),
    },
    { channel, to: ask.to },
  );
  const from = before.serving[channel] ?? null;
  return {
    data: { changed: found.flips > 0, dryRun: context.dryRun, model, channel, from, ...found },
    text: (paint) => {
      const lines = found.probes.map(
        ({ version, sound, says }) =>
          `  ${sound ? paint.good('sound') : paint.bad('unfit')} ${version}: ${says}`,
      );
      const verb = context.dryRun ? 'would serve' : 'serves';
      const undo = paint.dim(`Undo: fettle rollback ${model} --to ${from ?? ''} --on ${channel}`);
      return [
        `${channel} ${verb} ${paint.bold(`${model}@${found.to}`)} again, probed before and after.`,
        ...lines,
        undo,
      ].join('\n');
    },
  };
}
