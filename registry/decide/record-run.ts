/** A run's beginning and its end without a model: what it was asked, and how far it came. */
import type { Deed, EventOf } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { RegistryState } from '../schema/state.ts';
import { runOf } from '../state/query.ts';

export interface RunStart extends Readonly<EventOf<'run.started'>['body']> {
  readonly model: ModelName;
}

export interface RunFailure extends Readonly<EventOf<'run.finished'>['body']> {
  readonly model: ModelName;
}

/** Nothing when that run has begun already: it is continued. */
export function decideRunStart(state: RegistryState, { model, ...body }: RunStart): readonly Deed[] {
  const known = runOf(state.models.get(model), body.run);
  if (known !== null && known.outcome?.kind !== 'failed') return [];
  return [{ type: 'run.started', subject: model, body }];
}

/** Nothing when the run has ended already. */
export function decideRunFailure(state: RegistryState, { model, ...body }: RunFailure): readonly Deed[] {
  const known = runOf(state.models.get(model), body.run);
  if (known === null || known.finishedAt !== null) return [];
  return [{ type: 'run.finished', subject: model, body }];
}
