/** Promotions that wait for people, each with an id that names exactly what there is to be seen of it. */
import { peopleFirst } from '../../pipelines/settings/people.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';
import { digestOfValue, hexOf } from '../../registry/base/digest.ts';
import type { Approved } from '../../registry/schema/event.ts';
import type { Channel, ModelName } from '../../registry/schema/model.ts';
import type { ModelState, PromotionWord, RegistryState } from '../../registry/schema/state.ts';
import { approvable } from '../../registry/state/approvals.ts';
import { lastVersion } from '../../registry/state/query.ts';

const ID_LENGTH = 16;

export interface Proposal {
  /** Changes with the files, the metrics, the policy, what serves, and whatever else decisions rest on. */
  readonly id: string;
  readonly model: ModelName;
  readonly of: Approved;
  /** Who asked for it; null where only the gates passed it. */
  readonly asked: PromotionWord | null;
}

/** Newest first. */
export function proposalsIn(state: RegistryState, settings: Settings): readonly Proposal[] {
  const all = [...state.models.values()].toSorted((a, b) => b.lastSeq - a.lastSeq);
  return all.flatMap((known) => [...askedIn(state, known), ...passedIn(state, known, settings)]);
}

/** @returns null for what is not there, or is not as it was when the id was shown */
export function proposalNamed(proposals: readonly Proposal[], id: string): Proposal | null {
  return proposals.find((one) => one.id === id) ?? null;
}

export function proposalId(model: ModelName, of: Approved): string {
  return hexOf(digestOfValue({ model, ...of })).slice(0, ID_LENGTH);
}

function askedIn(state: RegistryState, known: ModelState): readonly Proposal[] {
  const { model, serving, retired } = known;
  const open = known.asked.filter(({ of }) => serving[of.channel] !== of.version && retired === null);
  return open.flatMap((asked) => {
    const of = approvable(state, { model, version: asked.of.version, channel: asked.of.channel });
    // Whatever changed since is no longer what was asked for.
    return digestOfValue(of) === digestOfValue(asked.of)
      ? [{ id: proposalId(model, of), model, of, asked }]
      : [];
  });
}

/** The newest version where every gate passed it and a person has the last word. */
function passedIn(state: RegistryState, known: ModelState, settings: Settings): readonly Proposal[] {
  const { models } = settings;
  const newest = lastVersion(known);
  const channel: Channel = models[known.model]?.promote ?? 'production';
  if (newest?.verdict?.answer !== 'pass' || newest.rolledBack !== null || known.retired !== null) return [];
  if (known.tenures.some((tenure) => tenure.version === newest.version && tenure.channel === channel)) {
    return [];
  }
  const isWaiting =
    models[known.model]?.promote === null ||
    known.hold !== null ||
    peopleFirst(settings, { model: known.model, channel }) > 0 ||
    state.trust.policy?.policy.approvals[channel] !== undefined;
  const isAsked = known.asked.some(({ of }) => of.version === newest.version && of.channel === channel);
  if (!isWaiting || isAsked) return [];
  const of = approvable(state, { model: known.model, version: newest.version, channel });
  return [{ id: proposalId(known.model, of), model: known.model, of, asked: null }];
}
