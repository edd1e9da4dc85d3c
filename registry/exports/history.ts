/** Entries -> everything that ever was of each model, without the bounds of the stored state; told by the same fold. */
import type { Entry } from '../schema/entry.ts';
import { isModelEvent } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { Decision, ModelState, RunState, Tenure, VersionState } from '../schema/state.ts';
import { EMPTY, evolve } from '../state/fold.ts';

export interface ModelHistory {
  readonly model: ModelName;
  /** In the order of registration, each as the log leaves it. */
  readonly versions: readonly VersionState[];
  readonly tenures: readonly Tenure[];
  readonly decisions: readonly Decision[];
  readonly runs: readonly RunState[];
  /** What is now. */
  readonly now: ModelState;
}

interface Gathered {
  readonly versions: Map<string, VersionState>;
  readonly tenures: Map<string, Tenure>;
  readonly decisions: Map<number, Decision>;
  readonly runs: Map<string, RunState>;
}

/** The state after each event shows what the event changed; together these are what the state has let go of since. */
export function historyOf(entries: readonly Entry[]): readonly ModelHistory[] {
  const gathered = new Map<ModelName, Gathered>();
  let state = EMPTY;
  for (const entry of entries) {
    state = evolve(state, entry);
    const { event } = entry;
    if (event === null || !isModelEvent(event)) continue;
    const known = state.models.get(event.subject);
    if (known !== undefined) gather(gathered, known);
  }
  return [...state.models.values()].map((now) => {
    const all = gathered.get(now.model);
    return {
      model: now.model,
      versions: [...(all?.versions.values() ?? [])],
      tenures: [...(all?.tenures.values() ?? [])],
      decisions: [...(all?.decisions.values() ?? [])],
      runs: [...(all?.runs.values() ?? [])],
      now,
    };
  });
}

function gather(gathered: Map<ModelName, Gathered>, known: ModelState): void {
  const none = { versions: new Map(), tenures: new Map(), decisions: new Map(), runs: new Map() };
  const all: Gathered = gathered.get(known.model) ?? none;
  gathered.set(known.model, all);
  for (const version of known.versions) all.versions.set(version.version, version);
  for (const tenure of known.tenures) {
    all.tenures.set(`${tenure.channel} ${tenure.version} ${tenure.from}`, tenure);
  }
  for (const decision of known.decisions) all.decisions.set(decision.seq, decision);
  for (const run of known.runs) all.runs.set(run.run, run);
}

/** Where the registry says that it is, for names that must be unique in the world. */
export function originOf(entries: readonly Entry[]): string {
  const first = entries[0]?.event;
  return first?.type === 'registry.created' ? first.body.origin : 'unknown';
}
