/** What the settings want of a promotion and of time, for whoever folds what somebody else decided. */
import { minutesOf } from '../../pipelines/settings/compute.ts';
import { leastFor, peopleFirst } from '../../pipelines/settings/people.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';
import type { FoldRules } from '../../registry/decide/vouched.ts';

export function foldRulesOf(settings: Settings): FoldRules {
  return {
    peopleFor: ({ automatic, ...place }) =>
      automatic ? peopleFirst(settings, place) : (leastFor(settings, place).least ?? 0),
    isLimited: (model) => minutesOf(settings.compute, model) !== null,
  };
}
