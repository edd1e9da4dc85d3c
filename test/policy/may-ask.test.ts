/** Levels of commands and channels against what the API says somebody may do. */
import { describe, expect, it } from 'vitest';
import { answerTo, isMember, neededFor } from '../../bot/policy/may-ask.ts';
import { BotSettings, LEVELS } from '../../pipelines/settings/bot.ts';

const PROMOTE = { name: 'promote', level: 'maintain', mutates: true } as const;
const STATUS = { name: 'status', level: 'triage', mutates: false } as const;
const bot = (given: unknown): BotSettings => BotSettings.parse(given);

describe('a level', () => {
  it.each(LEVELS)('%s may promote when it is maintain or more', (level) => {
    const { may } = answerTo({ bot: bot({}), level, command: PROMOTE, channel: 'production' });
    expect(may).toBe(level === 'maintain' || level === 'admin');
  });

  it('that GitHub did not tell may nothing', () => {
    const answer = answerTo({ bot: bot({}), level: 'unknown', command: STATUS, channel: null });
    expect(answer).toEqual({ may: false, needs: null });
  });

  it('is the higher one of command and channel', () => {
    const strict = bot({ commands: { promote: 'write' }, channels: { production: { level: 'admin' } } });
    expect(neededFor({ bot: strict, command: PROMOTE, channel: 'production' })).toBe('admin');
    expect(neededFor({ bot: strict, command: PROMOTE, channel: 'staging' })).toBe('write');
    const lenient = bot({ commands: { promote: 'admin' }, channels: { staging: { level: 'triage' } } });
    expect(neededFor({ bot: lenient, command: PROMOTE, channel: 'staging' })).toBe('admin');
  });

  it('of a reader changes nothing, whatever the settings say', () => {
    const open = bot({
      commands: { promote: 'read', status: 'read' },
      channels: { candidate: { level: 'read' } },
    });
    expect(neededFor({ bot: open, command: PROMOTE, channel: 'candidate' })).toBe('triage');
    expect(neededFor({ bot: open, command: STATUS, channel: null })).toBe('read');
  });

  it('makes a member from triage on', () => {
    expect(LEVELS.filter(isMember)).toEqual(['triage', 'write', 'maintain', 'admin']);
    expect(isMember('unknown')).toBe(false);
  });
});
