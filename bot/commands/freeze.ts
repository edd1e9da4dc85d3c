/** `/fettle freeze` and `/fettle thaw`: whether anything is promoted into a channel; going back is always possible. */
import * as z from 'zod';
import { decideFreeze, decideThaw } from '../../registry/decide/activate.ts';
import { markdown } from '../../registry/report/words.ts';
import { Channel } from '../../registry/schema/model.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded } from './guard.ts';
import { lookedAt, NOTHING_YET } from './looking.ts';
import { actedReply } from './promoting.ts';
import { done } from './told.ts';

const input = z.strictObject({ channel: Channel });

export const freeze: Command = defineCommand({
  name: 'freeze',
  usage: 'freeze <channel>',
  summary: 'Lets nothing new into a channel, whoever asks; rolling back stays possible.',
  examples: ['freeze production --reason "release week"'],
  level: 'maintain',
  mutates: true,
  input,
  about: ({ channel }) => ({ channel }),
  handle: (context, { channel }) =>
    turned(context, channel, {
      command: freeze,
      deed: 'channel.frozen',
      decide: decideFreeze,
      done: 'is frozen: nothing new is promoted into it',
      would: 'would be frozen',
      already: 'is frozen already',
      next: 'thaw',
    }),
});

export const thaw: Command = defineCommand({
  name: 'thaw',
  usage: 'thaw <channel>',
  summary: 'Opens a frozen channel.',
  examples: ['thaw production --reason "released"'],
  level: 'maintain',
  mutates: true,
  input,
  about: ({ channel }) => ({ channel }),
  handle: (context, { channel }) =>
    turned(context, channel, {
      command: thaw,
      deed: 'channel.thawed',
      decide: decideThaw,
      done: 'is open again',
      would: 'would be open again',
      already: 'is not frozen',
      next: 'freeze',
    }),
});

interface Turn {
  readonly command: Command;
  readonly deed: 'channel.frozen' | 'channel.thawed';
  readonly decide: typeof decideFreeze;
  readonly done: string;
  readonly would: string;
  readonly already: string;
  readonly next: 'freeze' | 'thaw';
}

async function turned(context: Context, channel: Channel, turn: Turn): Promise<Reply> {
  const view = await lookedAt(context);
  if (view === null) return NOTHING_YET;
  const next = `/fettle ${turn.next} ${channel}`;
  const reason = context.reason ?? `asked for by ${context.asker.login} in #${context.thread.number}`;
  const ask = { channel, reason };
  const registry = await context.outside.registry();
  if (await registry.recall({ type: turn.deed, subject: 'registry' })) return actedReply(null);
  if (turn.decide(view.state, ask).length === 0) {
    return done(`${channel} ${turn.already}; there is nothing to do.`, { reason: 'nothing_to_do', next });
  }
  if (context.dryRun) return done(`${channel} ${turn.would}. Nothing was changed.`, { reason: 'noop_ready' });
  const question = `**${channel}** ${turn.done}, for every model.`;
  return guarded(context, { command: turn.command, lock: `ALL.${channel}`, question }, async () => {
    await registry.execute((state) => turn.decide(state, ask));
    return done(`**${channel} ${turn.done}**: ${markdown(reason)}.`, { next });
  });
}
