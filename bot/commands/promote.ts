/** `/fettle promote`: a version becomes the one that a channel serves, or waits for those who must approve it. */
import * as z from 'zod';
import { leastFor } from '../../pipelines/settings/people.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { decideRequest } from '../../registry/decide/approve.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { approvalsMissing } from '../../registry/faults.ts';
import { Channel, VersionRef } from '../../registry/schema/model.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { approvable, tallyNow } from '../../registry/state/approvals.ts';
import { modelOf, versionOf } from '../../registry/state/query.ts';
import { exceptedFrom } from '../policy/approvers.ts';
import { proposalId } from '../policy/proposals.ts';
import { approve } from './approve.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded } from './guard.ts';
import { NOTHING_YET } from './looking.ts';
import {
  actedReply,
  alreadyReply,
  decided,
  deployed,
  deployedOf,
  lookAtApprovers,
  promotedReply,
  promoteNow,
  seenOf,
  tallyText,
  type Promoting,
} from './promoting.ts';
import { changeDetails, done, named } from './told.ts';

export const promote: Command = defineCommand({
  name: 'promote',
  usage: 'promote <version> to <channel>',
  summary: 'Lets a version serve a channel, once every gate passed it and enough people approved.',
  examples: [
    'promote digits@1.4.0 to production',
    'promote digits@1.4.0 to staging --dry-run --reason "try it"',
  ],
  level: 'maintain',
  mutates: true,
  input: z.strictObject({
    version: VersionRef,
    channel: Channel,
    waive: z
      .string()
      .transform((text) => text.split(','))
      .default([]),
  }),
  about: ({ version: { model }, channel }) => ({ model, channel }),

  async handle(context, { version: { model, version }, channel, waive }) {
    const registry = await context.outside.registry();
    const again = await registry.recall({ type: 'model.promoted', subject: model });
    const view = await registry.read();
    if (view === null) return NOTHING_YET;
    const known = modelOf(view.state, model);
    versionOf(known, version);
    const reason = context.reason ?? `asked for by ${context.asker.login} in #${context.thread.number}`;
    const ask = { model, version, channel, waived: waive, reason, now: context.now };
    if (again?.type === 'model.promoted') {
      const isStill = known.serving[channel] === version && again.body.version === version;
      if (!isStill) return actedReply(model);
      // The crash may have come before it was shown.
      const note = await deployed(context.outside, deployedOf(known, { version, channel, reason }));
      return promotedReply({ known, version, channel, before: again.body.replaces }, note);
    }
    if (known.serving[channel] === version) return alreadyReply(ask);

    const asked = known.asked.find(({ of }) => of.version === version && of.channel === channel) ?? null;
    const looked = await lookAtApprovers(context, { known, version, channel, asked, command: approve });
    // Whoever does it now does not count among those who let them.
    const promoting: Promoting = {
      ask,
      seen: seenOf(known, version, channel),
      looked: { ...looked, askers: [...looked.askers, context.asker.id] },
    };
    try {
      decided(view.state, promoting, context);
    } catch (error) {
      if (!(error instanceof FettleError) || error.code !== approvalsMissing.code) throw error;
      return askFor(registry, { state: view.state, known, promoting }, context);
    }
    const question = questionOf(known, promoting);
    if (context.dryRun) return rehearsed(known, promoting);
    const grave = waive.length > 0;
    return guarded(context, { command: promote, lock: `${model}.${channel}`, question, grave }, () =>
      promoteNow(registry, promoting, context),
    );
  },
});

function questionOf(known: ModelState, { ask, seen }: Promoting): string {
  const { version, channel, waived } = ask;
  const waives = waived.length === 0 ? '' : `, **waiving ${waived.map((gate) => `\`${gate}\``).join(', ')}**`;
  const instead = seen.replaces === null ? '' : `, in place of ${seen.replaces}`;
  return `${named(known.model, version)} will serve **${channel}**${instead}${waives}. Files \`${seen.artifacts.slice(0, 19)}\`.`;
}

function rehearsed(known: ModelState, { ask, seen }: Promoting): Reply {
  const { model, version, channel } = ask;
  const instead = seen.replaces === null ? 'the first version there' : `in place of ${seen.replaces}`;
  return done(`${named(model, version)} would now serve ${channel}, ${instead}. Nothing was changed.`, {
    model,
    reason: 'noop_ready',
    details: changeDetails({ known, version, channel, before: seen.replaces }),
    next: `/fettle promote ${model}@${version} to ${channel}`,
  });
}

interface Asking {
  readonly state: RegistryState;
  readonly known: ModelState;
  readonly promoting: Promoting;
}

/** What lacks approvals is put on record as asked for, so that whoever asked cannot approve it. */
async function askFor(
  registry: Registry,
  { state, known, promoting: { ask, looked, seen } }: Asking,
  context: Context,
): Promise<Reply> {
  const { model, version, channel, reason } = ask;
  const { id: askerId, login } = context.asker;
  const by = { kind: 'user' as const, id: askerId, login };
  const what = { model, version, channel, ...leastFor(context.settings, { model, channel }) };
  const except = exceptedFrom(known.approvals, looked);
  const { needed, given, void: spoilt } = tallyNow(state, { ...what, except }, context.now);
  if (!context.dryRun) await registry.execute((now) => decideRequest(now, { ...what, by, reason }));
  const id = proposalId(model, approvable(state, what));
  const open = Math.max(0, (needed ?? 0) - given.length);
  const verdict = context.dryRun
    ? `${named(model, version)} would wait for ${open} more to approve it for ${channel}. Nothing was changed.`
    : `**${named(model, version)} waits for ${open} more to approve it for ${channel}.**`;
  const notes = spoilt.map(
    ({ approval, why }) =>
      `- ${named(model, version)}: the approval of \`${approval.by}\` does not count: ${why}.`,
  );
  if (versionOf(known, version).byId === null) {
    notes.push(
      `- ${named(model, version)} was made by no account of GitHub’s, so one more has to approve it.`,
    );
  }
  return {
    model,
    state: 'waiting',
    reason: context.dryRun ? 'noop_ready' : 'approval_needed',
    verdict,
    details: [
      `${tallyText(needed ?? 0, given)}. Nobody approves what they asked for or made.`,
      ...notes,
      '',
      changeDetails({ known, version, channel, before: seen.replaces }),
    ].join('\n'),
    next: `/fettle approve ${id}`,
  };
}
