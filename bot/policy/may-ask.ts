/** Who may ask what: the API's level of this moment against the command's and the channel's own; nothing else counts. */
import { LEVELS, type BotSettings, type CommandName, type Level } from '../../pipelines/settings/bot.ts';
import type { Channel } from '../../registry/schema/model.ts';

export interface MayAsk {
  readonly bot: BotSettings;
  readonly level: Level | 'unknown';
  readonly command: { readonly name: CommandName; readonly level: Level; readonly mutates: boolean };
  /** Null for what is about no channel. */
  readonly channel: Channel | null;
}

/** `silence`: somebody who belongs to nobody here; whoever could do more is told what is missing. */
export type Answer = { readonly may: true } | { readonly may: false; readonly needs: Level | null };

export function answerTo({ bot, level, command, channel }: MayAsk): Answer {
  const needs = neededFor({ bot, command, channel });
  if (level === 'unknown') return { may: false, needs: null };
  return isAtLeast(level, needs) ? { may: true } : { may: false, needs };
}

/** The higher of both: a channel's rule is not got round by a lenient command, nor the other way about. */
export function neededFor({ bot, command, channel }: Omit<MayAsk, 'level'>): Level {
  const own = bot.commands[command.name] ?? command.level;
  const rule = command.mutates && channel !== null ? (bot.channels[channel]?.level ?? own) : own;
  const least: Level = command.mutates ? 'triage' : 'read';
  return highest([own, rule, least]);
}

export function isAtLeast(level: Level, needs: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(needs);
}

/** Whoever can triage works here; everybody on earth can read a public repository. */
export function isMember(level: Level | 'unknown'): boolean {
  return level !== 'unknown' && isAtLeast(level, 'triage');
}

function highest(levels: readonly Level[]): Level {
  return levels.reduce((most, level) => (isAtLeast(level, most) ? level : most));
}
