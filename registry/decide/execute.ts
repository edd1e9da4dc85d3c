/** Fold, decide, append; and again when another writer was first. The one way in which the log grows. */
import { FettleError } from '../base/fault.ts';
import { branchLocked, logMoved, remoteRefused, remoteUnreachable, signerMissing } from '../faults.ts';
import type { Deed, Envelope, IdemKey, RegistryEvent } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { Parcel } from '../schema/parcel.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, foldEntries, REDUCER } from '../state/fold.ts';
import { pathsFor, stateOf } from '../state/view.ts';
import type { Inbox, Offered } from '../store/inbox.ts';
import type { EventLog, Head, Snapshot } from '../store/log.ts';
import { beginEpoch, planEpoch, type EpochBegun, type EpochPlan } from './begin-epoch.ts';
import { commit, policyIn, type CommitOptions, type Place } from './commit.ts';
import { decideFolding, inOrder, keysIn, settledSeqOf, type Waiting } from './fold-inbox.ts';
import { withSeal } from './seal.ts';
import { bundleFor, keptBundle } from './sign.ts';
import { idemOf, stampedWith, type KeyedDeed, type Stamp } from './stamp.ts';
import { unvouched, type FoldRules } from './vouched.ts';

/** Pairs of tries before a writer gives up. */
const TRIES = 10;
const WAIT_MS = 40;
/** The longest window in which a retry falls. */
const WAIT_MS_MAX = 2500;

export type Decide = (state: RegistryState) => readonly Deed[];

export interface RegistryView extends Place {
  readonly state: RegistryState;
}

export interface RegistryOptions extends CommitOptions, Stamp {
  /** Where events go that this writer cannot append; null where nobody would fold them. */
  readonly outbox: Outbox | null;
  /**
   * Throws unless all that lies there is what this writer's keys may vouch for, since a new seal is over all of it;
   * null where no registry lies there and one is to be begun.
   */
  readonly inspect?: (head: Head | null) => Promise<void>;
}

/** The way out when the log cannot be written. */
export interface Outbox {
  /** Whether a lost race is reason enough, because somebody folds all the time. */
  readonly eager: boolean;
  /** What whoever folds will hold a parcel against; null, or left out, where there are no settings. */
  readonly rules?: () => Promise<FoldRules | null>;
  /** @returns once the parcel is safe; whoever asked is told where it is */
  send(parcel: Parcel): Promise<void>;
}

export interface Registry {
  readonly log: EventLog;
  /** What is now; null where no registry was begun. */
  read(): Promise<RegistryView | null>;
  /**
   * The state of one model and of the registry as a whole: the cost does not grow with the log or with the other
   * models. Null where no registry was begun.
   */
  readModel(model: ModelName): Promise<RegistryView | null>;
  /** @returns the events that were appended; none when the decision was that nothing is to be done */
  execute(decide: Decide): Promise<readonly RegistryEvent[]>;
  /** The same without writing: what `execute` would append now. */
  rehearse(decide: Decide): Promise<readonly RegistryEvent[]>;
  /**
   * What this visit appended when it was handled before and cut off; null when it appended no such deed. To be asked
   * where the first deed would be decided.
   */
  recall(deed: Pick<Deed, 'type' | 'subject'>): Promise<RegistryEvent | null>;
  /** Takes the lines of the log out of the tree, where enough of them are there; history keeps them. */
  beginEpoch(): Promise<EpochBegun>;
  /** The same without writing. */
  planEpoch(): Promise<EpochPlan>;
  /** Folds what waits in the inbox into the log until nothing is left. */
  fold(inbox: Inbox, rules?: FoldRules): Promise<Folded>;
}

export interface Folded {
  readonly folded: number;
  readonly refused: number;
  /** Already in the log when they were looked at. */
  readonly known: number;
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
    async readModel(model) {
      const snapshot = await log.read(pathsFor(model));
      if (snapshot === null) return null;
      const { origin, size } = snapshot.head;
      return { state: await stateAt(log, snapshot), origin, size };
    },
    async rehearse(decide) {
      const snapshot = await log.read();
      return stamped(numbered(), snapshot, decide(await stateAt(log, snapshot)));
    },
    async recall({ type, subject }) {
      const day = (asked.askedAt ?? asked.now()).slice(0, 10);
      const idem = idemOf(day, [`${asked.visit}#${calls}`, type, subject, 0]);
      const at = (await log.positions([idem])).get(idem);
      if (at === undefined) return null;
      return (await log.entries(at, at + 1))[0]?.event ?? null;
    },
    execute: (decide) => {
      const options = numbered();
      return persistently(log, () => executeOnce(options, decide));
    },
    beginEpoch: () => {
      const options = numbered();
      return persistently(log, () => beginEpoch(options));
    },
    planEpoch: () => planEpoch(asked),
    async fold(inbox, rules) {
      let [folded, refused, known] = [0, 0, 0];
      const look: Look = { inbox, rules: rules ?? null, gone: new Set(), waiting: [], done: [] };
      for (let more = true; more;) {
        const options = numbered();
        const some = await persistently(log, () => foldSome(options, look));
        [folded, refused, known] = [folded + some.folded, refused + some.refused, known + some.known];
        more = some.more;
      }
      return { folded, refused, known };
    },
  };
}

/** Again when another writer was first; each try decides anew. */
async function persistently<T>({ inTurn }: EventLog, act: () => Promise<T>): Promise<T> {
  // A try that was too late has fetched what the other wrote. The next is at once, before that is old too.
  const twice = (): Promise<T> =>
    act().catch((error: unknown) => (isMoved(error) ? act() : Promise.reject(error)));
  for (let attempt = 1; ; attempt++) {
    try {
      return await (inTurn === undefined ? twice() : inTurn(twice));
    } catch (error) {
      if (!isMoved(error) && !isLocked(error, attempt)) throw error;
      if (attempt === TRIES) throw error;
      await waitWide(attempt);
    }
  }
}

function isMoved(error: unknown): boolean {
  return error instanceof FettleError && error.code === logMoved.code;
}

/** A lock that is there so often belongs to nobody. */
const LOCKED_MOST = 4;

function isLocked(error: unknown, attempt: number): boolean {
  return error instanceof FettleError && error.code === branchLocked.code && attempt < LOCKED_MOST;
}

/** One look into the inbox, which several commits may have to take up. */
interface Look {
  readonly inbox: Inbox;
  readonly rules: FoldRules | null;
  /** What could not be removed after it was recorded is not taken up again and again. */
  readonly gone: Set<string>;
  /** Seen, and not decided yet. */
  waiting: readonly Waiting[];
  /** Recorded, and still in the inbox. */
  done: readonly Offered[];
}

/** One commit's worth; the refs are removed only after what they held is recorded, once all that was seen is. */
async function foldSome(options: RegistryOptions, look: Look): Promise<Folded & { readonly more: boolean }> {
  const { log } = options;
  if (look.waiting.length === 0) await lookAgain(look);
  const snapshot = look.waiting.length === 0 ? null : await log.read();
  if (snapshot === null) return { folded: 0, refused: 0, known: 0, more: false };
  await options.inspect?.(snapshot.head);
  const state = await stateAt(log, snapshot);
  const { origin, size } = snapshot.head;
  const { rules, waiting } = look;
  const known = await knownOf(log, keysIn(waiting));
  const { batchMax } = log;
  const ask = { rules, state, origin, size, waiting, known, now: options.now(), batchMax };
  const folding = decideFolding(ask);
  const refusals = stamped(options, snapshot, folding.refusals);
  const bundle =
    refusals.length === 0
      ? null
      : bundleFor(options.signers, { policy: folding.policy, origin, events: refusals });
  const bundles = [...folding.bundles, ...(bundle === null ? [] : [keptBundle(bundle, refusals)])];
  const events = [...folding.events, ...refusals];
  if (events.length > 0) {
    await commit(options, await withSeal(options, { snapshot, before: state, events, bundles }));
  }
  const { done } = folding;
  [look.waiting, look.done] = [waiting.slice(done.length), [...look.done, ...done]];
  if (look.waiting.length === 0) await tidy(look);
  return {
    folded: folding.folded,
    refused: refusals.length,
    known: done.length - folding.folded - refusals.length,
    // An inbox shows no more at once than can be read.
    more: true,
  };
}

async function lookAgain(look: Look): Promise<void> {
  const offered = await look.inbox.list();
  look.waiting = inOrder(offered.filter((one) => !look.gone.has(nameOf(one))));
  look.done = [];
}

async function tidy(look: Look): Promise<void> {
  await look.inbox.discard(look.done);
  for (const one of look.done) look.gone.add(nameOf(one));
  look.done = [];
}

function nameOf({ ref, mark }: Offered): string {
  return `${ref} ${mark}`;
}

/** The events of the log that have these keys. */
async function knownOf(log: EventLog, keys: readonly IdemKey[]): Promise<ReadonlyMap<string, Envelope>> {
  const positions = [...(await log.positions(keys)).values()];
  if (positions.length === 0) return new Map();
  const wanted = new Set(positions);
  const found = new Map<string, Envelope>();
  // One key from the first days is no reason to read all that came after it.
  for (const { first, last } of nearby(positions)) {
    for (const { seq, envelope } of await log.entries(first, last + 1)) {
      if (wanted.has(seq)) found.set(envelope.idem, envelope);
    }
  }
  return found;
}

/** Entries between two that are read along rather than asked for apart. */
const GAP_MOST = 2048;

interface Range {
  readonly first: number;
  readonly last: number;
}

function nearby(positions: readonly number[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const position of positions.toSorted((a, b) => a - b)) {
    const before = ranges.at(-1);
    if (before === undefined || position - before.last > GAP_MOST) {
      ranges.push({ first: position, last: position });
    } else ranges[ranges.length - 1] = { first: before.first, last: position };
  }
  return ranges;
}

async function executeOnce(options: RegistryOptions, decide: Decide): Promise<readonly RegistryEvent[]> {
  const { log, outbox } = options;
  const snapshot = await log.read();
  if (snapshot !== null) await options.inspect?.(snapshot.head);
  const before = await stateAt(log, snapshot);
  const events = stamped(options, snapshot, decide(before));
  if (events.length === 0) return [];
  if (snapshot === null) await options.inspect?.(null);
  const origin = snapshot?.head.origin ?? options.origin;
  const bundle = bundleFor(options.signers, { policy: policyIn(before), origin, events });
  const bundles = bundle === null ? [] : [keptBundle(bundle, events)];
  try {
    await commit(options, await withSeal(options, { snapshot, before, events, bundles }));
  } catch (error) {
    if (outbox === null || snapshot === null || !isReason(error, outbox)) throw error;
    // What no fold would take is better told of at once.
    const rules = (await outbox.rules?.()) ?? null;
    if (events.some((event) => unvouched(policyIn(before), event, rules) !== null)) throw error;
    const subjects = new Set(events.map(({ subject }) => subject));
    const seen = Object.fromEntries([...subjects].map((subject) => [subject, settledSeqOf(before, subject)]));
    await outbox.send({ v: 1, origin, seen, events: [...events], bundle });
  }
  return events;
}

/** What another writer can do for us: one who has the key, one whom the server lets push, one who comes later. */
function isReason(error: unknown, { eager }: Outbox): boolean {
  if (!(error instanceof FettleError)) return false;
  if (error.code === logMoved.code) return eager;
  return [signerMissing.code, remoteRefused.code, remoteUnreachable.code].includes(error.code);
}

/** Stored state where the same fold made it; the whole log folded again where an older one did. */
export async function stateAt(log: EventLog, snapshot: Snapshot | null): Promise<RegistryState> {
  if (snapshot === null) return EMPTY;
  return snapshot.head.reducer === REDUCER ? stateOf(snapshot.view) : foldEntries(await log.entries(0));
}

function stamped(
  options: RegistryOptions,
  snapshot: Snapshot | null,
  deeds: readonly KeyedDeed[],
): readonly RegistryEvent[] {
  const { origin } = options;
  const created: Deed = { type: 'registry.created', subject: 'registry', body: { origin, epoch: 1 } };
  return stampedWith(options, snapshot === null ? [created, ...deeds] : deeds);
}

/** A wide window: with a narrow one the same writers meet again and again. */
async function waitWide(attempt: number): Promise<void> {
  const most = Math.min(WAIT_MS * 2 ** attempt, WAIT_MS_MAX);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
}
