/** What stands before a deed: the asker's level, locks of others, and the asker's own confirmation. */
import { codeSpan, markdown, timeText } from '../../registry/report/words.ts';
import type { Channel } from '../../registry/schema/model.ts';
import { answerTo, type Answer } from '../policy/may-ask.ts';
import type { Asker, Command, Context, Lock, Reply, Setting } from './command.ts';
import { refused } from './told.ts';

/** A confirmation takes a minute; whoever held a lock so long was cut off. */
const STALE_MS = 15 * 60_000;

export function answerFor(setting: Setting, command: Command, channel: Channel | null): Answer {
  return answerTo({ bot: setting.settings.bot, level: setting.asker.level, command, channel });
}

/** For what is known only after looking: which channel it is about. Null when the asker may. */
export function levelRefusal(context: Context, command: Command, channel: Channel): Reply | null {
  const answer = answerFor(context, command, channel);
  return answer.may ? null : permissionRefusal(context.asker, command, answer);
}

export function permissionRefusal(
  { login, level }: Asker,
  { name }: Command,
  { needs }: Extract<Answer, { may: false }>,
): Reply {
  if (needs === null) {
    return refused('permission_unknown', 'Not done: GitHub did not say what you may do here.', {
      details: 'Nothing is allowed to whoever is not known. Ask again in a minute.',
    });
  }
  return refused(
    'permission_denied',
    `Not done: \`${name}\` takes **${needs}** here, and ${codeSpan(login)} has ${level}.`,
    {
      details: 'Levels are set under `bot:` in `.github/fettle.yml`; whoever has the level can ask the same.',
    },
  );
}

export interface Step {
  readonly command: Command;
  /** What is locked meanwhile, such as `digits.production`. */
  readonly lock: string;
  /** What will have changed, told to whoever confirms. */
  readonly question: string;
  /** Asks for confirmation whatever the settings say. */
  readonly grave?: boolean;
}

/** Acts once nobody else is at it and the asker has confirmed, where that is asked for. */
export async function guarded(context: Context, step: Step, act: () => Promise<Reply>): Promise<Reply> {
  const { settings, outside, asker, thread, now } = context;
  const mine: Lock = {
    name: step.lock,
    owner: { id: asker.id, login: asker.login },
    reason: step.question.slice(0, 200),
    claim: `comment-${thread.commentId}`,
    since: now,
  };
  const held = await outside.lock.read(step.lock);
  if (held !== null && held.claim !== mine.claim) {
    if (!isStale(held, now)) return lockedReply(held);
    await outside.lock.release(held);
  }
  const asks = step.grave === true || settings.bot.confirm.includes(step.command.name);
  if (!asks) return act();
  const claimed = await outside.lock.claim(mine);
  if (!claimed.got) return lockedReply(claimed.lock, claimed.why);
  try {
    const answer = await outside.confirm(step.question);
    if (answer === 'yes') return await act();
    return answer === 'no'
      ? refused('confirmation_refused', 'Not done: you took it back.')
      : refused('confirmation_timed_out', 'Not done: nobody confirmed it in time. Only your own 👍 counts.');
  } finally {
    // A lock that stays is stale soon; what was done is done.
    await outside.lock.release(mine).catch(() => undefined);
  }
}

function isStale({ since }: Lock, now: string): boolean {
  return Date.parse(now) - Date.parse(since) > STALE_MS;
}

function lockedReply(lock: Lock | null, why = ''): Reply {
  const by = lock === null ? 'somebody unknown' : codeSpan(lock.owner.login);
  return refused('lock_conflict', `Not done: ${by} is at it right now.`, {
    details: lock === null ? markdown(why) : `${markdown(lock.reason)} (since ${timeText(lock.since)})`,
  });
}
