/** How many people must agree before something new serves, by the settings: rules of the channel and criteria of the model. */
import type { Channel } from '../../registry/schema/model.ts';
import { criteriaAsk } from './criteria.ts';
import type { Settings } from './settings.ts';

type Asked = Pick<Settings, 'bot' | 'models'>;

/** What is to serve where; a channel of null is none. */
interface Place {
  readonly model: string;
  readonly channel: Channel | null;
}

/** What the settings want beside the policy before the channel serves something new; nothing where they are silent. */
export function leastFor({ bot, models }: Asked, { model, channel }: Place): { readonly least?: number } {
  if (channel === null) return {};
  const ruled = bot.channels[channel]?.approvals?.count ?? 0;
  const set = settingsOfModel(models, model);
  const mine =
    set !== null && (set.promote ?? 'production') === channel ? criteriaAsk(set.criteria).approvals : 0;
  const least = Math.max(ruled, mine);
  return least === 0 ? {} : { least };
}

/** How many people must say something before what passed every gate serves; 0 where the gates decide. */
export function peopleFirst(settings: Asked, place: Place): number {
  return leastFor(settings, place).least ?? (settings.bot.autonomy === 'suggest' ? 1 : 0);
}

/** A model of a group is set up under the name before its last slash. */
export function settingsOfModel(models: Settings['models'], model: string): Settings['models'][never] | null {
  const parent = model.slice(0, Math.max(0, model.lastIndexOf('/')));
  const name = [model, parent].find((one) => Object.hasOwn(models, one));
  return name === undefined ? null : (Object.entries(models).find(([known]) => known === name)?.[1] ?? null);
}
