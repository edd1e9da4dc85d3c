/** Tags that GTO made become part of the log: versions, and who serves where. What has no counterpart is named. */
import type { Deed, ImportedDeed } from '../schema/event.ts';
import { parseGtoTag, type GtoTagName } from '../schema/gto-tag.ts';
import { ModelName, Version, type Channel } from '../schema/model.ts';
import type { RegistryState, VersionState } from '../schema/state.ts';
import { tagFlaw } from '../state/objection.ts';

/** An annotated tag; GTO overlooks the others. */
export interface GtoTag {
  readonly name: string;
  readonly commit: string;
  readonly seconds: number;
  readonly tagger: string;
}

export interface ImportAsk {
  readonly tags: readonly GtoTag[];
  /** Tags that the log stands for already: imported before, or made from it. */
  readonly known: ReadonlySet<string>;
  /** Which stage of GTO is which channel here. */
  readonly channels: ReadonlyMap<string, Channel>;
}

export interface Unread {
  readonly tag: string;
  readonly why: string;
}

export interface Import {
  readonly deeds: readonly Deed[];
  readonly unread: readonly Unread[];
}

interface ParsedTag extends GtoTag {
  readonly deed: GtoTagName;
  /** When it takes effect: GTO lets an assignment stand before the registration that it needs. */
  readonly effective: number;
}

interface Work {
  readonly ask: ImportAsk;
  readonly model: ModelName;
  readonly state: RegistryState;
  readonly deeds: Deed[];
  readonly unread: Unread[];
  readonly versions: Map<string, Version>;
  /** By channel, the versions that are assigned to it, each with the tag that did it last. */
  readonly holders: Map<Channel, Map<Version, ParsedTag>>;
  /** Deprecated, and nothing came after: to GTO any later tag brings it back, with all that was assigned. */
  dormant: boolean;
}

/** Every tag becomes one event, in the order in which GTO lets them take effect; those known already become none. */
export function readImport(state: RegistryState, ask: ImportAsk): Import {
  const deeds: Deed[] = [];
  const unread: Unread[] = [];
  const parsed = ask.tags.flatMap((tag) => {
    const deed = parseGtoTag(tag.name);
    return deed === null ? [] : [{ ...tag, deed, effective: tag.seconds }];
  });
  for (const [artifact, tags] of Map.groupBy(parsed, ({ deed }) => deed.artifact)) {
    const model = ModelName.safeParse(artifact);
    if (!model.success) {
      unread.push({
        tag: artifact,
        why: 'a model here has a name of small letters, digits, "-", "_" and "/"',
      });
      continue;
    }
    const versions = new Map<string, Version>();
    const begin = { holders: new Map(), dormant: false };
    const work: Work = { ask, model: model.data, state, deeds, unread, versions, ...begin };
    const gone = deregistered(tags);
    for (const tag of inOrder(tags)) readTag(work, tag, gone);
  }
  return { deeds, unread };
}

/** Versions whose last word is that they are none. */
function deregistered(tags: readonly ParsedTag[]): ReadonlySet<string> {
  const last = new Map<string, string>();
  for (const { deed } of tags.toSorted((a, b) => a.seconds - b.seconds)) {
    if (deed.kind === 'register' || deed.kind === 'deregister') last.set(deed.version, deed.kind);
  }
  return new Set([...last].flatMap(([version, kind]) => (kind === 'deregister' ? [version] : [])));
}

function inOrder(tags: readonly ParsedTag[]): readonly ParsedTag[] {
  const assigned = new Map<string, number>();
  for (const { deed, commit, seconds } of tags) {
    if (deed.kind === 'assign') assigned.set(commit, Math.min(seconds, assigned.get(commit) ?? seconds));
  }
  const rank = ({ deed }: ParsedTag): number => (deed.kind === 'register' ? 0 : 1);
  return tags
    .map((tag) =>
      tag.deed.kind === 'register'
        ? { ...tag, effective: Math.min(tag.seconds, assigned.get(tag.commit) ?? tag.seconds) }
        : tag,
    )
    .toSorted((a, b) => a.effective - b.effective || rank(a) - rank(b));
}

function readTag(work: Work, tag: ParsedTag, gone: ReadonlySet<string>): void {
  const { deed } = tag;
  switch (deed.kind) {
    case 'register':
      return gone.has(deed.version)
        ? skip(work, tag, 'it was taken away again')
        : readVersion(work, tag, deed.version);
    case 'deregister':
      return skip(work, tag, 'a version is never taken out of the log');
    case 'assign':
    case 'unassign':
      return readStage(work, tag, { stage: deed.stage, kind: deed.kind });
    case 'deprecate':
      record(work, tag, { kind: 'deprecated' });
      work.dormant = true;
      return undefined;
  }
}

function readVersion(work: Work, tag: ParsedTag, found: string): void {
  const version = Version.safeParse(found);
  if (!version.success) return skip(work, tag, 'a version here is three numbers, such as 1.4.0');
  const known = work.versions.get(tag.commit);
  if (known !== undefined) return skip(work, tag, `its commit is ${known} of the model already`);
  if (!work.ask.known.has(tag.name) && versionsIn(work).some((one) => one.version === version.data)) {
    return skip(work, tag, 'the registry has another version of this number');
  }
  work.versions.set(tag.commit, version.data);
  return record(work, tag, { kind: 'registered', version: version.data });
}

function readStage(
  work: Work,
  tag: ParsedTag,
  { stage, kind }: { readonly stage: string; readonly kind: 'assign' | 'unassign' },
): void {
  const channel = work.ask.channels.get(stage);
  if (channel === undefined) {
    return skip(work, tag, `no channel is named ${stage}; say which it is with --stage ${stage}=<channel>`);
  }
  const version = work.versions.get(tag.commit);
  if (version === undefined) return skip(work, tag, 'its commit is no version of the model');
  if (!work.ask.known.has(tag.name) && kind === 'assign') {
    const gate = openGate(work, version);
    if (gate !== null) {
      const how = `fettle promote ${work.model}@${version} --to ${channel} --waive ${gate}`;
      return skip(work, tag, `gate ${gate} did not pass; say so with ${how}`);
    }
  }
  const holders = work.holders.get(channel) ?? new Map<Version, ParsedTag>();
  work.holders.set(channel, holders);
  if (kind === 'assign') holders.set(version, tag);
  else holders.delete(version);
  return record(work, tag, { kind: 'serves', channel, version: newestOf(holders) });
}

/** A tag is no way around the gates of a version that was judged here. */
function openGate(work: Work, version: Version): string | null {
  const verdict = versionsIn(work).find((one) => one.version === version)?.verdict;
  return verdict?.gates.find(({ answer }) => answer !== 'pass')?.gate ?? null;
}

function versionsIn({ state, model }: Work): readonly VersionState[] {
  return state.models.get(model)?.versions ?? [];
}

/** Several may hold a stage; `gto show` names the one that was assigned last. */
function newestOf(holders: ReadonlyMap<Version, ParsedTag>): Version | null {
  return lastOf(holders)?.[0] ?? null;
}

function lastOf(holders: ReadonlyMap<Version, ParsedTag>): readonly [Version, ParsedTag] | undefined {
  let last: readonly [Version, ParsedTag] | undefined;
  for (const one of holders) if (last === undefined || one[1].seconds >= last[1].seconds) last = one;
  return last;
}

function record(work: Work, tag: ParsedTag, deed: ImportedDeed): void {
  const { ask, dormant, holders } = work;
  work.dormant = false;
  if (ask.known.has(tag.name)) return;
  push(work, tag, deed);
  if (!dormant) return;
  for (const [channel, all] of holders) {
    const last = lastOf(all);
    if (last !== undefined) push(work, last[1], { kind: 'serves', channel, version: last[0] });
  }
}

/** Nor is it one around approvals and the switch. */
function push(work: Work, tag: ParsedTag, deed: ImportedDeed): void {
  const { model, deeds, state } = work;
  const flaw = deed.kind === 'serves' && deed.version !== null ? tagFlaw(state, deed.channel) : null;
  if (flaw !== null) return skip(work, tag, flaw);
  const { name, commit, seconds, tagger } = tag;
  const taggedAt = new Date(seconds * 1000).toISOString();
  const body = { source: 'gto', tag: name, commit, taggedAt, by: tagger || 'unknown', deed } as const;
  deeds.push({ type: 'model.imported', subject: model, body });
}

function skip({ ask, unread }: Work, { name }: ParsedTag, why: string): void {
  if (!ask.known.has(name)) unread.push({ tag: name, why });
}
