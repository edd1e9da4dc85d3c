/** What it means that rows were forgotten: whoever named the old bytes for training means the new ones from then on. */
import type { Digest } from '../base/digest.ts';
import type { EventOf } from '../schema/event.ts';
import type { ModelState, RegistryState, VersionState } from '../schema/state.ts';
import { evolveTrust } from './fold-trust.ts';

type ForgottenEvent = EventOf<'artifact.forgotten'> & { readonly seq: number };

/** Lineage keeps the old digest, because it says what was; what a version is left with stands beside it. */
export function evolveForgotten(state: RegistryState, event: ForgottenEvent): RegistryState {
  const models = [...state.models].map(([name, known]) => [name, forgottenIn(known, event)] as const);
  return { trust: evolveTrust(state.trust, event), models: new Map(models) };
}

/** @returns the very same state where nothing of the model is concerned */
function forgottenIn(known: ModelState, event: ForgottenEvent): ModelState {
  const { removed, replacement } = event.body;
  const versions = known.versions.map((version) => forgottenOf(version, event));
  const same = versions.every((version, index) => version === known.versions[index]);
  if (same && known.data !== removed) return known;
  return { ...known, versions, data: known.data === removed ? replacement : known.data };
}

function forgottenOf(version: VersionState, { at, body }: ForgottenEvent): VersionState {
  const { lineage, evaluation, forgotten } = version;
  const before = forgotten ?? {
    rows: 0,
    data: lineage?.data ?? null,
    outcomes: evaluation?.outcomes.digest ?? null,
  };
  const mine = [before.data, before.outcomes];
  if (!mine.includes(body.removed)) return version;
  const after = (digest: Digest | null): Digest | null =>
    digest === body.removed ? body.replacement : digest;
  const rows = before.rows + (before.data === body.removed ? body.rows : 0);
  return {
    ...version,
    forgotten: { at, rows, data: after(before.data), outcomes: after(before.outcomes) },
  };
}
