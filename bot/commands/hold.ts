/** `/fettle hold` and `/fettle unhold`: whether the gates alone may promote a model. */
import * as z from 'zod';
import { decideHold, decideUnhold } from '../../registry/decide/activate.ts';
import { codeSpan, markdown } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded } from './guard.ts';
import { isReply, lookedAt, modelMeant, NOTHING_YET } from './looking.ts';
import { actedReply } from './promoting.ts';
import { done } from './told.ts';

const input = z.strictObject({ model: ModelName.optional() });
const shared = { level: 'write', mutates: true, input } as const;

export const hold: Command = defineCommand({
  ...shared,
  name: 'hold',
  usage: 'hold [model]',
  summary: 'Keeps the gates from promoting a model by themselves; people still can.',
  examples: ['hold', 'hold digits --reason "labels are being mended"'],
  handle: (context, { model }) =>
    turned(context, model, {
      command: hold,
      deed: 'hold.placed',
      decide: decideHold,
      done: 'is held: the gates promote nothing by themselves',
      would: 'would be held',
      already: 'is held already',
      next: 'unhold',
    }),
});

export const unhold: Command = defineCommand({
  ...shared,
  name: 'unhold',
  usage: 'unhold [model]',
  summary: 'Lets the gates promote a model again.',
  examples: ['unhold digits --reason "labels are mended"'],
  handle: (context, { model }) =>
    turned(context, model, {
      command: unhold,
      deed: 'hold.lifted',
      decide: decideUnhold,
      done: 'is held no more: what passes every gate may serve',
      would: 'would be held no more',
      already: 'is not held',
      next: 'hold',
    }),
});

interface Turn {
  readonly command: Command;
  readonly deed: 'hold.placed' | 'hold.lifted';
  readonly decide: typeof decideHold;
  readonly done: string;
  readonly would: string;
  readonly already: string;
  readonly next: 'hold' | 'unhold';
}

async function turned(context: Context, model: ModelName | undefined, turn: Turn): Promise<Reply> {
  const view = await lookedAt(context);
  if (view === null) return NOTHING_YET;
  const known = modelMeant(view.state, model);
  if (isReply(known)) return known;
  const name = codeSpan(known.model);
  const next = `/fettle ${turn.next} ${known.model}`;
  const reason = context.reason ?? `asked for by ${context.asker.login} in #${context.thread.number}`;
  const ask = { model: known.model, reason };
  const registry = await context.outside.registry();
  if (await registry.recall({ type: turn.deed, subject: known.model })) return actedReply(known.model);
  if (turn.decide(view.state, ask).length === 0) {
    return done(`${name} ${turn.already}; there is nothing to do.`, {
      model: known.model,
      reason: 'nothing_to_do',
      next,
    });
  }
  if (context.dryRun) {
    const verdict = `${name} ${turn.would}. Nothing was changed.`;
    return done(verdict, { model: known.model, reason: 'noop_ready' });
  }
  const question = `${name} ${turn.done}.`;
  return guarded(context, { command: turn.command, lock: `${known.model}.hold`, question }, async () => {
    await registry.execute((state) => turn.decide(state, ask));
    return done(`**${name} ${turn.done}**: ${markdown(reason)}.`, { model: known.model, next });
  });
}
