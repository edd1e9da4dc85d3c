/** Who served, from when to when, by whose word and why it ended: read from the log itself, however long ago. */
import type { Entry } from '../schema/entry.ts';
import type { EventOf } from '../schema/event.ts';
import type { Metric } from '../schema/metric.ts';
import { CHANNELS, type Channel, type ModelName, type Version } from '../schema/model.ts';
import type { VerdictState } from '../schema/state.ts';
import type { Answer } from '../schema/verdict.ts';

/** One event of the log: its position, which is the order, and its time, which is a remark. */
export interface Mark {
  readonly seq: number;
  readonly at: string;
}

export interface Ending extends Mark {
  readonly how: 'replaced' | 'rolled back' | 'retired';
  /** What served from then on; null after a retirement. */
  readonly next: Version | null;
  readonly login: string;
  readonly reason: string;
}

/** One stretch of service, with all that led to it and all that ended it. */
export interface Service {
  readonly channel: Channel;
  readonly version: Version;
  readonly from: Mark;
  /** Null while it serves. */
  readonly ended: Ending | null;
  /** How it came to serve. */
  readonly by: 'promotion' | 'rollback';
  readonly login: string;
  readonly automatic: boolean;
  readonly waived: readonly string[];
  readonly reason: string;
  /** The last verdict and the last metrics when it came to serve; null and none where there were none. */
  readonly verdict: VerdictState | null;
  readonly metrics: readonly Metric[];
}

/** A candidate that the gates did not let pass. */
export interface Stopped extends Mark {
  readonly version: Version;
  readonly answer: Exclude<Answer, 'pass'>;
  readonly against: Version | null;
  /** The gate that stopped it and what it said. */
  readonly reason: string;
}

export interface ServiceRecord {
  readonly model: ModelName;
  /** In the order in which they began. */
  readonly services: readonly Service[];
  readonly stopped: readonly Stopped[];
}

interface Known {
  readonly services: Service[];
  readonly stopped: Stopped[];
  readonly serving: Map<Channel, number>;
  readonly verdicts: Map<Version, VerdictState>;
  readonly metrics: Map<Version, readonly Metric[]>;
}

/** @param entries  the log from its beginning, or the beginning of it */
export function servicesOf(entries: readonly Entry[], model: ModelName): ServiceRecord {
  const known: Known = {
    services: [],
    stopped: [],
    serving: new Map(),
    verdicts: new Map(),
    metrics: new Map(),
  };
  for (const entry of entries) if (entry.envelope.subject === model) take(known, entry);
  return { model, services: known.services, stopped: known.stopped };
}

/** The services that were going on right after that position, in the order of the channels. */
export function servingAt({ services }: ServiceRecord, seq: number): readonly Service[] {
  const then = services.filter(({ from, ended }) => from.seq <= seq && (ended === null || ended.seq > seq));
  return CHANNELS.flatMap((channel) => then.filter((service) => service.channel === channel));
}

function take(known: Known, { seq, event }: Entry): void {
  switch (event?.type) {
    case 'evaluation.recorded':
      known.metrics.set(event.body.version, event.body.metrics);
      return;
    case 'verdict.given':
      judge(known, seq, event);
      return;
    case 'model.promoted':
      promote(known, seq, event);
      return;
    case 'model.rolled-back':
      rollBack(known, seq, event);
      return;
    case 'model.retired':
      retire(known, seq, event);
      return;
    default:
  }
}

function judge(known: Known, seq: number, { at, body }: EventOf<'verdict.given'>): void {
  const { version, run, against, answer, gates } = body;
  known.verdicts.set(version, { run, against, answer, gates });
  if (answer === 'pass') return;
  const decisive = gates.find((gate) => gate.answer === answer);
  const reason = decisive === undefined ? '' : `${decisive.gate}: ${decisive.reason}`;
  known.stopped.push({ seq, at, version, answer, against, reason });
}

function promote(known: Known, seq: number, event: EventOf<'model.promoted'>): void {
  const { at, by, body } = event;
  const { version, channel, automatic, waived, reason } = body;
  end(known, channel, { how: 'replaced', seq, at, next: version, login: by.login, reason });
  begin(
    known,
    { seq, at },
    { channel, version, by: 'promotion', login: by.login, automatic, waived, reason },
  );
}

function rollBack(known: Known, seq: number, event: EventOf<'model.rolled-back'>): void {
  const { at, by, body } = event;
  const { channel, to: version, automatic, reason } = body;
  end(known, channel, { how: 'rolled back', seq, at, next: version, login: by.login, reason });
  const begun = { channel, version, by: 'rollback', login: by.login, automatic, waived: [], reason } as const;
  begin(known, { seq, at }, begun);
}

function retire(known: Known, seq: number, { at, by, body }: EventOf<'model.retired'>): void {
  const ending = { how: 'retired', seq, at, next: null, login: by.login, reason: body.reason } as const;
  for (const channel of CHANNELS) end(known, channel, ending);
}

type Begun = Omit<Service, 'from' | 'ended' | 'verdict' | 'metrics'>;

function begin({ services, serving, verdicts, metrics }: Known, from: Mark, begun: Begun): void {
  serving.set(begun.channel, services.length);
  const verdict = verdicts.get(begun.version) ?? null;
  services.push({ ...begun, from, ended: null, verdict, metrics: metrics.get(begun.version) ?? [] });
}

function end({ services, serving }: Known, channel: Channel, ended: Ending): void {
  const index = serving.get(channel);
  const service = index === undefined ? undefined : services[index];
  if (index === undefined || service === undefined) return;
  services[index] = { ...service, ended };
  serving.delete(channel);
}
