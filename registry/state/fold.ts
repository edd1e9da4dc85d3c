/** Events -> state: the only place that says what an event means. Pure, and total over every known type. */
import { digestOfValue } from '../base/digest.ts';
import type { Entry } from '../schema/entry.ts';
import {
  isModelEvent,
  type Approved,
  type EventOf,
  type EventType,
  type ModelEvent,
  type RegistryEvent,
} from '../schema/event.ts';
import { compareVersions, type Channel, type ModelName, type Version } from '../schema/model.ts';
import {
  KEPT,
  type Decision,
  type ModelState,
  type PromotionWord,
  type RegistryState,
  type VerdictState,
} from '../schema/state.ts';
import { grantedAfter } from './fold-grants.ts';
import { evolveForgotten } from './fold-forgotten.ts';
import { leased, leaseEnded, runEnded } from './fold-leases.ts';
import { evolveTrust, isLogEvent, UNTRUSTED } from './fold-trust.ts';
import { leftOf } from './query.ts';

/** Raised whenever the same events would give another state; stored views of another number are made anew. */
export const REDUCER = 5;

export const EMPTY: RegistryState = { trust: UNTRUSTED, models: new Map() };

type Stamped<T> = T & { readonly seq: number };

export function evolve(state: RegistryState, entry: Pick<Entry, 'seq' | 'event'>): RegistryState {
  return evolveWith(state, entry, (models, after) => new Map(models).set(after.model, after));
}

/** The same for many events in a row. The models are kept in one map, so a state is good until the next event. */
export function folding(begin: RegistryState): (entry: Pick<Entry, 'seq' | 'event'>) => RegistryState {
  let models = new Map(begin.models);
  let state: RegistryState = { ...begin, models };
  return (entry) => {
    state = evolveWith(state, entry, (known, after) => {
      if (known !== models) models = new Map(known);
      return models.set(after.model, after);
    });
    return state;
  };
}

type Models = RegistryState['models'];

function evolveWith(
  state: RegistryState,
  { seq, event }: Pick<Entry, 'seq' | 'event'>,
  place: (models: Models, after: ModelState) => Models,
): RegistryState {
  if (event === null || isLogEvent(event)) return state;
  if (event.type === 'artifact.forgotten') return evolveForgotten(state, { ...event, seq });
  if (!isModelEvent(event)) return { ...state, trust: evolveTrust(state.trust, { ...event, seq }) };
  const before = state.models.get(event.subject) ?? newModel(event.subject);
  const settledSeq = isGround(event.type) ? seq : before.settledSeq;
  const evolved = evolveModel(before, { ...event, seq });
  // A run that began before rows were forgotten may end on the dataset that still had them.
  const data = evolved.data === before.data ? before.data : leftOf(state.trust, evolved.data);
  const after = bounded({ ...evolved, data, lastSeq: seq, settledSeq });
  return { ...state, models: place(state.models, after) };
}

/** What happens beside decisions without being a ground for them. */
const UNSETTLING: readonly EventType[] = [
  'promotion.asked',
  'promotion.refused',
  'approval.given',
  'hold.placed',
  'hold.lifted',
  'run.started',
  'run.finished',
  'lease.taken',
  'lease.ended',
];

/** Whether decisions rest on events of the type. */
export function isGround(type: EventType): boolean {
  return !UNSETTLING.includes(type);
}

export function foldEntries(entries: readonly Pick<Entry, 'seq' | 'event'>[]): RegistryState {
  const fold = folding(EMPTY);
  let state = EMPTY;
  for (const entry of entries) state = fold(entry);
  return state;
}

function newModel(model: ModelName): ModelState {
  const none = { versions: [], serving: {}, tenures: [], decisions: [], runs: [], leases: [], spent: [] };
  const open = { approvals: [], asked: [], refusals: [], grants: [], hold: null };
  return { model, lastSeq: -1, settledSeq: -1, versionCount: 0, ...none, ...open, data: null, retired: null };
}

function evolveModel(before: ModelState, event: Stamped<ModelEvent>): ModelState {
  switch (event.type) {
    case 'run.started':
      return started(before, event);
    case 'run.finished':
      return finished(runEnded(before, event), event);
    case 'lease.taken':
      return leased(before, event);
    case 'lease.ended':
      return leaseEnded(before, event);
    case 'model.registered':
      return registered(before, event);
    case 'evaluation.recorded':
      return evaluated(before, event);
    case 'verdict.given':
      return judged(before, event);
    case 'model.promoted':
      return promoted(before, event);
    case 'model.rolled-back':
      return rolledBack(before, event);
    case 'model.retired':
      return retired(before, event);
    case 'approval.given':
      return approved(before, event);
    case 'promotion.asked':
      return askedFor(before, event);
    case 'promotion.refused':
      return refusedBy(before, event);
    case 'hold.placed': {
      const { seq, at, by, body } = event;
      return { ...before, hold: { seq, at, by: by.login, reason: body.reason } };
    }
    case 'hold.lifted':
      return { ...before, hold: null };
    case 'model.imported':
      return imported(before, event);
  }
}

function started(before: ModelState, { at, body }: EventOf<'run.started'>): ModelState {
  const { run, recipe, asked, inputs, steps } = body;
  const others = before.runs.filter((known) => known.run !== run);
  const begun = {
    run,
    recipe,
    asked,
    inputs,
    steps,
    startedAt: at,
    finishedAt: null,
    outcome: null,
    records: [],
  };
  return { ...before, runs: [...others, begun] };
}

function finished(before: ModelState, { at, body }: EventOf<'run.finished'>): ModelState {
  const end = { finishedAt: at, outcome: body.outcome, records: body.steps };
  return {
    ...before,
    runs: before.runs.map((known) => (known.run === body.run ? { ...known, ...end } : known)),
  };
}

function registered(
  before: ModelState,
  { seq, at, by, body }: Stamped<EventOf<'model.registered'>>,
): ModelState {
  const { version, artifacts, lineage } = body;
  const made = {
    version,
    seq,
    at,
    by: by.login,
    byId: by.kind === 'local' ? null : by.id,
    artifacts,
    lineage,
    imported: null,
    evaluation: null,
    verdict: null,
    rolledBack: null,
    forgotten: null,
  };
  const count = before.versionCount + 1;
  return { ...before, versionCount: count, versions: [...before.versions, made], retired: null };
}

/** Whoever approves twice approves the latest; whoever has no account number cannot be counted. */
function approved(before: ModelState, { seq, at, by, body }: Stamped<EventOf<'approval.given'>>): ModelState {
  if (by.kind !== 'user') return before;
  const { expires, ...of } = body;
  const others = before.approvals.filter(
    (known) => known.byId !== by.id || known.of.version !== of.version || known.of.channel !== of.channel,
  );
  // Whoever refused it before has come round.
  const refusals = before.refusals.filter((known) => known.byId !== by.id || !isOn(known, of));
  const approvals = [...others, { seq, at, by: by.login, byId: by.id, expires, of }];
  return { ...before, approvals, refusals };
}

type OnPromotion = Stamped<EventOf<'promotion.asked' | 'promotion.refused'>>;

function askedFor(before: ModelState, event: OnPromotion): ModelState {
  const word = wordOf(event);
  const same = before.asked.find((known) => isOn(known, word.of));
  // The first who asked stays the one who asked, until it is something else that is asked for.
  if (same !== undefined && digestOfValue(same.of) === digestOfValue(word.of)) return before;
  return { ...before, asked: [...before.asked.filter((known) => known !== same), word] };
}

/** Whoever approved it before takes that back. */
function refusedBy(before: ModelState, event: OnPromotion): ModelState {
  const word = wordOf(event);
  const isOther = (known: { readonly byId: number | null; readonly of: Approved }): boolean =>
    known.byId !== word.byId || !isOn(known, word.of);
  const refusals = [...before.refusals.filter(isOther), word];
  return { ...before, approvals: before.approvals.filter(isOther), refusals };
}

function wordOf({ seq, at, by, body }: OnPromotion): PromotionWord {
  const { reason, ...of } = body;
  return { seq, at, by: by.login, byId: by.kind === 'local' ? null : by.id, reason, of };
}

function isOn({ of }: { readonly of: Approved }, { version, channel }: Approved): boolean {
  return of.version === version && of.channel === channel;
}

function evaluated(before: ModelState, { body }: EventOf<'evaluation.recorded'>): ModelState {
  const { version, ...evaluation } = body;
  return withVersion(before, version, { evaluation });
}

function judged(before: ModelState, event: Stamped<EventOf<'verdict.given'>>): ModelState {
  const { version, against, answer, gates, keepsData } = event.body;
  const grants = [...grantedAfter(before.grants, event.at, gates)];
  const after = { ...withVersion(before, version, { verdict: verdictIn(event.body) }), grants };
  const lineage = after.versions.find((known) => known.version === version)?.lineage ?? null;
  const data = keepsData && lineage !== null ? lineage.data : before.data;
  if (answer === 'pass') return { ...after, data };
  const what = answer === 'fail' ? 'refused' : 'held';
  const open = gates.filter((gate) => gate.answer === answer);
  const reason = open.map(({ gate, reason: why }) => `${gate}: ${why}`).join('; ');
  const told = { version, before: against, channel: null, automatic: true, reason, evidence: null };
  return { ...after, data, decisions: [...after.decisions, decided(event, { what, ...told })] };
}

function verdictIn({ judged: by, ...body }: EventOf<'verdict.given'>['body']): VerdictState {
  const { run, against, answer, gates, approvals } = body;
  const paired = by?.paired ?? undefined;
  const verdict = { run, against, answer, gates, ...(paired === undefined ? {} : { paired }) };
  return approvals === undefined ? verdict : { ...verdict, approvals };
}

function promoted(before: ModelState, event: Stamped<EventOf<'model.promoted'>>): ModelState {
  const { version, channel, replaces, automatic, waived, reason } = event.body;
  const told = { version, before: replaces, channel, automatic, waived, reason, evidence: null };
  const decision = decided(event, { what: 'promoted', ...told });
  const trusted = withVersion(before, version, { rolledBack: null });
  const after = served(trusted, { channel, version, at: event.at, by: 'promotion' });
  return { ...after, decisions: [...before.decisions, decision] };
}

function rolledBack(before: ModelState, event: Stamped<EventOf<'model.rolled-back'>>): ModelState {
  const { channel, from, to, automatic, reason, evidence } = event.body;
  const told = { version: to, before: from, channel, automatic, reason, evidence };
  const decision = decided(event, { what: 'rolled-back', ...told });
  // Going back to a version that was itself taken back is a person's word for it: it is trusted again.
  const trusted = withVersion(withVersion(before, from, { rolledBack: reason }), to, { rolledBack: null });
  const after = served(trusted, { channel, version: to, at: event.at, by: 'rollback' });
  return { ...after, decisions: [...before.decisions, decision] };
}

function retired(before: ModelState, event: Stamped<EventOf<'model.retired'>>): ModelState {
  return outOfService(before, event, { reason: event.body.reason, at: event.at });
}

function outOfService(
  before: ModelState,
  event: Stamped<Pick<RegistryEvent, 'at' | 'by'>>,
  { reason, at }: { readonly reason: string; readonly at: string },
): ModelState {
  const told = {
    version: null,
    before: before.serving.production ?? null,
    channel: null,
    automatic: false,
    reason,
  };
  const decision = decided(event, { what: 'retired', ...told, evidence: null });
  const tenures = before.tenures.map((tenure) => (tenure.until === null ? { ...tenure, until: at } : tenure));
  return {
    ...before,
    serving: {},
    tenures,
    retired: { at, reason },
    decisions: [...before.decisions, decision],
  };
}

function imported(before: ModelState, event: Stamped<EventOf<'model.imported'>>): ModelState {
  const { source, tag, deed, taggedAt } = event.body;
  const reason = `${source} tag ${tag}`;
  if (deed.kind === 'registered') return importedVersion(before, event, deed.version);
  if (deed.kind === 'deprecated') return outOfService(before, event, { reason, at: taggedAt });
  const { channel, version } = deed;
  // GTO lets a stage have several versions; what does not change which one serves is no decision.
  if ((before.serving[channel] ?? null) === version) return { ...before, retired: null };
  const told = { version, before: before.serving[channel] ?? null, channel, automatic: false, reason };
  const decision = decided(event, { what: 'imported', ...told, evidence: null });
  const after =
    version === null
      ? ended(before, channel, taggedAt)
      : served(before, { channel, version, at: taggedAt, by: 'import' });
  return { ...after, retired: null, decisions: [...before.decisions, decision] };
}

/** Stands where its number stands: what comes last is what the next version is counted from. */
function importedVersion(
  before: ModelState,
  { seq, body }: Stamped<EventOf<'model.imported'>>,
  version: Version,
): ModelState {
  const { source, tag, commit, taggedAt, by } = body;
  const made = {
    version,
    seq,
    at: taggedAt,
    by,
    byId: null,
    artifacts: {},
    lineage: null,
    imported: { source, tag, commit },
    evaluation: null,
    verdict: null,
    rolledBack: null,
    forgotten: null,
  };
  const greater = before.versions.findIndex((known) => compareVersions(known.version, version) > 0);
  const versions = before.versions.toSpliced(greater < 0 ? before.versions.length : greater, 0, made);
  return { ...before, versionCount: before.versionCount + 1, versions, retired: null };
}

function ended(before: ModelState, channel: Channel, at: string): ModelState {
  const { [channel]: _served, ...serving } = before.serving;
  const tenures = before.tenures.map((tenure) =>
    tenure.channel === channel && tenure.until === null ? { ...tenure, until: at } : tenure,
  );
  return { ...before, serving, tenures };
}

type Told = Omit<Decision, 'seq' | 'at' | 'by' | 'waived'> & Partial<Pick<Decision, 'waived'>>;

function decided({ seq, at, by }: Stamped<Pick<RegistryEvent, 'at' | 'by'>>, told: Told): Decision {
  return { seq, at, by: by.login, waived: [], ...told };
}

type Service = Pick<ModelState['tenures'][number], 'channel' | 'version' | 'by'> & { readonly at: string };

function served(before: ModelState, { channel, version, at, by }: Service): ModelState {
  const ended = before.tenures.map((tenure) =>
    tenure.channel === channel && tenure.until === null ? { ...tenure, until: at } : tenure,
  );
  const tenures = [...ended, { channel, version, from: at, until: null, by }];
  return { ...before, serving: { ...before.serving, [channel]: version }, tenures };
}

function withVersion(
  before: ModelState,
  version: ModelState['versions'][number]['version'],
  change: Partial<ModelState['versions'][number]>,
): ModelState {
  return {
    ...before,
    versions: before.versions.map((known) => (known.version === version ? { ...known, ...change } : known)),
  };
}

function bounded(state: ModelState): ModelState {
  const serving = new Set(Object.values(state.serving));
  const cut = state.versions.length - KEPT.versions;
  const isFresh = ({ of }: { readonly of: Approved }): boolean => of.seen === state.settledSeq;
  return {
    ...state,
    versions: state.versions.filter(({ version }, index) => index >= cut || serving.has(version)),
    tenures: state.tenures.slice(-KEPT.tenures),
    decisions: state.decisions.slice(-KEPT.decisions),
    runs: state.runs.slice(-KEPT.runs),
    leases: state.leases.slice(-KEPT.leases),
    spent: state.spent.slice(-KEPT.months),
    approvals: state.approvals.filter(isFresh).slice(-KEPT.approvals),
    asked: state.asked.filter(isFresh).slice(-KEPT.approvals),
    refusals: state.refusals.filter(isFresh).slice(-KEPT.approvals),
  };
}
