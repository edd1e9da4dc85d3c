/** Events that were decided become the next commit of the log, with the view, the signatures and the page for people. */
import type { RegistryEvent } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { Policy, SignedPolicy } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { evolve, REDUCER } from '../state/fold.ts';
import { viewOf } from '../state/view.ts';
import type { EpochAsk, EventLog, Head, SignedEvents, Snapshot } from '../store/log.ts';
import { sealerFor, type Signers } from './sign.ts';

export interface Place {
  readonly origin: string;
  readonly size: number;
}

/** The first of a registry, as its own writer knows it. */
export interface Written {
  readonly head: Head;
  /** In force after it. */
  readonly policy: SignedPolicy | null;
}

export interface CommitOptions {
  readonly log: EventLog;
  /** The name of a registry that is begun by this visit. */
  readonly origin: string;
  /** Keys at hand; a policy says which of them are needed. */
  readonly signers: Signers;
  /** Told before and after a registry is begun by this very visit, which therefore knows all of it; null is before. */
  readonly begins: (origin: string, written: Written | null) => Promise<void>;
  /** Files for people that are committed along, made from the state after the events. */
  readonly tell: (state: RegistryState, place: Place) => ReadonlyMap<string, string>;
}

export interface Decided {
  /** What it was decided on. */
  readonly snapshot: Snapshot | null;
  readonly before: RegistryState;
  readonly events: readonly RegistryEvent[];
  readonly bundles: readonly SignedEvents[];
  /** Where the first of the events begins an epoch. */
  readonly epoch?: EpochAsk;
}

/** @throws logMoved, signerMissing, and whatever the log throws */
export async function commit(options: CommitOptions, decided: Decided): Promise<Head> {
  const { snapshot, before, events, bundles, epoch } = decided;
  const first = snapshot?.head.size ?? 0;
  const stateAfter = (all: readonly RegistryEvent[]): RegistryState =>
    all.reduce((state, event, index) => evolve(state, { seq: first + index, event }), before);
  // The log drops what it has already, and a state in which that counted twice would not be the log's.
  const view = (fresh: readonly RegistryEvent[]): ReadonlyMap<string, string> => {
    const after = stateAfter(fresh);
    const touched = snapshot?.head.reducer === REDUCER ? touchedBy(before, after) : after.models.keys();
    return new Map([
      ...viewOf(after, touched),
      ...options.tell(after, { ...place, size: first + fresh.length }),
    ]);
  };
  const place = { origin: snapshot?.head.origin ?? options.origin };
  const time = events.at(-1)?.at ?? '';
  const after = stateAfter(events);
  const seal = sealerFor(options.signers, { policy: policyIn(after), time });
  const ask = { expected: snapshot?.head ?? null, events, view, reducer: REDUCER, bundles };
  if (snapshot === null) await options.begins(place.origin, null);
  const head = await options.log.append({
    ...ask,
    ...(seal === null ? {} : { seal }),
    ...(epoch === undefined ? {} : { epoch }),
  });
  if (snapshot === null) await options.begins(place.origin, { head, policy: after.trust.policy });
  return head;
}

export function policyIn({ trust }: RegistryState): Policy | null {
  return trust.policy?.policy ?? null;
}

/** Whatever the events are about: forgetting an artifact changes every model that was made from it. */
function touchedBy(before: RegistryState, after: RegistryState): readonly ModelName[] {
  return [...after.models.keys()].filter((model) => after.models.get(model) !== before.models.get(model));
}
