/** What a commit on the log is called: the most telling event first, the others below in their order. */
import type { EventType, RegistryEvent } from '../schema/event.ts';

/** The subject line goes to the type that stands first here. */
const MOST_TELLING: readonly EventType[] = [
  'registry.created',
  'switch.thrown',
  'switch.released',
  'channel.frozen',
  'channel.thawed',
  'policy.changed',
  'model.rolled-back',
  'model.promoted',
  'model.retired',
  'module.attested',
  'activation.tried',
  'promotion.refused',
  'approval.given',
  'promotion.asked',
  'hold.placed',
  'hold.lifted',
  'parcel.refused',
  'artifact.forgotten',
  'model.imported',
  'verdict.given',
  'model.registered',
  'evaluation.recorded',
  'run.finished',
  'run.started',
  'lease.ended',
  'lease.taken',
  'optimisation.recorded',
  'snapshot.sealed',
  'epoch.begun',
];

/** Every reader reads the newest commit, so its message does not grow with what was appended. */
const LINES_MAX = 100;

/** @param events  at least one */
export function messageFor(events: readonly RegistryEvent[]): string {
  const rank = ({ type }: RegistryEvent): number => MOST_TELLING.indexOf(type);
  const [first, ...later] = events;
  if (first === undefined) throw new TypeError('a commit has at least one event');
  const subject = later.reduce((best, event) => (rank(event) < rank(best) ? event : best), first);
  const others = events.filter((event) => event !== subject);
  const untold = Math.max(0, others.length - LINES_MAX);
  const rest = others.slice(0, LINES_MAX).map(lineFor);
  if (untold > 0) rest.push(`and ${untold} more`);
  return rest.length === 0 ? `${lineFor(subject)}\n` : `${lineFor(subject)}\n\n${rest.join('\n')}\n`;
}

/** One line whatever the words hold, and short: logins and tags are as others wrote them. */
function lineFor(event: RegistryEvent): string {
  return `${event.type} ${toldBy(event)}`.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200);
}

function toldBy(event: RegistryEvent): string {
  switch (event.type) {
    case 'registry.created':
      return event.body.origin;
    case 'run.started':
      return `${event.subject} ${event.body.run}`;
    case 'run.finished':
      return `${event.subject} ${event.body.run} ${event.body.outcome.kind}`;
    case 'lease.taken':
      return `${event.subject} ${event.body.run} ${event.body.step} ${event.body.holder}`;
    case 'lease.ended':
      return `${event.subject} ${event.body.run} ${event.body.step} ${event.body.end.kind}`;
    case 'model.registered':
    case 'evaluation.recorded':
      return `${event.subject}@${event.body.version}`;
    case 'verdict.given':
      return `${event.subject}@${event.body.version} ${event.body.answer}`;
    case 'model.promoted':
      return `${event.subject}@${event.body.version} -> ${event.body.channel}`;
    case 'model.rolled-back':
      return `${event.subject}@${event.body.from} -> ${event.body.to} in ${event.body.channel}`;
    case 'model.retired':
    case 'hold.placed':
    case 'hold.lifted':
      return event.subject;
    case 'channel.frozen':
    case 'channel.thawed':
      return event.body.channel;
    case 'promotion.asked':
    case 'promotion.refused':
    case 'approval.given':
      return `${event.subject}@${event.body.version} -> ${event.body.channel} by ${event.by.login}`;
    case 'policy.changed':
      return `version ${event.body.policy.version}`;
    case 'module.attested':
      return event.body.attestation.module;
    case 'activation.tried':
      return `${event.body.module} ${event.body.allowed ? 'allowed' : 'refused'}`;
    case 'parcel.refused':
      return event.body.parcel.slice(0, 19);
    case 'artifact.forgotten':
      return `${event.body.kind} ${event.body.removed.slice(0, 19)}, rows ${event.body.rows}`;
    case 'epoch.begun':
      return `${event.body.epoch} after ${event.body.size} events`;
    case 'optimisation.recorded':
      return `${event.body.found.verdict.answer} among ${event.body.found.rows.length}`;
    case 'snapshot.sealed':
      return `of ${event.body.size} events`;
    case 'switch.thrown':
    case 'switch.released':
      return event.by.login;
    case 'model.imported':
      return `${event.subject} ${event.body.source} ${event.body.tag}`;
  }
}
