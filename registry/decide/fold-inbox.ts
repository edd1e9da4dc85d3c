/** What waits in the inbox becomes part of the log, parcel by parcel; what cannot is refused by name, never dropped. */
import * as z from 'zod';
import { digestOf } from '../base/digest.ts';
import type { Deed, RegistryEvent } from '../schema/event.ts';
import { Parcel } from '../schema/parcel.ts';
import type { RegistryState } from '../schema/state.ts';
import { evolve, isGround } from '../state/fold.ts';
import type { Offered } from '../store/inbox.ts';
import type { SignedEvents } from '../store/log.ts';
import { policyIn } from './commit.ts';
import { bundleFlaw, keptBundle } from './sign.ts';

/** What a look into the inbox comes to, decided on one state of the registry. */
export interface Folding {
  readonly events: readonly RegistryEvent[];
  readonly bundles: readonly SignedEvents[];
  readonly refusals: readonly Deed[];
  /** Folded, refused or already there: all of them may leave the inbox once this is committed. */
  readonly done: readonly Offered[];
  readonly folded: number;
}

export interface FoldingAsk {
  readonly state: RegistryState;
  readonly origin: string;
  /** Position of the next event. */
  readonly size: number;
  readonly offered: readonly Offered[];
  /** Keys of the offered events that the log knows already. */
  readonly known: ReadonlySet<string>;
}

/** One commit holds no more than this; the rest waits for the next. */
const FOLD_MAX = 500;

export function decideFolding(ask: FoldingAsk): Folding {
  let { state } = ask;
  const events: RegistryEvent[] = [];
  const [bundles, refusals, done] = [new Array<SignedEvents>(), new Array<Deed>(), new Array<Offered>()];
  let folded = 0;
  for (const { offered, parcel } of inOrder(ask.offered)) {
    const fresh = parcel?.events.filter(({ idem }) => !ask.known.has(idem)) ?? [];
    if (events.length > 0 && events.length + fresh.length > FOLD_MAX) break;
    done.push(offered);
    // A fold that was cut off before it tidied up has recorded this one already.
    if (parcel !== null && fresh.length === 0) continue;
    const why = flawOf(parcel, { ...ask, state });
    if (why !== null || parcel === null) {
      refusals.push(refusalOf(offered, parcel, why ?? 'it cannot be read'));
      continue;
    }
    for (const event of fresh) {
      state = evolve(state, { seq: ask.size + events.length, event });
      events.push(event);
    }
    if (parcel.bundle !== null) bundles.push(keptBundle(parcel.bundle, fresh));
    folded++;
  }
  return { events, bundles, refusals, done, folded };
}

interface Read {
  readonly offered: Offered;
  /** Null when it cannot be read. */
  readonly parcel: Parcel | null;
}

/** As they happened by their own account: one writer's parcels are in the order in which it left them. */
function inOrder(all: readonly Offered[]): readonly Read[] {
  const key = ({ offered, parcel }: Read): string => `${parcel?.events[0]?.at ?? ''} ${offered.ref}`;
  const read = all.map((offered) => ({ offered, parcel: readParcel(offered.text) }));
  return read.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Keys of all readable parcels, to be looked up before anything is decided. */
export function keysIn(offered: readonly Offered[]): readonly RegistryEvent['idem'][] {
  return offered.flatMap(({ text }) => readParcel(text)?.events.map(({ idem }) => idem) ?? []);
}

function readParcel(text: string | null): Parcel | null {
  if (text === null) return null;
  try {
    const found = Parcel.safeParse(JSON.parse(text));
    return found.success ? found.data : null;
  } catch {
    return null;
  }
}

function flawOf(parcel: Parcel | null, { state, origin }: FoldingAsk): string | null {
  if (parcel === null) return 'it cannot be read: too large, no text, or of another shape';
  if (parcel.origin !== origin) return `it is for the registry ${parcel.origin}`;
  if (parcel.events.some(({ type }) => type === 'registry.created')) return 'it begins a registry';
  const grounds = new Set(
    parcel.events.filter(({ type }) => isGround(type)).map(({ subject }) => String(subject)),
  );
  const moved = Object.entries(parcel.seen).find(
    ([subject, seen]) => grounds.has(subject) && settledSeqOf(state, subject) !== seen,
  );
  if (moved !== undefined) return `it was decided on another state of ${moved[0]}: decide again`;
  const unseen = parcel.events.find(({ subject }) => !(subject in parcel.seen));
  if (unseen !== undefined) return `it does not say what it saw of ${unseen.subject}`;
  return bundleFlaw(parcel.bundle, { policy: policyIn(state), origin, events: parcel.events });
}

/** The position that decisions about the subject rest on; −1 for what nothing was ever said of. */
export function settledSeqOf(state: RegistryState, subject: string): number {
  if (subject === 'registry') return state.trust.lastSeq;
  return [...state.models.values()].find(({ model }) => model === subject)?.settledSeq ?? -1;
}

const Types = z.object({ events: z.array(z.object({ type: z.string() })).max(500) });

function refusalOf({ ref, text }: Offered, parcel: Parcel | null, reason: string): Deed {
  const known = Types.safeParse(parcel);
  const types = known.success ? known.data.events.map(({ type }) => type) : [];
  const body = { parcel: digestOf(text ?? ref), reason: reason.slice(0, 1000), types };
  return { type: 'parcel.refused', subject: 'registry', body };
}
