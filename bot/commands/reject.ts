/** `/fettle reject`: a person's word against exactly what an id names; while it stands, nobody promotes it. */
import * as z from 'zod';
import { decideRefusal } from '../../registry/decide/approve.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { markdown } from '../../registry/report/words.ts';
import { modelOf } from '../../registry/state/query.ts';
import type { Proposal } from '../policy/proposals.ts';
import { approve, proposalIn, ProposalId } from './approve.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded, levelRefusal } from './guard.ts';
import { NOTHING_YET } from './looking.ts';
import { changeDetails, done, named } from './told.ts';

export const reject: Command = defineCommand({
  name: 'reject',
  usage: 'reject <id>',
  summary: 'Refuses exactly what the id names; nobody promotes it while that stands.',
  examples: ['reject 0f3a9c51d2e4b678 --reason "worse on sevens"'],
  level: 'maintain',
  mutates: true,
  input: z.strictObject({ id: ProposalId }),

  async handle(context, { id }) {
    const registry = await context.outside.registry();
    const view = await registry.read();
    if (view === null) return NOTHING_YET;
    const found = proposalIn(view.state, id, context);
    if ('verdict' in found) return found;
    const { model, of } = found;
    const may = levelRefusal(context, reject, of.channel);
    if (may !== null) return { ...may, model };
    const reason = context.reason ?? 'no reason was given';
    const told = {
      model,
      details: changeDetails({
        known: modelOf(view.state, model),
        version: of.version,
        channel: of.channel,
        before: of.replaces,
      }),
    };
    const name = named(model, of.version);
    if (context.dryRun) {
      const verdict = `${name} would be refused for ${of.channel}. Nothing was changed.`;
      return done(verdict, { ...told, reason: 'noop_ready', next: `/fettle reject ${id}` });
    }
    const question = `You refuse ${name} for **${of.channel}**: ${markdown(reason)}.`;
    return guarded(context, { command: reject, lock: `${model}.${of.channel}`, question }, () =>
      rejectNow(registry, { found, reason, told }, context),
    );
  },
});

interface Rejecting {
  readonly found: Proposal;
  readonly reason: string;
  readonly told: Pick<Reply, 'model' | 'details'>;
}

async function rejectNow(
  registry: Registry,
  { found, reason, told }: Rejecting,
  context: Context,
): Promise<Reply> {
  const { id, model, of } = found;
  const by = { kind: 'user' as const, id: context.asker.id, login: context.asker.login };
  let voided: Reply | null = null;
  await registry.execute((state) => {
    const still = proposalIn(state, id, context);
    voided = 'verdict' in still ? still : null;
    const ask = { model, version: of.version, channel: of.channel, by, reason };
    return voided === null ? decideRefusal(state, ask) : [];
  });
  if (voided !== null) return voided;
  const verdict =
    `**${named(model, of.version)} is refused for ${of.channel}**: ${markdown(reason)}. ` +
    `Your own \`${approve.name}\` takes that back.`;
  return done(verdict, { ...told, next: `/fettle approve ${id}` });
}
