/** A model serves no more, on any channel. Its versions stay in the log. */
import type { Deed } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { RegistryState } from '../schema/state.ts';
import { modelOf } from '../state/query.ts';

/**
 * @returns one deed, or none when it is retired already
 * @throws modelUnknown
 */
export function decideRetirement(
  state: RegistryState,
  { model, reason }: { readonly model: ModelName; readonly reason: string },
): readonly Deed[] {
  if (modelOf(state, model).retired !== null) return [];
  return [{ type: 'model.retired', subject: model, body: { reason } }];
}
