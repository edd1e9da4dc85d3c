/** What a parcel may carry without an author's signature: what tells or holds back, never what decides. */
import type { EventOf, EventType, RegistryEvent } from '../schema/event.ts';
import type { Policy } from '../schema/policy.ts';
import type { RegistryState } from '../schema/state.ts';
import { runOf } from '../state/query.ts';

/** What the repository's settings want beside the policy, which a parcel passes no more than a command does. */
export interface FoldRules {
  /** How many people must agree before a channel serves something new; 0 where nobody has to. */
  peopleFor(
    promotion: Pick<EventOf<'model.promoted'>['body'], 'channel' | 'automatic'> & { readonly model: string },
  ): number;
  /** Whether the minutes of the model are limited, so that who says what a run took decides what may still run. */
  isLimited(model: string): boolean;
}

/**
 * Each is judged again by the state that it will stand on: what was made by its gates, its approvals and the settings;
 * policies and attestations by the signatures in them. The rest only holds something back, or says that a step ran.
 */
const UNSIGNED: readonly EventType[] = [
  'run.started',
  'run.finished',
  'lease.taken',
  'lease.ended',
  'model.registered',
  'evaluation.recorded',
  'verdict.given',
  'model.promoted',
  'model.imported',
  'policy.changed',
  'module.attested',
  'activation.tried',
  'hold.placed',
  'channel.frozen',
  'switch.thrown',
];

/** Whose time is charged to the month of a model. */
const CHARGED: readonly EventType[] = ['run.finished', 'lease.ended'];

/**
 * Anybody who can push can leave a parcel, so what decides or counts by who said it needs a signature that says so.
 *
 * @param rules  null where there are no settings
 * @returns why such an event cannot come by the inbox; null when it can
 */
export function unvouched(
  policy: Policy | null,
  event: RegistryEvent,
  rules: FoldRules | null,
): string | null {
  const { type, by, subject } = event;
  if (type === 'policy.changed' && policy === null) return 'nobody but its author vouches for a first policy';
  if (isSigned(policy)) return null;
  if (!UNSIGNED.includes(type)) {
    return `${type}: nobody vouches that ${by.login} said so, since the policy names no author keys`;
  }
  if (!CHARGED.includes(type) || rules?.isLimited(subject) !== true) return null;
  return `${type}: the minutes of ${subject} are limited, and nobody vouches for what this took, since the policy names no author keys`;
}

/** Whoever signs answers for it: without a signature a run is only what the log can account for. */
export function unaccounted(
  policy: Policy | null,
  { models }: RegistryState,
  event: RegistryEvent,
): string | null {
  if (isSigned(policy) || (event.type !== 'run.started' && event.type !== 'run.finished')) return null;
  const found = runOf(models.get(event.subject), event.body.run);
  if (event.type === 'run.started') {
    const isOver = found === null || found.outcome?.kind === 'failed';
    return isOver ? null : `${event.body.run} has begun already`;
  }
  const { run, steps } = event.body;
  if (found === null || found.finishedAt !== null) return `${run} is not open`;
  const took = steps.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const lasted = Date.parse(event.at) - Date.parse(found.startedAt);
  return took <= lasted + CLOCK_MS ? null : `${run} says it took ${took} ms and lasted ${lasted}`;
}

/** How far a clock may be set while a run goes on. */
const CLOCK_MS = 60_000;

function isSigned(policy: Policy | null): boolean {
  return policy !== null && policy.roles.author.keys.length > 0;
}
