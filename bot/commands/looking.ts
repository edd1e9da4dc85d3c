/** What a command looks at before it decides: the registry, the model meant, and the version named. */
import type { RegistryView } from '../../registry/decide/execute.ts';
import { closeTo } from '../../registry/base/closest.ts';
import { codeSpan } from '../../registry/report/words.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import type { Context, Reply } from './command.ts';
import { choices, refused } from './told.ts';

export const NOTHING_YET: Reply = refused('not_found', 'No registry was begun here yet.', {
  details: 'The first training run begins it.',
  next: '/fettle train',
});

export async function lookedAt({ outside }: Context): Promise<RegistryView | null> {
  return (await outside.registry()).read();
}

/** The model named, or the only one there is; else the reply that asks which. */
export function modelMeant(state: RegistryState, name: ModelName | undefined): ModelState | Reply {
  const all = [...state.models.values()];
  const found = name === undefined ? (all.length === 1 ? all[0] : undefined) : state.models.get(name);
  if (found !== undefined) return found;
  if (name === undefined) {
    return refused('command_unclear', 'Which model? Name one after the command.', { details: choices(all) });
  }
  const near = closeTo(
    name,
    all.map(({ model }) => model),
  );
  const meant = near === null ? '' : ` Did you mean ${codeSpan(near)}?`;
  return refused('not_found', `No model is called ${codeSpan(name)}.${meant}`, { details: choices(all) });
}

export function isReply(found: ModelState | Reply): found is Reply {
  return 'verdict' in found;
}
