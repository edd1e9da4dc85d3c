/** What an entry of the log says, in one line: what happened, to which model, and what changed from what to what. */
import type { Entry } from '../schema/entry.ts';
import type { EventOf, ModelEvent, RegistryEvent } from '../schema/event.ts';
import type { Version } from '../schema/model.ts';
import { clauseOf, counted, durationText, minuteText, plain, shareText } from './words.ts';

export interface EventWords {
  readonly what: string;
  /** `1.8.0 -> 1.9.0`; null where nothing that serves was changed. */
  readonly change: string | null;
}

export function eventWords({ event, envelope }: Entry): EventWords {
  if (event === null) return { what: `${plain(envelope.type)}, which a newer Fettle wrote`, change: null };
  return { what: plain(whatOf(event)), change: changeOf(event) };
}

function whatOf(event: RegistryEvent): string {
  switch (event.type) {
    case 'registry.created':
      return `registry begun as ${event.body.origin}`;
    case 'run.started':
      return `${event.body.run} started: ${event.body.recipe}, ${counted(event.body.steps.length, 'step')}`;
    case 'run.finished':
      return finishedWords(event);
    case 'lease.taken':
    case 'lease.ended':
      return leaseWords(event);
    case 'model.registered':
      return `${event.body.version} registered: ${counted(event.body.lineage.dataRows, 'row')}, seed ${event.body.lineage.seed}`;
    case 'evaluation.recorded':
      return evaluationWords(event);
    case 'verdict.given':
      return verdictWords(event);
    case 'model.promoted':
      return promotedWords(event);
    case 'model.rolled-back':
      return `${event.body.from} taken back from ${event.body.channel}: ${clauseOf(event.body.reason)}`;
    case 'model.retired':
      return `retired: ${clauseOf(event.body.reason)}`;
    case 'model.imported':
      return `${event.body.tag} taken in from ${event.body.source}, tagged by ${event.body.by}`;
    case 'promotion.asked':
      return `${event.body.version} asked for in ${event.body.channel}: ${clauseOf(event.body.reason)}`;
    case 'promotion.refused':
      return `${event.body.version} refused for ${event.body.channel}: ${clauseOf(event.body.reason)}`;
    case 'hold.placed':
      return `held, the gates promote nothing: ${clauseOf(event.body.reason)}`;
    case 'hold.lifted':
      return `hold lifted: ${clauseOf(event.body.reason)}`;
    case 'approval.given':
      return `${event.body.version} approved for ${event.body.channel} until ${event.body.expires.slice(0, 10)}`;
    default:
      return trustWords(event);
  }
}

type TrustEvent = Exclude<RegistryEvent, ModelEvent | EventOf<'registry.created'>>;

function trustWords(event: TrustEvent): string {
  switch (event.type) {
    case 'policy.changed':
      return `policy ${event.body.policy.version} in force until ${event.body.policy.expires.slice(0, 10)}`;
    case 'module.attested':
      return `${event.body.attestation.module} attested by ${counted(event.body.signatures.length, 'signature')}`;
    case 'activation.tried': {
      const { module, allowed, reason } = event.body;
      return `${module} ${allowed ? 'let act' : 'kept inert'}: ${clauseOf(reason)}`;
    }
    case 'switch.thrown':
      return `everything stopped: ${clauseOf(event.body.reason)}`;
    case 'switch.released':
      return `stop ended: ${clauseOf(event.body.reason)}`;
    case 'channel.frozen':
      return `${event.body.channel} frozen: ${clauseOf(event.body.reason)}`;
    case 'channel.thawed':
      return `${event.body.channel} thawed: ${clauseOf(event.body.reason)}`;
    case 'optimisation.recorded':
      return optimisationWords(event);
    case 'epoch.begun':
      return `epoch ${event.body.epoch} begun: ${counted(event.body.size, 'event')} before it left the tree`;
    case 'snapshot.sealed':
      return `${counted(event.body.size, 'event')} sealed: ${event.body.state.slice(7, 19)}`;
    case 'artifact.forgotten':
      return `${counted(event.body.rows, 'row')} forgotten from ${event.body.kind} ${event.body.removed.slice(7, 19)}`;
    case 'parcel.refused':
      return `parcel ${event.body.parcel.slice(7, 19)} refused: ${clauseOf(event.body.reason)}`;
  }
}

function optimisationWords({ body: { found } }: EventOf<'optimisation.recorded'>): string {
  const { rows, problems, verdict } = found;
  const what = `${counted(rows.length, 'solver')} compared on ${counted(problems.length, 'problem')}`;
  return `${what}: ${verdict.answer}: ${clauseOf(verdict.reason)}`;
}

function finishedWords({ body: { run, outcome, steps } }: EventOf<'run.finished'>): string {
  if (outcome.kind === 'completed') {
    return `${run} finished in ${durationText(steps.reduce((sum, { tookMs }) => sum + tookMs, 0))}`;
  }
  return `${run} failed${outcome.step === null ? '' : ` at ${outcome.step}`}: ${outcome.says}`;
}

function leaseWords(event: EventOf<'lease.taken'> | EventOf<'lease.ended'>): string {
  const { run, step, attempt } = event.body;
  const which = `${step} of ${run}${attempt === 1 ? '' : `, attempt ${attempt}`}`;
  if (event.type === 'lease.taken') {
    const { beat, holder, until } = event.body;
    return `${which} ${beat === 0 ? 'taken on' : 'still held'} by ${holder} until ${minuteText(until)}`;
  }
  const { end, heldMs } = event.body;
  if (end.kind === 'performed') return `${which} performed elsewhere in ${durationText(heldMs)}`;
  return end.kind === 'failed' ? `${which} failed: ${clauseOf(end.says)}` : `${which} ${end.kind}`;
}

function evaluationWords({ body: { version, metrics } }: EventOf<'evaluation.recorded'>): string {
  const metric = metrics.find(({ interval }) => interval !== null) ?? metrics[0];
  if (metric === undefined) return `${version} scored`;
  const value = metric.unit === 'ratio' ? shareText(metric) : metric.value;
  return `${version} scored: ${metric.name} ${value} on ${counted(metric.n, 'item')}`;
}

function verdictWords({ body: { version, against, answer, gates } }: EventOf<'verdict.given'>): string {
  const passed = `${gates.filter((gate) => gate.answer === 'pass').length} of ${counted(gates.length, 'gate')}`;
  const versus = against === null ? '' : ` against ${against}`;
  const stopped = gates.find((gate) => gate.answer !== 'pass' && gate.answer === answer);
  if (stopped === undefined) return `${version} judged${versus}: ${answer}, ${passed}`;
  const word = answer === 'fail' ? 'refused' : 'held';
  return `${version} judged${versus}: ${word} by ${stopped.gate}: ${clauseOf(stopped.reason)}`;
}

function promotedWords({ body }: EventOf<'model.promoted'>): string {
  const { version, channel, automatic, waived, reason } = body;
  const how = automatic ? '' : ' by hand';
  const overruled = waived.length === 0 ? '' : `, waiving ${waived.join(', ')}`;
  return `${version} promoted to ${channel}${how}${overruled}: ${clauseOf(reason)}`;
}

function changeOf(event: RegistryEvent): string | null {
  switch (event.type) {
    case 'model.promoted':
      return arrow(event.body.replaces, event.body.version);
    case 'model.rolled-back':
      return arrow(event.body.from, event.body.to);
    case 'model.retired':
      return 'all -> nothing';
    default:
      return null;
  }
}

function arrow(from: Version | null, to: Version): string {
  return `${from ?? 'nothing'} -> ${to}`;
}
