/** The registry's state for those who only look. */
import type { RegistryState } from '../../registry/schema/state.ts';
import { foldEntries, REDUCER } from '../../registry/state/fold.ts';
import { stateOf } from '../../registry/state/view.ts';
import type { EventLog } from '../../registry/store/log.ts';

/** Null where no registry was begun. */
export async function stateIn(log: EventLog): Promise<RegistryState | null> {
  const snapshot = await log.read();
  if (snapshot === null) return null;
  return snapshot.head.reducer === REDUCER ? stateOf(snapshot.view) : foldEntries(await log.entries(0));
}
