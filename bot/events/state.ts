/** The registry's state for those who only look. */
import { stateAt } from '../../registry/decide/execute.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import type { EventLog } from '../../registry/store/log.ts';

/** Null where no registry was begun. */
export async function stateIn(log: EventLog): Promise<RegistryState | null> {
  const snapshot = await log.read();
  return snapshot === null ? null : stateAt(log, snapshot);
}
