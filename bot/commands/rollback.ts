/** `/fettle rollback`: the version before serves a channel again. */
import * as z from 'zod';
import type { Registry } from '../../registry/decide/execute.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { markdown } from '../../registry/report/words.ts';
import type { EventOf } from '../../registry/schema/event.ts';
import { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded } from './guard.ts';
import { isReply, lookedAt, modelMeant, NOTHING_YET } from './looking.ts';
import { actedReply, deployed, deployedOf, movedReply } from './promoting.ts';
import { changeDetails, done, named } from './told.ts';

type Back = EventOf<'model.rolled-back'>['body'];

export const rollback: Command = defineCommand({
  name: 'rollback',
  usage: 'rollback [model] <channel>',
  summary: 'Lets the version before serve a channel again, or another one that served it.',
  examples: ['rollback production', 'rollback digits production --to 1.2.0 --reason "fails on 7"'],
  level: 'maintain',
  mutates: true,
  input: z.strictObject({ model: ModelName.optional(), channel: Channel, to: Version.optional() }),
  about: ({ model, channel }) => ({ channel, ...(model === undefined ? {} : { model }) }),

  async handle(context, { model, channel, to }) {
    const view = await lookedAt(context);
    if (view === null) return NOTHING_YET;
    const known = modelMeant(view.state, model);
    if (isReply(known)) return known;
    const registry = await context.outside.registry();
    const again = await registry.recall({ type: 'model.rolled-back', subject: known.model });
    if (again?.type === 'model.rolled-back') {
      const isStill = known.serving[channel] === again.body.to;
      if (!isStill) return actedReply(known.model);
      const { to: version, reason } = again.body;
      // The crash may have come before it was shown.
      const note = await deployed(context.outside, deployedOf(known, { version, channel, reason }));
      return toldOf(known, again.body, note);
    }
    const ask = {
      model: known.model,
      channel,
      to: to ?? null,
      from: known.serving[channel] ?? null,
      automatic: false,
      reason: context.reason ?? `asked for by ${context.asker.login} in #${context.thread.number}`,
      evidence: null,
    };
    const [plan] = decideRollBack(view.state, ask);
    if (plan?.type !== 'model.rolled-back') {
      const verdict = `${named(known.model, to ?? '')} serves ${channel} already; there is nothing to do.`;
      return done(verdict, { model: known.model, reason: 'nothing_to_do' });
    }
    const { body } = plan;
    if (context.dryRun) return rehearsed(known, body);
    const question = `${named(known.model, body.to)} will serve **${channel}** again, in place of ${body.from}, which is taken back.`;
    return guarded(context, { command: rollback, lock: `${known.model}.${channel}`, question }, () =>
      rollBackNow(
        registry,
        { known, body, decide: (state) => decideRollBack(state, { ...ask, to: body.to }) },
        context,
      ),
    );
  },
});

interface Rolling {
  readonly known: ModelState;
  readonly body: Back;
  readonly decide: Parameters<Registry['execute']>[0];
}

/** Names both versions: what was shown is what is done, or nothing is. */
async function rollBackNow(
  registry: Registry,
  { known, body, decide }: Rolling,
  context: Context,
): Promise<Reply> {
  const [event] = await registry.execute(decide);
  if (event === undefined) return movedReply(known.model, body.channel);
  const now = (await registry.readModel(known.model))?.state.models.get(known.model);
  if (now?.serving[body.channel] !== body.to) return movedReply(known.model, body.channel);
  const { to: version, channel, reason } = body;
  return toldOf(known, body, await deployed(context.outside, deployedOf(now, { version, channel, reason })));
}

function toldOf(known: ModelState, { channel, from, to, reason }: Back, note: string): Reply {
  return done(
    `**${named(known.model, to)} serves ${channel} again**, in place of ${from}: ${markdown(reason)}.`,
    {
      model: known.model,
      details: [note, changeDetails({ known, version: to, channel, before: from })].join('\n').trim(),
      next: `/fettle hold ${known.model}`,
    },
  );
}

function rehearsed(known: ModelState, { channel, from, to }: Back): Reply {
  return done(
    `${named(known.model, to)} would serve ${channel} again, in place of ${from}. Nothing was changed.`,
    {
      model: known.model,
      reason: 'noop_ready',
      details: changeDetails({ known, version: to, channel, before: from }),
      next: `/fettle rollback ${known.model} ${channel}`,
    },
  );
}
