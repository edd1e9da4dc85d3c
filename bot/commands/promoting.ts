/** Promotions as people ask for them: what was seen must still be so, and approvals are counted anew at the last moment. */
import { leastFor } from '../../pipelines/settings/people.ts';
import { digestOfValue, type Digest } from '../../registry/base/digest.ts';
import { decidePromotion, type PromoteAsk } from '../../registry/decide/promote.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { codeSpan, markdown } from '../../registry/report/words.ts';
import type { Deed } from '../../registry/schema/event.ts';
import type { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import type { ModelState, PromotionWord, RegistryState } from '../../registry/schema/state.ts';
import { modelOf, versionOf } from '../../registry/state/query.ts';
import { exceptedFrom, type Approver, type Looked } from '../policy/approvers.ts';
import { ownersOf, type Owners } from '../policy/codeowners.ts';
import { neededFor } from '../policy/may-ask.ts';
import type { Command, Context, Deployed, Outside, Reply } from './command.ts';
import { changeDetails, done, named, refused, type Change } from './told.ts';

/** What was shown to the asker; the deed is done to this or not at all. */
export interface Seen {
  readonly artifacts: Digest;
  readonly replaces: Version | null;
}

export interface Promoting {
  readonly ask: Pick<PromoteAsk, 'model' | 'version' | 'channel' | 'waived' | 'reason' | 'now'>;
  readonly seen: Seen;
  readonly looked: Looked;
}

export function seenOf(known: ModelState, version: Version, channel: Channel): Seen {
  return {
    artifacts: digestOfValue(versionOf(known, version).artifacts),
    replaces: known.serving[channel] ?? null,
  };
}

function isAsSeen(state: RegistryState, { ask, seen }: Pick<Promoting, 'ask' | 'seen'>): boolean {
  const known = modelOf(state, ask.model);
  // That it serves by now is no change to mind: there is nothing left to do.
  if (known.serving[ask.channel] === ask.version) return true;
  const now = seenOf(known, ask.version, ask.channel);
  return now.artifacts === seen.artifacts && now.replaces === seen.replaces;
}

/** @throws whatever decidePromotion throws */
export function decided(state: RegistryState, { ask, looked }: Promoting, context: Context): readonly Deed[] {
  const mine = modelOf(state, ask.model).approvals.filter(({ of }) => of.channel === ask.channel);
  const except = exceptedFrom(mine, looked);
  return decidePromotion(state, { ...ask, ...leastFor(context.settings, ask), except });
}

/** Reads the pointer again with the very state that the append stands on. */
export async function promoteNow(registry: Registry, promoting: Promoting, context: Context): Promise<Reply> {
  const { model, version, channel, reason } = promoting.ask;
  let moved = false;
  const [event] = await registry.execute((state) => {
    moved = !isAsSeen(state, promoting);
    return moved ? [] : decided(state, promoting, context);
  });
  if (moved) return movedReply(model, channel);
  const view = await registry.readModel(model);
  const known = view?.state.models.get(model);
  if (known === undefined || known.serving[channel] !== version) return movedReply(model, channel);
  if (event === undefined) return alreadyReply(promoting.ask);
  const before = promoting.seen.replaces;
  const missed = await deployed(context.outside, deployedOf(known, { version, channel, reason }));
  return promotedReply({ known, version, channel, before }, missed);
}

export function promotedReply(change: Change, note: string): Reply {
  const { known, version, channel, before } = change;
  const { model } = known;
  const instead = before === null ? 'the first version there' : `in place of ${before}`;
  return done(`**${named(model, version)} now serves ${channel}**, ${instead}.`, {
    model,
    details: [note, changeDetails(change)].join('\n').trim(),
    next: before === null ? `/fettle status ${model}` : `/fettle rollback ${model} ${channel}`,
  });
}

/** Handled before, and overtaken by what others did since. */
export function actedReply(model: string | null): Reply {
  const next = model === null ? '/fettle status' : `/fettle history ${model}`;
  const verdict = 'This comment was acted on before; nothing is done twice.';
  return done(verdict, { model, reason: 'nothing_to_do', next });
}

export function movedReply(model: string, channel: string): Reply {
  const verdict = `Not done: what serves ${channel} changed while this was asked. Nothing was written.`;
  return refused('ref_changed', verdict, { model, next: `/fettle status ${model}` });
}

export function alreadyReply({
  model,
  version,
  channel,
}: Pick<PromoteAsk, 'model' | 'version' | 'channel'>): Reply {
  return done(`${named(model, version)} serves ${channel} already; there is nothing to do.`, {
    model,
    reason: 'nothing_to_do',
    next: `/fettle why ${model}@${version}`,
  });
}

interface NowServing {
  readonly version: Version;
  readonly channel: Channel;
  readonly reason: string;
}

export function deployedOf(known: ModelState, { version, channel, reason }: NowServing): Deployed {
  const one = versionOf(known, version);
  return {
    model: known.model,
    version,
    channel,
    commit: one.lineage?.commit ?? null,
    artifacts: digestOfValue(one.artifacts),
    reason,
    seq: known.decisions.findLast((made) => made.channel === channel && made.version === version)?.seq ?? -1,
  };
}

/** @returns a note where GitHub did not take the Deployment; empty where it did */
export async function deployed(outside: Outside, what: Deployed): Promise<string> {
  try {
    await outside.deploy(what);
    return '';
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return `> The Deployment could not be shown (${markdown(said.slice(0, 200))}); the registry has the promotion.\n`;
  }
}

export interface LookAsk {
  readonly known: ModelState;
  readonly version: Version;
  readonly channel: Channel;
  readonly asked: PromotionWord | null;
  /** Whose level approvers need. */
  readonly command: Pick<Command, 'name' | 'level' | 'mutates'>;
}

/** Asks GitHub what everybody who approved may do now. */
export async function lookAtApprovers(context: Context, ask: LookAsk): Promise<Looked> {
  const { known, version, channel, asked, command } = ask;
  const { bot } = context.settings;
  const rule = bot.channels[channel]?.approvals ?? null;
  const given = known.approvals.filter(({ of }) => of.version === version && of.channel === channel);
  const owners = await ownersFor(context.outside, {
    model: known.model,
    channel,
    asks: rule?.codeowners === true,
  });
  const approvers = await Promise.all(
    given.map(({ byId, by }) => approverOf(context, { id: byId, login: by }, owners)),
  );
  return {
    approvers,
    needs: neededFor({ bot, command, channel }),
    rule,
    askers: asked?.byId == null ? [] : [asked.byId],
  };
}

/** Null where nobody asks who owns it; nobody owns anything where there is no such file. */
export interface OwnersFound extends Owners {
  readonly members: ReadonlySet<number>;
}

export async function ownersFor(
  outside: Outside,
  { model, channel, asks }: { readonly model: ModelName; readonly channel: Channel; readonly asks: boolean },
): Promise<OwnersFound | null> {
  if (!asks) return null;
  const owners = ownersOf((await outside.codeowners()) ?? '', `fettle/${model}/${channel}`);
  const members = await Promise.all(owners.teams.map((team) => outside.teamMembers(team).catch(() => [])));
  return { ...owners, members: new Set(members.flat()) };
}

export async function approverOf(
  { asker, outside }: Context,
  account: { readonly id: number; readonly login: string },
  owners: OwnersFound | null,
): Promise<Approver> {
  const level =
    account.id === asker.id ? asker.level : await outside.levelOf(account).catch(() => 'unknown' as const);
  const { id, login } = account;
  const owns = owners === null || owners.logins.includes(login.toLowerCase()) || owners.members.has(id);
  return { id, login, level, owns };
}

/** `2 of 3 approvals: ada, kurt` */
export function tallyText(needed: number, given: readonly { readonly by: string }[]): string {
  const names = given.map(({ by }) => codeSpan(by)).join(', ');
  return `${given.length} of ${needed} approvals${names === '' ? '' : `: ${names}`}`;
}
