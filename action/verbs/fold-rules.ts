/** What the settings want of a promotion and of time, for whoever folds what somebody else decided. */
import { leastFor, peopleFirst } from '../../pipelines/settings/bot.ts';
import { minutesOf } from '../../pipelines/settings/compute.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';
import type { FoldRules } from '../../registry/decide/vouched.ts';

export function foldRulesOf({ bot, compute }: Pick<Settings, 'bot' | 'compute'>): FoldRules {
  return {
    peopleFor: ({ channel, automatic }) =>
      automatic ? peopleFirst(bot, channel) : (leastFor(bot, channel).least ?? 0),
    isLimited: (model) => minutesOf(compute, model) !== null,
  };
}
