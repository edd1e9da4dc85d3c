/** Entries -> what the log tells of artifacts: what they are, whose they are, and what took the place of which. */
import type { Digest } from '../base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../schema/artifact.ts';
import type { Entry } from '../schema/entry.ts';
import type { RegistryEvent } from '../schema/event.ts';
import type { ModelName, Version } from '../schema/model.ts';

export interface ArtifactHistory {
  readonly kinds: ReadonlyMap<Digest, ArtifactKind>;
  /** The models that were made from it, or that made it. */
  readonly makers: ReadonlyMap<Digest, ReadonlySet<ModelName>>;
  /** What took the place of what was forgotten; null for nothing. */
  readonly gone: ReadonlyMap<Digest, Digest | null>;
  /** Every version that was ever trained here, with its dataset. */
  readonly trained: readonly {
    readonly model: ModelName;
    readonly version: Version;
    readonly data: Digest;
  }[];
}

export function artifactHistoryOf(entries: readonly Entry[]): ArtifactHistory {
  const kinds = new Map<Digest, ArtifactKind>();
  const makers = new Map<Digest, Set<ModelName>>();
  const gone = new Map<Digest, Digest | null>();
  const trained: ArtifactHistory['trained'][number][] = [];
  const makersOf = (digest: Digest): Set<ModelName> => {
    const known = makers.get(digest) ?? new Set<ModelName>();
    makers.set(digest, known);
    return known;
  };
  for (const { event } of entries) {
    if (event === null) continue;
    for (const { model, kind, digest } of namedBy(event)) {
      kinds.set(digest, kind);
      makersOf(digest).add(model);
    }
    if (event.type === 'model.registered') {
      trained.push({ model: event.subject, version: event.body.version, data: event.body.lineage.data });
    }
    if (event.type !== 'artifact.forgotten') continue;
    const { kind, removed, replacement } = event.body;
    gone.set(removed, replacement);
    if (replacement === null) continue;
    kinds.set(replacement, kind);
    for (const model of makersOf(removed)) makersOf(replacement).add(model);
  }
  return { kinds, makers, gone, trained };
}

type Named = Pick<ArtifactRef, 'kind' | 'digest'> & { readonly model: ModelName };

function namedBy(event: RegistryEvent): readonly Named[] {
  switch (event.type) {
    case 'run.started':
      return event.body.inputs.map(({ digest }) => ({ model: event.subject, kind: 'source', digest }));
    case 'run.finished':
      return event.body.steps.flatMap(({ outputs }) => named(event.subject, Object.values(outputs)));
    case 'lease.ended':
      return event.body.end.kind === 'performed'
        ? named(event.subject, Object.values(event.body.end.record.outputs))
        : [];
    case 'model.registered':
      return [
        ...named(event.subject, Object.values(event.body.artifacts)),
        { model: event.subject, kind: 'dataset', digest: event.body.lineage.data },
      ];
    case 'evaluation.recorded':
      return named(event.subject, [event.body.outcomes]);
    case 'model.rolled-back':
      return named(event.subject, event.body.evidence === null ? [] : [event.body.evidence.outcomes]);
    default:
      return [];
  }
}

function named(model: ModelName, refs: readonly ArtifactRef[]): readonly Named[] {
  return refs.map(({ kind, digest }) => ({ model, kind, digest }));
}

/** The end of the chain of replacements; null when nothing is left. */
export function lastLeft(gone: ArtifactHistory['gone'], digest: Digest): Digest | null {
  let last: Digest | null = digest;
  for (const seen = new Set<Digest>(); last !== null && gone.has(last) && !seen.has(last);) {
    seen.add(last);
    last = gone.get(last) ?? null;
  }
  return last;
}
