/** Verifies a registry: everything, or what came after the place that was verified last. */
import { rootOf } from '../base/merkle.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, REDUCER } from '../state/fold.ts';
import { stateOf, viewOf } from '../state/view.ts';
import { FROM_START, inspectLog, type Inspection } from '../store/check-log.ts';
import { HEAD_PATH, isViewPath, parseHead } from '../store/lay-out.ts';
import { filesInEpoch, isEpochPath } from '../store/epoch.ts';
import type { EventLog, Head, Look, Problem } from '../store/log.ts';
import type { Checkpoint } from '../trust/note.ts';
import { sealedStart, type Base } from './from-seal.ts';
import { epochHeadIn, pastOf } from './past.ts';
import { pinFor, pinnedRoot, pinOf, type Pin } from './pin.ts';
import { epochProblems, fromEpoch, policiesOf } from './verify-epoch.ts';
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
  /** Those before lie in earlier epochs, of which the tree holds what they fold to; null where they were read. */
  readonly epoch: number | null;
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
  if (look.before === null) return verifyWhole(ask, look);
  const base = start === null ? baseOf(look, pin) : start.base;
  const past = base === null ? null : await pastOf(log, look.files, base.known.size);
  // A view that another fold made cannot be gone on from, nor can a place that history does not reach.
  if (base === null || past === null) return verifyLog({ ...ask, extent: 'all' });
  const isOther = [...look.files.keys(), ...look.gone].some(isEpochPath);
  return verifyLook(ask, { look, base, past, epoch: isOther ? await log.epoch(look.mark) : null });
}

/** From the first event; or from where the newest epoch begins, if nobody remembers less or history ends there. */
async function verifyWhole(ask: VerifyAsk, look: Look): Promise<Verified> {
  const epoch = filesInEpoch(look.files);
  const head = epochHeadIn(look.files);
  // Who remembers no line of this epoch has never seen what it says of those before it.
  const older = head === null ? [] : sizesOf(ask, head).filter((size) => size <= head.size);
  const begin = fromEpoch(look);
  const isAsked = ask.extent === 'all' || begin.base === null || older.length > 0;
  const past = isAsked ? await pastOf(ask.log, look.files, 0) : null;
  if (past !== null) return verifyLook(ask, { look, base: null, past, epoch });
  const unreached = older.map((size) => cutOff(size, head?.size ?? 0));
  if (begin.base === null) return damaged([begin.problem, ...unreached], null);
  const found = await verifyLook(ask, { ...begin, past: new Map(), epoch });
  if (unreached.length === 0) return found;
  return {
    ...found,
    verdict: 'DAMAGED',
    problems: [...found.problems, ...unreached],
    state: null,
    pin: null,
  };
}

/** Events that somebody remembers, by everybody who does. */
function sizesOf({ pin, witnessed }: VerifyAsk, { origin }: Head): readonly number[] {
  const others = witnessed.map(({ size }) => size).filter((size) => size > 0);
  const own = pinFor(pin, origin);
  return own === null ? others : [own.size, ...others];
}

function cutOff(remembered: number, size: number): Problem {
  return {
    code: 'unreached',
    where: `event ${remembered}`,
    wanted: `the events up to ${size}, to compare with what is remembered of the first ${remembered}`,
    found: 'a history that was cut off before them; `git fetch --unshallow origin fettle/registry` brings it',
  };
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
  return {
    known: { size, prev, frontier, shards },
    state: stateOf(before),
    begun,
    policy,
    whole: false,
    by: 'pin',
  };
}

interface Looked {
  readonly look: Look;
  /** Where to begin; null for event 0. */
  readonly base: Base | null;
  /** What the walk needs of the files that left the tree. */
  readonly past: ReadonlyMap<string, string>;
  /** The folder of the newest epoch, whole; null where nothing in it has changed. */
  readonly epoch: ReadonlyMap<string, string> | null;
}

async function verifyLook(asked: VerifyAsk, { look, base, past, epoch }: Looked): Promise<Verified> {
  const { log, witnessed, now, seals } = asked;
  const sizes = [asked.pin?.size ?? 0, ...witnessed.map(({ size }) => size)];
  const files = new Map([...past, ...look.files]);
  const found = inspectLog(files, {
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
    ...epochProblems({ look, found, base, epoch }),
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
  const trust = verifyTrust({ entries: found.entries, files, head, also, ...begin });
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
    sealed: base?.by === 'seal' ? base.known.size : null,
    epoch: base?.by === 'epoch' ? base.known.size : null,
    signed: trust.policy !== null,
    state,
    pin: pinOf(head, { mark: look.mark, policy: trust.policy, at: now }),
  };
}

function damaged(problems: readonly Problem[], found: Inspection | null): Verified {
  const head = found?.head ?? null;
  return {
    verdict: 'DAMAGED',
    problems,
    size: head?.size ?? 0,
    root: head === null ? null : rootOf(head.frontier),
    read: found?.entries.length ?? 0,
    sealed: null,
    epoch: null,
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
  const expected = new Map([...viewOf(state, models), ...policiesOf(found, base)]);
  const strange = new Set(changed.filter((path) => !expected.has(path)));
  const others = strange.size === 0 ? [] : [...viewOf(state, state.models.keys())];
  const wanted = new Map([...expected, ...others.filter(([path]) => strange.has(path))]);
  const problems = [...new Set([...wanted.keys(), ...changed])].flatMap((path) =>
    viewProblem(path, wanted.get(path), now(path)),
  );
  // Its words are those of the Fettle that wrote it, so an update of Fettle shows here too.
  return now('README.md') === ask.readme(state, head) ? problems : [...problems, README_DIFFERS];
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
