/** Reads the log from its end: for the last events of a kind nobody has to read a long log whole. */
import { registryMissing } from '../../registry/faults.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import type { EventOf } from '../../registry/schema/event.ts';
import { enoughFor, lastSought, reachesBack, type Sought } from '../../registry/state/time-travel.ts';
import type { EventLog } from '../../registry/store/log.ts';

/** Events that are read at least, and by what the reading grows while too few of them are sought. */
const FIRST_READ = 64;
const GROWTH = 4;

/** A little more each time, until enough is found. @throws registryMissing */
export async function readBack(events: EventLog, sought: Sought): Promise<readonly Entry[]> {
  const snapshot = await events.read();
  if (snapshot === null) throw registryMissing({ where: events.where });
  const end = Math.min(snapshot.head.size, enoughFor(sought.until));
  let read: readonly Entry[] = [];
  for (let count = Math.max(FIRST_READ, sought.limit); ; count *= GROWTH) {
    const before = await events.entries(Math.max(0, end - count), end - read.length);
    read = [...before, ...read];
    if (reachesBack(read, sought)) return lastSought(read, sought);
  }
}

/** The comparison of solvers that was recorded last; null for none. @throws registryMissing */
export async function lastOptimisation(events: EventLog): Promise<EventOf<'optimisation.recorded'> | null> {
  const sought = { model: null, since: null, until: null, type: 'optimisation.recorded', limit: 1 } as const;
  const [last] = await readBack(events, sought);
  return last?.event?.type === 'optimisation.recorded' ? last.event : null;
}
