/** Verifies a registry: everything, or what came after the place that was verified last. */
import { rootOf } from '../base/merkle.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, REDUCER } from '../state/fold.ts';
import { policyPath, stateOf, viewOf } from '../state/view.ts';
import { canonical } from '../base/json.ts';
import { FROM_START, inspectLog, type Inspection } from '../store/check-log.ts';
import { HEAD_PATH, isViewPath, parseHead } from '../store/lay-out.ts';
import type { EventLog, Head, Look, Problem } from '../store/log.ts';
import type { Checkpoint } from '../trust/note.ts';
import { sealedStart, type Base } from './from-seal.ts';
import { pinFor, pinnedRoot, pinOf, type Pin } from './pin.ts';
import { sealJudge } from './verify-seals.ts';
import { verifyTrust } from './verify-trust.ts';

export interface VerifyAsk {
  readonly log: EventLog;
  /** What was verified last; null on a machine that never did. */
  readonly pin: Pin | null;
  /** `all`: from the first event, whatever the pin says. */
  readonly extent: 'since-pin' | 'all';
  /** Of which seals the files are made anew; when left out, of the newest on a way from event 0, else of every. */
  readonly seals?: 'every' | 'newest';
  /** What others remember of this registry. */
  readonly witnessed: readonly Checkpoint[];
  readonly now: string;
  /** The branch's page for people, as this Fettle would write it. */
  readonly readme: (state: RegistryState, place: Pick<Head, 'origin' | 'size'>) => string;
}

/** `UNPINNED`: consistent in itself, and nothing to compare it with; a truncated or rewritten log looks the same. */
export type Verdict = 'ok' | 'UNPINNED' | 'DAMAGED';

export interface Verified {
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly size: number;
  /** Hex; null when the log could not be walked. */
  readonly root: string | null;
  /** Events read this time. */
  readonly read: number;
  /** Those before are vouched for by a seal that somebody trusted remembers; null where none was begun at. */
  readonly sealed: number | null;
  /** Whether a policy asks for signatures. */
  readonly signed: boolean;
  readonly state: RegistryState | null;
  /** What to remember; null unless everything passed. */
  readonly pin: Pin | null;
}

/** @returns null where no registry was begun */
export async function verifyLog(ask: VerifyAsk): Promise<Verified | null> {
  const { log, pin, extent, witnessed } = ask;
  const mark = pin?.mark ?? null;
  // What a witness remembers of the time before the pin can be compared only on the way there.
  const whole = extent === 'all' || pin === null || witnessed.some(({ size }) => size < pin.size);
  const since = whole || mark === null ? null : { mark, size: pin.size };
  const start = since === null && extent !== 'all' ? await sealedStart(log, trustedIn(ask)) : null;
  const look = await log.look(start === null ? since : { mark: start.mark, size: start.base.known.size });
  if (look === null) return null;
  if (start !== null && look.before !== null) return verifyLook(ask, look, start.base);
  const base = baseOf(look, pin);
  // A view that another fold made cannot be gone on from.
  if (base === null && look.before !== null) return verifyLog({ ...ask, extent: 'all' });
  return verifyLook(ask, look, base);
}

/** The fewest events that anybody remembers: a walk that begins later could not be compared with them. */
function trustedIn({ pin, witnessed }: VerifyAsk): number {
  const sizes = [...(pin === null ? [] : [pin.size]), ...witnessed.map(({ size }) => size)];
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}

/** The pinned place, as far as the look still shows it. */
function baseOf({ before, files }: Look, pin: Pin | null): Base | null {
  if (before === null || pin === null) return null;
  // Where nothing changed, the head did not either, and is there as it is now.
  const text = before.get(HEAD_PATH) ?? files.get(HEAD_PATH);
  const head = text === undefined ? null : parseHead(text);
  if (head !== null && head.reducer !== REDUCER) return null;
  const shards = new Map([...before].filter(([path]) => path.startsWith('idem/')));
  const { size, prev, frontier, origin, policy } = pin;
  const begun = { origin, epoch: head?.epoch ?? 1 };
  return { known: { size, prev, frontier, shards }, state: stateOf(before), begun, policy, whole: false };
}

async function verifyLook(asked: VerifyAsk, look: Look, base: Base | null): Promise<Verified> {
  const { log, witnessed, now, seals } = asked;
  const sizes = [asked.pin?.size ?? 0, ...witnessed.map(({ size }) => size)];
  const found = inspectLog(look.files, {
    where: log.where,
    from: base?.known ?? FROM_START,
    sizes,
    begun: base?.begun ?? null,
  });
  const { head } = found;
  const pin = head === null ? asked.pin : pinFor(asked.pin, head.origin);
  const ask = { ...asked, pin };
  const problems = [
    ...look.problems,
    ...found.problems,
    ...look.gone.map((where) => ({ code: 'gone', where, wanted: 'a file', found: 'none' })),
    ...remembered(found, ask),
  ];
  // A log that cannot be walked cannot be folded; its own problems say where it broke.
  if (head === null || problems.length > 0) return damaged(problems, found);
  const { shards } = base?.known ?? FROM_START;
  const also = await sealJudge({
    log,
    look,
    found,
    shards,
    whole: base?.whole ?? true,
    which: seals ?? (base === null ? 'newest' : 'every'),
  });
  const begin = { policy: base?.policy ?? null, state: base?.state ?? EMPTY };
  const trust = verifyTrust({ entries: found.entries, files: look.files, head, also, ...begin });
  const { state } = trust;
  const all = [
    ...trust.problems,
    ...viewProblems(ask, { look, found, state, head, base }),
    ...expired(trust.policy?.policy.expires ?? null, now),
  ];
  if (all.length > 0) return damaged(all, found);
  return {
    verdict: pin === null && witnessed.every(({ size }) => size === 0) ? 'UNPINNED' : 'ok',
    problems: [],
    size: head.size,
    root: rootOf(head.frontier),
    read: found.entries.length,
    sealed: sealedAt(base),
    signed: trust.policy !== null,
    state,
    pin: pinOf(head, { mark: look.mark, policy: trust.policy, at: now }),
  };
}

function sealedAt(base: Base | null): number | null {
  return base?.whole === true ? base.known.size : null;
}

function damaged(problems: readonly Problem[], { head, entries }: Inspection): Verified {
  return {
    verdict: 'DAMAGED',
    problems,
    size: head?.size ?? 0,
    root: head === null ? null : rootOf(head.frontier),
    read: entries.length,
    sealed: null,
    signed: false,
    state: null,
    pin: null,
  };
}

/** A log that an earlier look, or another's, remembers otherwise. */
function remembered({ head, roots }: Inspection, { pin, witnessed }: VerifyAsk): readonly Problem[] {
  const all = [
    ...(pin === null ? [] : [{ who: 'verified here before', ...pin, root: pinnedRoot(pin) }]),
    ...witnessed.map((checkpoint) => ({ who: 'remembered by a witness', ...checkpoint })),
  ];
  return all.flatMap(({ who, origin, size, root }): readonly Problem[] => {
    if (head === null) return [];
    if (head.origin !== origin) {
      return [{ code: 'origin', where: HEAD_PATH, wanted: `${origin}, ${who}`, found: head.origin }];
    }
    if (head.size < size) {
      return [{ code: 'rollback', where: 'log', wanted: `${size} events, ${who}`, found: `${head.size}` }];
    }
    const here = roots.get(size);
    // Where the walk began at the pin, the pin's frontier is what it went on from.
    if (here === undefined || here === root) return [];
    return [{ code: 'fork', where: `event ${size - 1}`, wanted: `root ${root}, ${who}`, found: here }];
  });
}

function expired(expires: string | null, now: string): readonly Problem[] {
  if (expires === null || expires > now) return [];
  return [
    {
      code: 'freeze',
      where: 'policy',
      wanted: `a policy that holds at ${now}`,
      found: `one until ${expires}`,
    },
  ];
}

interface Seen {
  readonly look: Look;
  readonly found: Inspection;
  readonly state: RegistryState;
  readonly head: Head;
  readonly base: Base | null;
}

/** The view is compared byte for byte with what the events fold to; only this Fettle's own fold can be. */
function viewProblems(ask: VerifyAsk, { look, found, state, head, base }: Seen): readonly Problem[] {
  if (head.reducer !== REDUCER) return [otherFold(head)];
  const models = [...state.models.keys()].filter(
    (model) => state.models.get(model) !== base?.state.models.get(model),
  );
  // A file that did not change is what it was at the pin.
  const now = (path: string): string | undefined => look.files.get(path) ?? look.before?.get(path);
  const changed = [...look.files.keys()].filter((path) => isViewPath(path) && path !== 'README.md');
  const expected = new Map([...viewOf(state, models), ...policyFiles(found)]);
  const strange = new Set(changed.filter((path) => !expected.has(path)));
  const others = strange.size === 0 ? [] : [...viewOf(state, state.models.keys())];
  const wanted = new Map([...expected, ...others.filter(([path]) => strange.has(path))]);
  const problems = [...new Set([...wanted.keys(), ...changed])].flatMap((path) =>
    viewProblem(path, wanted.get(path), now(path)),
  );
  // Its words are those of the Fettle that wrote it, so an update of Fettle shows here too.
  return now('README.md') === ask.readme(state, head) ? problems : [...problems, README_DIFFERS];
}

function policyFiles({ entries }: Inspection): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ event }): [string, string][] =>
      event?.type === 'policy.changed'
        ? [[policyPath(event.body.policy.version), `${canonical(event.body)}\n`]]
        : [],
    ),
  );
}

function viewProblem(
  where: string,
  wanted: string | undefined,
  found: string | undefined,
): readonly Problem[] {
  if (wanted === found) return [];
  if (wanted === undefined) {
    return [{ code: 'derived-unexpected', where, wanted: 'no such file', found: 'one' }];
  }
  const code = found === undefined ? 'derived-missing' : 'derived-differs';
  return [
    { code, where, wanted: 'what the log folds to', found: found === undefined ? 'nothing' : 'other text' },
  ];
}

/** Nobody vouches for a view that cannot be compared, so whoever changes this number hides nothing by it. */
function otherFold({ reducer }: Head): Problem {
  const found = `fold ${reducer}; the next decision, or \`fettle doctor --repair\`, writes the view anew`;
  return { code: 'reducer', where: HEAD_PATH, wanted: `a view by fold ${REDUCER}`, found };
}

const README_DIFFERS: Problem = {
  code: 'readme-differs',
  where: 'README.md',
  wanted: 'what this Fettle tells of the log',
  found: 'other text: edited, or by another version of Fettle; the next decision writes it anew',
};
