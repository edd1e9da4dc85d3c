/** Why an event makes no sense after a state: a version told twice, or judged before it is there. */
import type { EventOf, RegistryEvent } from '../schema/event.ts';
import { compareVersions, type Version } from '../schema/model.ts';
import type { RegistryState, VersionState } from '../schema/state.ts';
import { answerOf } from '../schema/verdict.ts';
import { lastVersion } from './query.ts';

/** @returns null for whatever makes sense */
export function incoherence(state: RegistryState, event: RegistryEvent): string | null {
  switch (event.type) {
    case 'model.registered':
      return numberFlaw(state, event);
    case 'evaluation.recorded': {
      const known = versionFor(state, event);
      if (known === undefined) {
        return `it scores ${event.subject}@${event.body.version}, which nobody registered`;
      }
      return known.evaluation === null
        ? null
        : `${event.subject}@${event.body.version} has been scored already`;
    }
    case 'verdict.given':
      return verdictFlaw(state, event);
    case 'model.imported':
      return tagFlaw(state, event);
    default:
      return null;
  }
}

/** Numbers have nine digits at most: whoever takes the last of them leaves a model without a next version for ever. */
const MAJOR_MAX = 99_999_999;

function roomFlaw(version: Version): string | null {
  return Number(version.split('.')[0]) <= MAJOR_MAX ? null : `after ${version} there is no room for others`;
}

/** What was approved, judged or served under a number stays what it was. */
function numberFlaw(state: RegistryState, { subject, body }: EventOf<'model.registered'>): string | null {
  const last = lastVersion(state.models.get(subject))?.version;
  if (last === undefined || compareVersions(body.version, last) > 0) return roomFlaw(body.version);
  return `it registers ${subject}@${body.version} after ${last}`;
}

function verdictFlaw(state: RegistryState, event: EventOf<'verdict.given'>): string | null {
  const { subject, body } = event;
  const known = versionFor(state, event);
  if (known === undefined) return `it judges ${subject}@${body.version}, which nobody registered`;
  if (known.verdict !== null) return `${subject}@${body.version} has been judged already`;
  const alpha = body.gates.find((gate) => Number(gate.alpha ?? 0) < 0 || Number(gate.alpha ?? 0) > 1)?.alpha;
  if (alpha !== undefined) return `it was judged at ${alpha}, which is no chance`;
  return body.answer === answerOf(body.gates) ? null : `it says ${body.answer} where its gates do not`;
}

/** A tag neither tells of a version again nor passes the gates that one was judged by here. */
function tagFlaw(
  { models }: RegistryState,
  { subject, body: { deed } }: EventOf<'model.imported'>,
): string | null {
  if (deed.kind === 'deprecated') return null;
  const known = models.get(subject)?.versions.find(({ version }) => version === deed.version);
  if (deed.kind === 'registered') {
    return known === undefined ? roomFlaw(deed.version) : `${subject}@${deed.version} is there already`;
  }
  if (deed.version !== null && known === undefined) return `nobody registered ${subject}@${deed.version}`;
  const open = known?.verdict?.gates.find(({ answer }) => answer !== 'pass');
  return open === undefined ? null : `the gate ${open.gate} did not pass`;
}

function versionFor(
  { models }: RegistryState,
  { subject, body }: EventOf<'evaluation.recorded' | 'verdict.given'>,
): VersionState | undefined {
  return models.get(subject)?.versions.find(({ version }) => version === body.version);
}
