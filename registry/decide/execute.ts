/** Fold, decide, append; and again when another writer was first. The one way in which the log grows. */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { FettleError } from '../base/fault.ts';
import { canonical } from '../base/json.ts';
import { logMoved } from '../faults.ts';
import { sealerFor, signedBundle, type Signers } from './sign.ts';
import { IdemKey, RegistryEvent, type Actor, type Deed, type Source } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, evolve, foldEntries, REDUCER } from '../state/fold.ts';
import { stateOf, viewOf } from '../state/view.ts';
import type { EventLog, Head, Snapshot } from '../store/log.ts';

/** Lost races are retried this often; each retry decides anew. */
const TRIES = 8;
const WAIT_MS = 40;

export type Decide = (state: RegistryState) => readonly Deed[];

export interface Place {
  readonly origin: string;
  readonly size: number;
}

export interface RegistryView extends Place {
  readonly state: RegistryState;
}

export interface RegistryOptions {
  readonly log: EventLog;
  readonly actor: Actor;
  readonly source: Source;
  readonly now: Clock;
  /** Names this visit, so that a deed asked twice by one visit is one deed. */
  readonly visit: string;
  /** The name of a registry that is begun by this visit. */
  readonly origin: string;
  /** Keys at hand; a policy says which of them are needed. */
  readonly signers: Signers;
  /** Told once the registry has been begun by this very visit, which therefore knows all of it. */
  readonly begun: (origin: string) => Promise<void>;
  /** Files for people that are committed along, made from the state after the events. */
  readonly tell: (state: RegistryState, place: Place) => ReadonlyMap<string, string>;
}

export interface Registry {
  readonly log: EventLog;
  /** What is now; null where no registry was begun. */
  read(): Promise<RegistryView | null>;
  /** @returns the events that were appended; none when the decision was that nothing is to be done */
  execute(decide: Decide): Promise<readonly RegistryEvent[]>;
  /** The same without writing: what `execute` would append now. */
  rehearse(decide: Decide): Promise<readonly RegistryEvent[]>;
}

export function openRegistry(asked: RegistryOptions): Registry {
  const { log } = asked;
  let calls = 0;
  // One visit may decide several times; a retry of one decision keeps its number and so its keys.
  const numbered = (): RegistryOptions => ({ ...asked, visit: `${asked.visit}#${calls++}` });
  return {
    log,
    async read() {
      const snapshot = await log.read();
      if (snapshot === null) return null;
      const { origin, size } = snapshot.head;
      return { state: await stateAt(log, snapshot), origin, size };
    },
    async rehearse(decide) {
      const snapshot = await log.read();
      return stamped(numbered(), snapshot, decide(await stateAt(log, snapshot)));
    },
    async execute(decide) {
      const options = numbered();
      for (let attempt = 1; ; attempt++) {
        try {
          return await executeOnce(options, decide);
        } catch (error) {
          if (!(error instanceof FettleError) || error.code !== logMoved.code || attempt === TRIES) {
            throw error;
          }
          await waitWide(attempt);
        }
      }
    },
  };
}

async function executeOnce(options: RegistryOptions, decide: Decide): Promise<readonly RegistryEvent[]> {
  const snapshot = await options.log.read();
  const before = await stateAt(options.log, snapshot);
  const events = stamped(options, snapshot, decide(before));
  if (events.length === 0) return [];

  const first = snapshot?.head.size ?? 0;
  const after = events.reduce((state, event, index) => evolve(state, { seq: first + index, event }), before);
  const touched = snapshot?.head.reducer === REDUCER ? touchedBy(after, events) : after.models.keys();
  const place = { origin: snapshot?.head.origin ?? options.origin, size: first + events.length };
  const view = new Map([...viewOf(after, touched), ...options.tell(after, place)]);
  const policies = { before: before.trust.policy?.policy ?? null, after: after.trust.policy?.policy ?? null };
  const bundle = signedBundle(options.signers, { ...policies, origin: place.origin, events });
  const seal = sealerFor(options.signers, { ...policies, time: events.at(-1)?.at ?? '' });
  const ask = { expected: headOf(snapshot), events, view, reducer: REDUCER };
  await options.log.append({
    ...ask,
    ...(bundle === null ? {} : { bundle }),
    ...(seal === null ? {} : { seal }),
  });
  if (snapshot === null) await options.begun(place.origin);
  return events;
}

/** Stored state where the same fold made it; the whole log folded again where an older one did. */
async function stateAt(log: EventLog, snapshot: Snapshot | null): Promise<RegistryState> {
  if (snapshot === null) return EMPTY;
  return snapshot.head.reducer === REDUCER ? stateOf(snapshot.view) : foldEntries(await log.entries(0));
}

function headOf(snapshot: Snapshot | null): Head | null {
  return snapshot?.head ?? null;
}

function touchedBy(state: RegistryState, events: readonly RegistryEvent[]): readonly ModelName[] {
  const subjects = new Set<string>(events.map(({ subject }) => subject));
  return [...state.models.keys()].filter((model) => subjects.has(model));
}

function stamped(
  options: RegistryOptions,
  snapshot: Snapshot | null,
  deeds: readonly Deed[],
): readonly RegistryEvent[] {
  const { actor, source, visit, origin } = options;
  const at = options.now();
  const created: Deed = { type: 'registry.created', subject: 'registry', body: { origin, epoch: 1 } };
  const all = snapshot === null ? [created, ...deeds] : deeds;
  return all.map((deed, ordinal) => {
    const idem = idemOf(at.slice(0, 10), [visit, deed.type, deed.subject, ordinal]);
    return RegistryEvent.parse({ v: 1, crit: [], at, by: actor, src: source, idem, ...deed });
  });
}

function idemOf(day: string, identity: readonly unknown[]): IdemKey {
  const hash = createHash('sha256').update(canonical(identity)).digest('hex');
  return IdemKey.parse(`${day}-${hash.slice(0, 32)}`);
}

/** A wide window: with a narrow one the same writers meet again and again. */
async function waitWide(attempt: number): Promise<void> {
  const most = WAIT_MS * 2 ** attempt;
  await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
}
