/** How the tags of a repository differ from those that its log asks for. */
import { CHANNELS, Version } from '../schema/model.ts';
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
  readonly models: ReadonlySet<string>;
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
  const stages = stagesOf(plan);
  const extra = [...found.values()].filter(
    ({ name, annotated }) => annotated && !planned.has(name) && isOurs(name, models, stages),
  );
  return { missing, moved, extra };
}

/** Channels, and what GTO's own tags call them. */
function stagesOf({ tags }: GtoPlan): ReadonlySet<string> {
  const named = tags.flatMap(({ name }) => {
    const tag = parseGtoTag(name);
    return tag?.kind === 'assign' ? [tag.stage] : [];
  });
  return new Set([...CHANNELS, ...named]);
}

/** Whether the log would have a say in it: stages and versions of a kind that it cannot hold are none of its business. */
function isOurs(name: string, models: ReadonlySet<string>, stages: ReadonlySet<string>): boolean {
  const tag = parseGtoTag(name);
  if (tag === null || !models.has(tag.artifact)) return false;
  if ('stage' in tag) return stages.has(tag.stage);
  return tag.kind === 'deprecate' || Version.safeParse(tag.version).success;
}

function isAsPlanned(tag: PlannedTag, found: FoundTag, oidOf: Comparison['oidOf']): boolean {
  if (tag.imported) return found.annotated && found.target === tag.target;
  return found.oid === oidOf(tag);
}
