/** How the tags of a repository differ from those that its log asks for. */
import type { ModelName } from '../schema/model.ts';
import { parseGtoTag } from '../schema/gto-tag.ts';
import type { GtoPlan, PlannedTag } from './gto.ts';

export interface FoundTag {
  readonly name: string;
  /** The object that the ref names: of the tag itself, or of the commit where the tag is a lightweight one. */
  readonly oid: string;
  /** The commit at its end; null where it ends in something else. */
  readonly target: string | null;
  /** GTO overlooks lightweight tags. */
  readonly annotated: boolean;
}

export interface Moved {
  readonly tag: PlannedTag;
  readonly found: FoundTag;
}

export interface Drift {
  readonly missing: readonly PlannedTag[];
  /** There under the right name, but not the object that the log asks for. */
  readonly moved: readonly Moved[];
  /** Tags of the registry's models that GTO obeys and the log knows nothing of. */
  readonly extra: readonly FoundTag[];
}

export interface Comparison {
  readonly plan: GtoPlan;
  readonly models: Iterable<ModelName>;
  readonly found: ReadonlyMap<string, FoundTag>;
  /** Name of the tag object that a draft makes. */
  readonly oidOf: (tag: PlannedTag) => string;
}

export function driftOf({ plan, models, found, oidOf }: Comparison): Drift {
  const missing: PlannedTag[] = [];
  const moved: Moved[] = [];
  for (const tag of plan.tags) {
    const there = found.get(tag.name);
    if (there === undefined) missing.push(tag);
    else if (!isAsPlanned(tag, there, oidOf)) moved.push({ tag, found: there });
  }
  const planned = new Set(plan.tags.map(({ name }) => name));
  const ours = new Set<string>(models);
  const extra = [...found.values()].filter(({ name, annotated }) => {
    if (!annotated || planned.has(name)) return false;
    const artifact = parseGtoTag(name)?.artifact;
    return artifact !== undefined && ours.has(artifact);
  });
  return { missing, moved, extra };
}

function isAsPlanned(tag: PlannedTag, found: FoundTag, oidOf: Comparison['oidOf']): boolean {
  if (tag.imported) return found.annotated && found.target === tag.target;
  return found.oid === oidOf(tag);
}
