/** `/fettle approve`: a person's word for exactly what an id names; the last one needed lets it serve. */
import * as z from 'zod';
import { leastFor } from '../../pipelines/settings/people.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { codeSpan } from '../../registry/report/words.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { tallyNow, type ApprovalAsk } from '../../registry/state/approvals.ts';
import { modelOf } from '../../registry/state/query.ts';
import { exceptedFrom, flawOf, type Looked } from '../policy/approvers.ts';
import { proposalNamed, proposalsIn, type Proposal } from '../policy/proposals.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded, levelRefusal } from './guard.ts';
import { NOTHING_YET } from './looking.ts';
import {
  approverOf,
  lookAtApprovers,
  ownersFor,
  promoteNow,
  seenOf,
  tallyText,
  type Promoting,
} from './promoting.ts';
import { changeDetails, done, named, proposalsTable, refused } from './told.ts';

/** An approval counts as long as nothing changes, and no longer than this. */
const DAYS = 7;

export const ProposalId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'an id of 16 hex digits, as `/fettle status` lists them');

export const approve: Command = defineCommand({
  name: 'approve',
  usage: 'approve <id>',
  summary: 'Approves exactly what the id names; when enough people have, it serves.',
  examples: ['approve 0f3a9c51d2e4b678', 'approve 0f3a9c51d2e4b678 --reason "checked the sevens"'],
  level: 'maintain',
  mutates: true,
  input: z.strictObject({ id: ProposalId }),

  async handle(context, { id }) {
    const registry = await context.outside.registry();
    const view = await registry.read();
    if (view === null) return NOTHING_YET;
    const found = proposalIn(view.state, id, context);
    if ('verdict' in found) return found;
    const { model, of, asked } = found;
    const { version, channel } = of;
    const may = levelRefusal(context, approve, channel);
    if (may !== null) return { ...may, model };
    const known = modelOf(view.state, model);
    const looked = await lookAtApprovers(context, { known, version, channel, asked, command: approve });
    const flaw = await ownFlaw(context, found, looked);
    if (flaw !== null) {
      return refused('permission_denied', `Not approved: ${flaw}.`, {
        model,
        next: `/fettle status ${model}`,
      });
    }
    const promoting: Promoting = {
      ask: { model, version, channel, waived: [], reason: reasonOf(context, found), now: context.now },
      seen: seenOf(known, version, channel),
      looked: { ...looked, approvers: [...looked.approvers, await selfOf(context, found)] },
    };
    return approved(registry, { found, promoting, state: view.state, known }, context);
  },
});

/** What the id names now; else the reply that says that it names nothing, or nothing any more. */
export function proposalIn(state: RegistryState, id: string, { settings }: Context): Proposal | Reply {
  const all = proposalsIn(state, settings);
  const found = proposalNamed(all, id);
  if (found !== null) return found;
  return refused('not_found', `Nothing that waits is named ${codeSpan(id)} now.`, {
    details:
      'An id names files, metrics, policy and what serves: when any of it changes, or it was decided, the id is void. ' +
      (all.length === 0 ? 'Nothing waits for people.' : `These wait:\n\n${proposalsTable(all.slice(0, 20))}`),
    next: '/fettle status',
  });
}

async function selfOf(context: Context, { model, of }: Proposal) {
  const rule = context.settings.bot.channels[of.channel]?.approvals ?? null;
  const asks = rule?.codeowners === true;
  const owners = await ownersFor(context.outside, { model, channel: of.channel, asks });
  return approverOf(context, context.asker, owners);
}

async function ownFlaw(context: Context, found: Proposal, looked: Looked): Promise<string | null> {
  return flawOf(await selfOf(context, found), looked);
}

function reasonOf({ asker, reason, thread }: Context, { asked }: Proposal): string {
  const first = asked === null ? 'every gate passed' : asked.reason;
  return `${first}; approved by ${asker.login} in #${thread.number}${reason === null ? '' : `: ${reason}`}`.slice(
    0,
    1000,
  );
}

interface Approving {
  readonly found: Proposal;
  readonly promoting: Promoting;
  readonly state: RegistryState;
  readonly known: ModelState;
}

async function approved(registry: Registry, approving: Approving, context: Context): Promise<Reply> {
  const { found, promoting, state, known } = approving;
  const { model, of } = found;
  const what = {
    model,
    version: of.version,
    channel: of.channel,
    ...leastFor(context.settings, { model, channel: of.channel }),
  };
  const { needed } = tallyNow(state, what, context.now);
  if (context.dryRun) return rehearsed(found, { needed, known, promoting });
  const question = `You approve ${named(model, of.version)} for **${of.channel}**, in place of ${of.replaces ?? 'nothing'}.`;
  return guarded(context, { command: approve, lock: `${model}.${of.channel}`, question }, () =>
    // Where nobody counts approvals, a person's word is the promotion itself.
    needed === null
      ? promoteNow(registry, promoting, context)
      : approveNow(registry, { ...approving, what, needed }, context),
  );
}

interface Counting extends Approving {
  readonly what: ApprovalAsk;
  readonly needed: number;
}

async function approveNow(registry: Registry, counting: Counting, context: Context): Promise<Reply> {
  const { found, promoting, known, what, needed } = counting;
  const { model, version, channel } = what;
  const by = { kind: 'user' as const, id: context.asker.id, login: context.asker.login };
  const expires = new Date(Date.parse(context.now) + DAYS * 86_400_000).toISOString();
  let voided: Reply | null = null;
  await registry.execute((now) => {
    const still = proposalIn(now, found.id, context);
    voided = 'verdict' in still ? still : null;
    return voided === null ? decideApproval(now, { ...what, by, expires }) : [];
  });
  if (voided !== null) return voided;
  const after = await registry.readModel(model);
  if (after === null) return NOTHING_YET;
  const except = exceptedFrom(modelOf(after.state, model).approvals, promoting.looked);
  const { given } = tallyNow(after.state, { ...what, except }, context.now);
  if (given.length >= needed) return promoteNow(registry, promoting, context);
  return {
    model,
    state: 'waiting',
    reason: 'approval_needed',
    verdict: `**${named(model, version)} has ${tallyText(needed, given)}** for ${channel}.`,
    details: changeDetails({ known, version, channel, before: found.of.replaces }),
    next: `/fettle approve ${found.id}`,
  };
}

interface Rehearsing {
  readonly needed: number | null;
  readonly known: ModelState;
  readonly promoting: Promoting;
}

function rehearsed({ id, model, of }: Proposal, { needed, known }: Rehearsing): Reply {
  const what = needed === null ? 'would serve' : `would have one more of ${needed} approvals for`;
  return done(`${named(model, of.version)} ${what} ${of.channel}. Nothing was changed.`, {
    model,
    reason: 'noop_ready',
    details: changeDetails({ known, version: of.version, channel: of.channel, before: of.replaces }),
    next: `/fettle approve ${id}`,
  });
}
