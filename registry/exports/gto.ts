/** Entries -> the annotated tags from which GTO reads the same state: versions, who serves where, what is retired. */
import { eventId, type Entry } from '../schema/entry.ts';
import { isModelEvent, type EventOf, type ModelEvent, type RegistryEvent } from '../schema/event.ts';
import { fitsGto, gtoTag, parseGtoTag, type GtoDeed } from '../schema/gto-tag.ts';
import { compareVersions, type Channel, type ModelName, type Version } from '../schema/model.ts';
import type { Skipped } from './export.ts';

export interface TagDraft {
  readonly name: string;
  /** The commit that it names. */
  readonly target: string;
  readonly tagger: string;
  /** GTO orders by the tagger's whole seconds alone, so no two tags of an artifact share one. */
  readonly seconds: number;
  readonly message: string;
}

export interface PlannedTag extends TagDraft {
  /** Read from GTO's own tag in the first place: only its name and its commit are ours to ask for. */
  readonly imported: boolean;
}

/** What the repository knows of commits. */
export interface Commits {
  /** When the code's commit was made, in seconds; null where it is not here. */
  secondsOf(commit: string): number | null;
  /** The commit of the registry's branch that brought in the position; null where it is not known. */
  introducing(seq: number): string | null;
  /** The commit that a tag of this name points to now; null where there is none. */
  tagged(name: string): string | null;
}

export interface GtoPlan {
  /** In the order of the log. */
  readonly tags: readonly PlannedTag[];
  readonly skipped: readonly Skipped[];
}

/** One artifact, as its tags so far leave it. */
interface Artifact {
  /** Second of the last tag. */
  last: number;
  counter: number;
  retirements: number;
  /** Deprecated by a tag of GTO's own, which leaves every assignment as it was. */
  dormant: boolean;
  readonly commits: Map<Version, string>;
  /** The version that each commit stands for. */
  readonly versions: Map<string, Version>;
  /** Versions that GTO takes for assigned, the greatest last: it lets several hold one stage. */
  readonly stages: Map<Channel, Version[]>;
  /** What GTO calls a channel, where its own tags call it otherwise. */
  readonly names: Map<Channel, string>;
  /** GTO's own tags. */
  readonly adopted: Set<string>;
}

interface Work {
  readonly artifacts: Map<ModelName, Artifact>;
  readonly tags: PlannedTag[];
  readonly skipped: Map<string, Skipped>;
  readonly commits: Commits;
}

/** A function of the log and of which commits are here; the same log gives the same tags, in the same order. */
export function planGtoTags(entries: readonly Entry[], commits: Commits): GtoPlan {
  const work: Work = { artifacts: new Map(), tags: [], skipped: new Map(), commits };
  for (const { seq, event } of entries) {
    if (event === null || !isModelEvent(event)) continue;
    if (fitsGto(event.subject)) planEvent(work, event, seq);
    else {
      skip(work, event.subject, 'GTO has no tag for a name with anything but letters, digits, "-", "_", "/"');
    }
  }
  return { tags: work.tags, skipped: [...work.skipped.values()] };
}

function planEvent(work: Work, event: ModelEvent, seq: number): void {
  const { subject } = event;
  const place = { model: subject, event, seq };
  switch (event.type) {
    case 'model.registered':
      return register(work, place, { version: event.body.version, commit: event.body.lineage.commit });
    case 'model.imported':
      return adopt(work, event);
    case 'model.promoted':
      return assign(work, place, { version: event.body.version, channel: event.body.channel, from: null });
    case 'model.rolled-back':
      return assign(work, place, {
        version: event.body.to,
        channel: event.body.channel,
        from: event.body.from,
      });
    case 'model.retired':
      return deprecate(work, place);
    case 'run.started':
    case 'run.finished':
    case 'lease.taken':
    case 'lease.ended':
    case 'evaluation.recorded':
    case 'verdict.given':
    case 'approval.given':
      return undefined;
  }
}

interface Place {
  readonly model: ModelName;
  readonly event: RegistryEvent;
  readonly seq: number;
}

function register(
  work: Work,
  place: Place,
  { version, commit }: { readonly version: Version; readonly commit: string | null },
): void {
  const artifact = artifactOf(work, place.model);
  const target = targetOf(work, artifact, { ...place, version, commit });
  if (target === null) {
    const why = 'neither its code nor the registry has a commit that no other version of the model holds';
    return skip(work, `${place.model}@${version}`, why);
  }
  // A new version brings the model back here without what served before; to GTO it would serve again.
  if (artifact.dormant) unassignAll(work, place);
  hold(artifact, version, target);
  return push(work, place, { deed: { kind: 'register', version }, target });
}

/**
 * The code's commit if it is here and no other version of the model holds it, for GTO fails at the second; else the
 * registry's own. Clones differ in which commits they have: a tag that is on either of the two stays where it is.
 */
function targetOf(
  { commits }: Work,
  artifact: Artifact,
  { model, version, commit, seq }: Place & { readonly version: Version; readonly commit: string | null },
): string | null {
  const code = commit !== null && (commits.secondsOf(commit) !== null || isTagged()) ? commit : null;
  const choices = [code, commits.introducing(seq)].filter(
    (one) => one !== null && !artifact.versions.has(one),
  );
  const now = commits.tagged(nameOf(model, { kind: 'register', version }, null));
  return choices.find((one) => one === now) ?? choices[0] ?? null;

  function isTagged(): boolean {
    return commits.tagged(nameOf(model, { kind: 'register', version }, null)) === commit;
  }
}

function assign(
  work: Work,
  place: Place,
  ask: { readonly version: Version; readonly channel: Channel; readonly from: Version | null },
): void {
  const { version, channel, from } = ask;
  const artifact = artifactOf(work, place.model);
  const target = artifact.commits.get(version);
  if (target === undefined) return undefined;
  const holders = stageOf(artifact, channel);
  // One stage of GTO may have several versions, of which some of its commands name the newest and some the greatest.
  for (const one of leaving(holders, { version, from })) unassign(work, place, { version: one, channel });
  enter(holders, version);
  return push(work, place, { deed: { kind: 'assign', stage: stageName(artifact, channel) }, target });
}

function unassign(
  work: Work,
  place: Place,
  { version, channel }: { readonly version: Version; readonly channel: Channel },
): void {
  const artifact = artifactOf(work, place.model);
  const target = artifact.commits.get(version);
  if (target === undefined) return;
  push(work, place, { deed: { kind: 'unassign', stage: stageName(artifact, channel) }, target });
}

function unassignAll(work: Work, place: Place): void {
  const artifact = artifactOf(work, place.model);
  artifact.dormant = false;
  for (const [channel, holders] of artifact.stages) {
    for (const version of holders.splice(0)) unassign(work, place, { version, channel });
  }
}

function deprecate(work: Work, place: Place): void {
  const artifact = artifactOf(work, place.model);
  unassignAll(work, place);
  // GTO takes a model for alive again when it sees anything newer, the commits of its versions among that.
  for (const commit of artifact.commits.values()) {
    artifact.last = Math.max(artifact.last, work.commits.secondsOf(commit) ?? 0);
  }
  const target = [...artifact.commits.values()].at(-1) ?? work.commits.introducing(place.seq);
  if (target !== null) push(work, place, { deed: { kind: 'deprecate' }, target });
}

/** GTO's own tag stays as it is; what it did is remembered, so that the tags after it continue its count. */
function adopt(work: Work, event: EventOf<'model.imported'>): void {
  const { tag, commit, taggedAt, by } = event.body;
  const parsed = parseGtoTag(tag);
  if (parsed === null) return;
  const artifact = artifactOf(work, event.subject);
  const seconds = Math.floor(Date.parse(taggedAt) / 1000);
  artifact.last = Math.max(artifact.last, seconds);
  artifact.counter = Math.max(artifact.counter, parsed.counter ?? 0);
  const { deed } = event.body;
  artifact.dormant = false;
  if (deed.kind === 'registered') hold(artifact, deed.version, commit);
  if (deed.kind === 'deprecated') {
    artifact.retirements += 1;
    artifact.dormant = true;
  }
  if (deed.kind === 'serves') {
    if ('stage' in parsed) artifact.names.set(deed.channel, parsed.stage);
    const version = artifact.versions.get(commit);
    const holders = stageOf(artifact, deed.channel);
    if (version !== undefined && parsed.kind === 'assign') enter(holders, version);
    if (version !== undefined && parsed.kind === 'unassign') leave(holders, version);
  }
  // A tag whose word counts again, because a later one brought its model back, is told twice.
  if (artifact.adopted.has(tag)) return;
  artifact.adopted.add(tag);
  work.tags.push({ name: tag, target: commit, tagger: by, seconds, message: `${tag}\n`, imported: true });
}

function push(
  work: Work,
  { model, event, seq }: Place,
  { deed, target }: { readonly deed: GtoDeed; readonly target: string },
): void {
  const artifact = artifactOf(work, model);
  artifact.last = Math.max(Math.floor(Date.parse(event.at) / 1000), artifact.last + 1);
  const name = nameOf(model, deed, counterFor(artifact, deed));
  work.tags.push({
    name,
    target,
    tagger: event.by.login,
    seconds: artifact.last,
    message: `${name}\n\nFettle-Event: ${eventId(event)}\nFettle-Seq: ${seq}\n`,
    imported: false,
  });
}

/** A version is registered once; every other deed may come again, so it is counted as GTO counts. */
function counterFor(artifact: Artifact, { kind }: GtoDeed): number | null {
  if (kind === 'register') return null;
  if (kind === 'deprecate' && artifact.retirements++ === 0) return null;
  return ++artifact.counter;
}

function nameOf(artifact: ModelName, deed: GtoDeed, counter: number | null): string {
  return gtoTag({ ...deed, artifact, counter });
}

function artifactOf({ artifacts }: Work, model: ModelName): Artifact {
  const known = artifacts.get(model);
  if (known !== undefined) return known;
  const none = { last: 0, counter: 0, retirements: 0, dormant: false, adopted: new Set<string>() };
  const fresh = { ...none, commits: new Map(), versions: new Map(), stages: new Map(), names: new Map() };
  artifacts.set(model, fresh);
  return fresh;
}

function hold({ commits, versions }: Artifact, version: Version, commit: string): void {
  commits.set(version, commit);
  versions.set(commit, version);
}

function enter(holders: Version[], version: Version): void {
  const before = holders.findLastIndex((one) => compareVersions(one, version) <= 0);
  if (holders[before] !== version) holders.splice(before + 1, 0, version);
}

/** @returns the version itself when it was there */
function leave(holders: Version[], version: Version): readonly Version[] {
  const at = holders.lastIndexOf(version);
  return at < 0 ? [] : holders.splice(at, 1);
}

/** Those that are greater, and the one that is taken back; they are holders no more. */
function leaving(
  holders: Version[],
  { version, from }: { readonly version: Version; readonly from: Version | null },
): readonly Version[] {
  const kept = holders.findLastIndex((one) => compareVersions(one, version) <= 0);
  const greater = holders.splice(kept + 1);
  return from === null ? greater : [...greater, ...leave(holders, from)];
}

function stageOf({ stages }: Artifact, channel: Channel): Version[] {
  const known = stages.get(channel) ?? [];
  stages.set(channel, known);
  return known;
}

function stageName({ names }: Artifact, channel: Channel): string {
  return names.get(channel) ?? channel;
}

function skip({ skipped }: Work, what: string, why: string): void {
  skipped.set(what, { what, why });
}
