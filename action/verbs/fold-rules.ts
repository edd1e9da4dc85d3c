/** What the settings want of a promotion, for whoever folds one that somebody else decided. */
import { leastFor, peopleFirst, type BotSettings } from '../../pipelines/settings/bot.ts';
import type { FoldRules } from '../../registry/decide/fold-inbox.ts';

export function foldRulesOf(bot: BotSettings): FoldRules {
  return {
    peopleFor: ({ channel, automatic }) =>
      automatic ? peopleFirst(bot, channel) : (leastFor(bot, channel).least ?? 0),
  };
}
