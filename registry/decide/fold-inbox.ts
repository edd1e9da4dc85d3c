/** What waits in the inbox becomes part of the log, parcel by parcel; what cannot is refused by name, never dropped. */
import * as z from 'zod';
import { digestOf, type Digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { eventId } from '../schema/entry.ts';
import type { Deed, Envelope, EventType, IdemKey, RegistryEvent } from '../schema/event.ts';
import { Parcel } from '../schema/parcel.ts';
import type { Policy } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { evolve, isGround } from '../state/fold.ts';
import { tallyOf } from '../state/approvals.ts';
import { incoherence } from '../state/incoherence.ts';
import { objectionTo } from '../state/objection.ts';
import { INBOX_PREFIX, type Offered } from '../store/inbox.ts';
import type { SignedEvents } from '../store/log.ts';
import { policyIn } from './commit.ts';
import { bundleFlaw, keptBundle } from './sign.ts';
import { idemOf, type KeyedDeed } from './stamp.ts';
import { unaccounted, unvouched, type FoldRules } from './vouched.ts';

/** What a look into the inbox comes to, decided on one state of the registry. */
export interface Folding {
  readonly events: readonly RegistryEvent[];
  readonly bundles: readonly SignedEvents[];
  readonly refusals: readonly KeyedDeed[];
  /** Folded, refused or already there, the first of those that waited: they may leave the inbox once this is committed. */
  readonly done: readonly Offered[];
  readonly folded: number;
  /** In force after the events: what signs for the refusals, which follow them. */
  readonly policy: Policy | null;
}

export interface FoldingAsk {
  /** Null where there are no settings. */
  readonly rules: FoldRules | null;
  readonly state: RegistryState;
  readonly origin: string;
  /** Position of the next event. */
  readonly size: number;
  readonly waiting: readonly Waiting[];
  /** By key, the events of the log that have a key of a waiting one or of its refusal. */
  readonly known: ReadonlyMap<string, Envelope>;
  /** ISO 8601: what was decided must still hold. */
  readonly now: string;
  /** One commit holds no more events than this; the rest waits for the next. */
  readonly batchMax: number;
}

export function decideFolding(ask: FoldingAsk): Folding {
  let { state } = ask;
  const events: RegistryEvent[] = [];
  const known = new Map(ask.known);
  const [bundles, refusals, done] = [new Array<SignedEvents>(), new Array<Refusal>(), new Array<Offered>()];
  let folded = 0;
  for (const { offered, parcel } of ask.waiting) {
    const fresh = parcel === null ? [] : freshIn(parcel, known);
    const count = events.length + refusals.length;
    if (count > 0 && count + Math.max(1, fresh.length) > ask.batchMax) break;
    done.push(offered);
    // What a fold refused that was cut off before it tidied up, or another folder just now, is refused once.
    if (known.get(refusalKey(offered))?.type === 'parcel.refused') continue;
    const clash = parcel === null ? null : clashIn(parcel, known);
    // A fold that was cut off before it tidied up has recorded this one already.
    if (parcel !== null && clash === null && fresh.length === 0) continue;
    const added = addedBy(parcel, fresh, { ...ask, state, size: ask.size + events.length, clash });
    if (parcel === null || added.why !== null) {
      refusals.push({ offered, deed: refusalOf(offered, parcel, added.why ?? UNREADABLE) });
      continue;
    }
    state = added.state;
    events.push(...fresh);
    for (const event of fresh) known.set(event.idem, event);
    if (parcel.bundle !== null) bundles.push(keptBundle(parcel.bundle, fresh));
    folded++;
  }
  return { events, bundles, refusals: keyed(refusals, known), done, folded, policy: policyIn(state) };
}

interface Refusal {
  readonly offered: Offered;
  readonly deed: Deed;
}

/** A key that another's event has taken is nobody's to use again: such a refusal gets one of its visit. */
function keyed(refusals: readonly Refusal[], known: ReadonlyMap<string, Envelope>): readonly KeyedDeed[] {
  return refusals.map(({ offered, deed }) => {
    const idem = refusalKey(offered);
    return known.has(idem) ? deed : { ...deed, idem };
  });
}

/** Of what is refused, not of who refuses it or why: the same parcel is refused once. */
function refusalKey({ ref, text }: Offered): IdemKey {
  const day = ref.slice(INBOX_PREFIX.length).split('/', 1)[0] ?? '';
  return idemOf(day, ['parcel.refused', parcelDigest({ ref, text })]);
}

function parcelDigest({ ref, text }: Pick<Offered, 'ref' | 'text'>): Digest {
  return digestOf(text ?? ref);
}

/** Those whose keys are new, each once. */
function freshIn({ events }: Parcel, known: ReadonlyMap<string, Envelope>): readonly RegistryEvent[] {
  const fresh = new Map<string, RegistryEvent>();
  for (const event of events) {
    if (!known.has(event.idem) && !fresh.has(event.idem)) fresh.set(event.idem, event);
  }
  return [...fresh.values()];
}

/** Whoever takes another's key first must not make the other's event vanish. */
function clashIn({ events }: Parcel, known: ReadonlyMap<string, Envelope>): string | null {
  const mine = new Map<string, Envelope>();
  for (const event of events) {
    const before = known.get(event.idem) ?? mine.get(event.idem);
    if (before !== undefined && eventId(before) !== eventId(event)) {
      return `its key ${event.idem} is another event's`;
    }
    mine.set(event.idem, event);
  }
  return null;
}

interface Added {
  /** Null when all of it may be added. */
  readonly why: string | null;
  readonly state: RegistryState;
}

interface Adding extends Omit<FoldingAsk, 'waiting' | 'known' | 'batchMax'> {
  readonly clash: string | null;
}

/** Whoever left a parcel decided alone: each event is judged again, on the state that it will stand on. */
function addedBy(parcel: Parcel | null, fresh: readonly RegistryEvent[], ask: Adding): Added {
  const { origin, now, clash } = ask;
  let { state } = ask;
  const whole = clash ?? flawOf(parcel, ask);
  if (whole !== null || parcel === null) return { why: whole ?? UNREADABLE, state };
  for (const [index, event] of fresh.entries()) {
    const policy = policyIn(state);
    const why =
      bundleFlaw(parcel.bundle, { policy, origin, events: [event] }) ??
      unvouched(policy, event, ask.rules) ??
      unaccounted(policy, state, event) ??
      incoherence(state, event) ??
      objectionTo(state, event, { origin, now }) ??
      unagreed(state, event, ask);
    if (why !== null) return { why, state };
    state = evolve(state, { seq: ask.size + index, event });
  }
  return { why: null, state };
}

function unagreed(state: RegistryState, event: RegistryEvent, { rules, now }: Adding): string | null {
  if (rules === null) return null;
  if (event.type === 'model.promoted') {
    const { version, channel } = event.body;
    const least = rules.peopleFor({ ...event.body, model: event.subject });
    if (least === 0) return null;
    const { given } = tallyOf(state, { model: event.subject, version, channel, least }, now);
    return given.length >= least ? null : wantsText(channel, { least, found: given.length });
  }
  if (event.type !== 'model.imported' || event.body.deed.kind !== 'serves') return null;
  const { version, channel } = event.body.deed;
  if (version === null || state.models.get(event.subject)?.serving[channel] === version) return null;
  const least = rules.peopleFor({ model: event.subject, channel, automatic: false });
  return least === 0 ? null : wantsText(channel, { least, found: 0 });
}

function wantsText(
  channel: string,
  { least, found }: { readonly least: number; readonly found: number },
): string {
  return `the settings ask for ${least} approvals for ${channel}, found ${found}`;
}

/** Clocks differ, hardly ever by a day. */
const DAY_MS = 86_400_000;

const NEVER_LEFT: readonly EventType[] = [
  'registry.created',
  'parcel.refused',
  'snapshot.sealed',
  'epoch.begun',
];

/** What lies in the inbox, read once however many commits it takes to fold all of it. */
export interface Waiting {
  readonly offered: Offered;
  /** Null when it cannot be read. */
  readonly parcel: Parcel | null;
}

/**
 * As they happened by their own account: one writer's parcels are in the order in which it left them. What cannot be
 * read comes last, so that a flood of it holds nobody up.
 */
export function inOrder(all: readonly Offered[]): readonly Waiting[] {
  const key = ({ offered, parcel }: Waiting): string => `${parcel?.events[0]?.at ?? '~'} ${offered.ref}`;
  const read = all.map((offered) => ({ offered, parcel: readParcel(offered.text) }));
  return read.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Keys of all readable parcels and of their refusals, to be looked up before anything is decided. */
export function keysIn(waiting: readonly Waiting[]): readonly IdemKey[] {
  return waiting.flatMap(({ offered, parcel }) => [
    refusalKey(offered),
    ...(parcel?.events.map(({ idem }) => idem) ?? []),
  ]);
}

function readParcel(text: string | null): Parcel | null {
  if (text === null) return null;
  try {
    const found = Parcel.safeParse(JSON.parse(text));
    // What cannot be written canonically cannot become a line: lone surrogates, and a zero with a sign.
    return found.success && canonical(found.data) !== '' ? found.data : null;
  } catch {
    return null;
  }
}

const UNREADABLE = 'it cannot be read: too large, no text, or of another shape';

function flawOf(
  parcel: Parcel | null,
  { state, origin, now }: Pick<FoldingAsk, 'state' | 'origin' | 'now'>,
): string | null {
  if (parcel === null) return UNREADABLE;
  if (parcel.origin !== origin) return `it is for the registry ${parcel.origin}`;
  const foreign = parcel.events.find(({ type }) => NEVER_LEFT.includes(type));
  if (foreign !== undefined) return `it holds ${foreign.type}, which only the log's own writers record`;
  const critical = parcel.events.find(({ crit }) => crit.length > 0)?.crit[0];
  // Once it is a line, no reader of this age could read any line.
  if (critical !== undefined) return `it needs a reader that knows ${critical}`;
  // Budgets are kept by day and month: days to come would drive those of today out of them.
  const latest = new Date(Date.parse(now) + DAY_MS).toISOString();
  const early = parcel.events.find(({ at }) => !(Date.parse(at) <= Date.parse(latest)));
  if (early !== undefined) return `it is of ${early.at}, which is yet to come`;
  const unseen = parcel.events.find(({ subject }) => !Object.hasOwn(parcel.seen, subject));
  if (unseen !== undefined) return `it does not say what it saw of ${unseen.subject}`;
  const grounds = new Set(
    parcel.events.filter(({ type }) => isGround(type)).map(({ subject }) => String(subject)),
  );
  const moved = Object.entries(parcel.seen).find(
    ([subject, seen]) => grounds.has(subject) && settledSeqOf(state, subject) !== seen,
  );
  return moved === undefined ? null : `it was decided on another state of ${moved[0]}: decide again`;
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
  const body = { parcel: parcelDigest({ ref, text }), reason: reason.slice(0, 1000), types };
  return { type: 'parcel.refused', subject: 'registry', body };
}
