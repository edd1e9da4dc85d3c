/** Holds each seal that a walk passes against what the events before it fold to. */
import type { Entry } from '../schema/entry.ts';
import type { EventOf } from '../schema/event.ts';
import type { RegistryState } from '../schema/state.ts';
import { REDUCER } from '../state/fold.ts';
import { sealing, type Sealing } from '../state/seal.ts';
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
}

export async function sealJudge({ log, look, found, shards, whole }: Walked): Promise<SealJudge> {
  const digest = sealing();
  let before = shards;
  if (!whole && found.entries.some(({ event }) => event?.type === 'snapshot.sealed')) {
    // Whatever did not change since lies there as it was.
    const rest = [...(await log.shards(look.mark))].filter(([path]) => !look.files.has(path));
    before = new Map([...rest, ...shards]);
  }
  return ({ seq, event }, state) => {
    if (event?.type !== 'snapshot.sealed') return [];
    const since = found.sealed.get(seq);
    return problemsOf(event.body, {
      seq,
      state,
      digest,
      shards: since ? new Map([...before, ...since]) : null,
    });
  };
}

interface Place {
  readonly seq: number;
  readonly state: RegistryState;
  readonly digest: Sealing;
  /** Null where no seal was due. */
  readonly shards: Files | null;
}

function problemsOf(
  { size, reducer, state: sealed }: EventOf<'snapshot.sealed'>['body'],
  { seq, state, digest, shards }: Place,
): readonly Problem[] {
  const problem = { code: 'snapshot', where: `event ${seq}` };
  if (size !== seq) return [{ ...problem, wanted: `a seal of ${seq} events`, found: `of ${size}` }];
  if (shards === null) return [{ ...problem, wanted: 'a seal where one is due', found: 'one more' }];
  // Only the fold that made the files can make them again; nobody begins at such a seal either.
  if (reducer !== REDUCER) return [];
  const wanted = digest(state, shards);
  return wanted === sealed ? [] : [{ ...problem, wanted, found: sealed }];
}
