/** Holds each seal that a walk passes against what the events before it fold to. */
import type { Entry } from '../schema/entry.ts';
import type { EventOf } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';
import { REDUCER } from '../state/fold.ts';
import { sealing } from '../state/seal.ts';
import type { Inspection } from '../store/check-log.ts';
import type { EventLog, Look, Problem } from '../store/log.ts';

type Files = ReadonlyMap<string, string>;

/** What a seal is compared with: told with each entry, and the state before it. */
export type SealJudge = (entry: Entry, state: RegistryState) => readonly Problem[];

export interface Walked {
  readonly log: EventLog;
  readonly look: Look;
  readonly found: Inspection;
  /** Idempotency files before the walk, of which a look since a pin shows only those that changed. */
  readonly shards: Files;
  /** Whether those are all that there were. */
  readonly whole: boolean;
  /**
   * Whose files are made anew. In a long walk that is most of the work, and no more than the newest is needed: whoever
   * begins at an older one has to end at the very files that this walk is compared with.
   */
  readonly which: 'every' | 'newest';
}

export async function sealJudge({ log, look, found, shards, whole, which }: Walked): Promise<SealJudge> {
  const digest = sealing();
  let before = shards;
  if (!whole && found.entries.some(({ event }) => isSeal(event))) {
    // Whatever did not change since lies there as it was.
    const rest = [...(await log.shards(look.mark))].filter(([path]) => !look.files.has(path));
    before = new Map([...rest, ...shards]);
  }
  const seals = found.entries.filter(({ event }) => event?.type === 'snapshot.sealed');
  const newest = seals.findLast(({ seq }) => found.sealed.has(seq))?.seq;
  return ({ seq, event }, state) => {
    if (!isSeal(event)) return [];
    const since = found.sealed.get(seq);
    const isEpoch = event.type === 'epoch.begun';
    const flaw = isEpoch ? [] : placeFlaw(event.body, { seq, isDue: since !== undefined });
    // Only the fold that made the files can make them again; nobody begins at such a seal either.
    const isJudged = event.body.reducer === REDUCER && (isEpoch || which === 'every' || seq === newest);
    if (isEpoch && event.body.reducer > REDUCER) return [laterFold(seq, event.body.reducer)];
    if (flaw.length > 0 || !isJudged) return flaw;
    const wanted = digest(state, new Map([...before, ...(since ?? [])]));
    const { state: sealed } = event.body;
    const code = isEpoch ? 'epoch' : 'snapshot';
    return wanted === sealed ? [] : [{ code, where: `event ${seq}`, wanted, found: sealed }];
  };
}

/** Nobody here can tell what another fold would make of it, and a later one would begin on it unseen. */
function laterFold(seq: number, found: number): Problem {
  return {
    code: 'epoch',
    where: `event ${seq}`,
    wanted: `fold ${REDUCER} or an earlier one`,
    found: `${found}`,
  };
}

/** Both say what everything before them folds to. */
function isSeal(event: Entry['event']): event is EventOf<'snapshot.sealed'> | EventOf<'epoch.begun'> {
  return event?.type === 'snapshot.sealed' || event?.type === 'epoch.begun';
}

interface Place {
  readonly seq: number;
  readonly isDue: boolean;
}

function placeFlaw({ size }: EventOf<'snapshot.sealed'>['body'], { seq, isDue }: Place): readonly Problem[] {
  const problem = { code: 'snapshot', where: `event ${seq}` };
  if (size !== seq) return [{ ...problem, wanted: `a seal of ${seq} events`, found: `of ${size}` }];
  return isDue ? [] : [{ ...problem, wanted: 'a seal where one is due', found: 'one more' }];
}
