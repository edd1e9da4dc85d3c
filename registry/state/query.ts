/** Questions to the state, each answered or refused with what would have been possible. */
import { modelUnknown, versionUnknown } from '../faults.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { ModelState, RegistryState, RunState, TrustState, VersionState } from '../schema/state.ts';
import type { Digest } from '../base/digest.ts';

/** @throws modelUnknown */
export function modelOf(state: RegistryState, model: ModelName): ModelState {
  const known = state.models.get(model);
  if (known !== undefined) return known;
  throw modelUnknown({ model, known: [...state.models.keys()].sort() });
}

/** @throws versionUnknown; versions that left the bounded view are found in the log instead */
export function versionOf(known: ModelState, version: Version): VersionState {
  const found = known.versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  throw versionUnknown({
    model: known.model,
    version,
    known: known.versions.slice(-5).map((one) => one.version),
  });
}

export function servingOf(known: ModelState | undefined, channel: Channel): VersionState | null {
  const version = known?.serving[channel];
  return known?.versions.find((one) => one.version === version) ?? null;
}

/** The version that served the channel last before the present one and was never taken back; null when none. */
export function servedBefore(known: ModelState, channel: Channel): Version | null {
  return trustedBefore(known, channel)[0] ?? null;
}

/** Every version that served the channel before the present one and was never taken back, the last first. */
export function trustedBefore(known: ModelState, channel: Channel): readonly Version[] {
  const now = known.serving[channel];
  const before = known.tenures
    .filter((tenure) => tenure.channel === channel && tenure.version !== now)
    .map(({ version }) => version)
    .reverse();
  return [...new Set(before)].filter((version) => {
    const one = known.versions.find((candidate) => candidate.version === version);
    return one !== undefined && one.rolledBack === null;
  });
}

export interface CoolDown {
  readonly ms: number;
  /** ISO 8601. */
  readonly now: string;
}

/** Until when the channel is left alone after it was last rolled back automatically; null when it is not. */
export function coolsUntil(
  { decisions }: ModelState,
  channel: Channel,
  { ms, now }: CoolDown,
): string | null {
  const last = decisions.findLast(
    (one) => one.what === 'rolled-back' && one.automatic && one.channel === channel,
  );
  if (last === undefined) return null;
  const [since, present] = [Date.parse(last.at), Date.parse(now)];
  // A clock that was set back must not leave it alone for ever.
  return present < since || present >= since + ms ? null : new Date(since + ms).toISOString();
}

export function lastVersion(known: ModelState | undefined): VersionState | null {
  return known?.versions.at(-1) ?? null;
}

export function runOf(known: ModelState | undefined, run: string): RunState | null {
  return known?.runs.find((one) => one.run === run) ?? null;
}

/** Why nothing is promoted into the channel; null when it is open. */
export function frozenIn({ frozen }: TrustState, channel: Channel): TrustState['frozen'][number] | null {
  return frozen.find((known) => known.channel === channel) ?? null;
}

/** What stands in the place of a source or a dataset now; null when nothing of it is left. */
export function leftOf({ forgotten }: TrustState, named: Digest | null): Digest | null {
  // Oldest first, so that what was replaced twice is followed to its end.
  return forgotten.reduce((now, { removed, replacement }) => (removed === now ? replacement : now), named);
}

/** The outcomes that a version was scored by, as far as they are still kept. */
export function outcomesLeft({ evaluation, forgotten }: VersionState): Digest | null {
  return forgotten === null ? (evaluation?.outcomes.digest ?? null) : forgotten.outcomes;
}
