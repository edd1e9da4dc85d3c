/** Where a version comes from and what became of it: a graph of data, runs, versions, verdicts and channels. */
import type { Digest } from '../base/digest.ts';
import { versionUnknown } from '../faults.ts';
import type { Entry } from '../schema/entry.ts';
import type { EventOf } from '../schema/event.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { VerdictState } from '../schema/state.ts';
import { servicesOf, type Mark, type Service } from './services.ts';

export interface DataNode {
  readonly kind: 'data';
  readonly id: string;
  readonly digest: Digest;
  /** Null where it was only scored on. */
  readonly rows: number | null;
}

/** Bytes from outside that a run took in. */
export interface SourceNode {
  readonly kind: 'source';
  readonly id: string;
  readonly name: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface RunNode {
  readonly kind: 'run';
  readonly id: string;
  readonly run: string;
  readonly recipe: string;
  /** Null where the log does not hold its beginning. */
  readonly startedAt: string | null;
  readonly code: string;
  readonly commit: string | null;
  readonly seed: number;
  readonly params: Readonly<Record<string, string>>;
}

export interface VersionNode {
  readonly kind: 'version';
  readonly id: string;
  readonly version: Version;
  /** Null where a parent is named that was never registered before its child. */
  readonly registered: (Mark & { readonly login: string }) | null;
  readonly artifacts: EventOf<'model.registered'>['body']['artifacts'];
  readonly parents: readonly Version[];
  /** False where the depth that was asked for ends before its own making. */
  readonly whole: boolean;
}

export interface VerdictNode extends VerdictState {
  readonly kind: 'verdict';
  readonly id: string;
  readonly version: Version;
  readonly at: string;
  readonly metrics: EventOf<'evaluation.recorded'>['body']['metrics'];
}

export interface ChannelNode {
  readonly kind: 'channel';
  readonly id: string;
  readonly version: Version;
  readonly channel: Channel;
  /** Each time that it served there, oldest first; at least one. */
  readonly services: readonly Service[];
}

export type LineageNode = DataNode | SourceNode | RunNode | VersionNode | VerdictNode | ChannelNode;

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'took in' | 'trained on' | 'made' | 'parent of' | 'scored on' | 'judged' | 'served on';
}

/** Every edge goes from what was first to what came of it, so there is no circle. */
export interface Lineage {
  readonly model: ModelName;
  readonly version: Version;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

interface Asked {
  readonly model: ModelName;
  readonly version: Version;
  /** Generations of parents that are told as fully as the version itself. */
  readonly depth: number;
}

/** @param entries  the log from its beginning. @throws versionUnknown */
export function lineageOf(entries: readonly Entry[], { model, version, depth }: Asked): Lineage {
  const story = storyOf(entries, model);
  if (!story.made.has(version)) {
    throw versionUnknown({ model, version, known: [...story.made.keys()].slice(-5) });
  }
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  const graph: Graph = {
    add: (node) => {
      const known = nodes.get(node.id);
      if (known === undefined || (known.kind === 'data' && known.rows === null)) nodes.set(node.id, node);
    },
    link: (from, to, kind) => void edges.set(`${from}\0${to}\0${kind}`, { from, to, kind }),
  };
  let generation: readonly Version[] = [version];
  const told = new Set<Version>();
  for (let left = depth; generation.length > 0; left--) {
    const now = generation.filter((one) => !told.has(one));
    for (const one of now) told.add(one);
    generation = [...new Set(now.flatMap((one) => tell(graph, story, { version: one, whole: left >= 0 })))];
  }
  return { model, version, nodes: [...nodes.values()], edges: [...edges.values()] };
}

interface Graph {
  readonly add: (node: LineageNode) => void;
  readonly link: (from: string, to: string, kind: LineageEdge['kind']) => void;
}

interface Made extends Mark {
  readonly event: EventOf<'model.registered'>;
}

/** What the log holds of one model, by version and by run. */
interface Story {
  readonly made: ReadonlyMap<Version, Made>;
  readonly started: ReadonlyMap<string, EventOf<'run.started'>>;
  readonly scored: ReadonlyMap<Version, EventOf<'evaluation.recorded'>>;
  readonly judged: ReadonlyMap<Version, EventOf<'verdict.given'>>;
  readonly services: readonly Service[];
}

function storyOf(entries: readonly Entry[], model: ModelName): Story {
  const made = new Map<Version, Made>();
  const started = new Map<string, EventOf<'run.started'>>();
  const scored = new Map<Version, EventOf<'evaluation.recorded'>>();
  const judged = new Map<Version, EventOf<'verdict.given'>>();
  for (const { seq, event } of entries) {
    if (event === null || event.subject !== model) continue;
    if (event.type === 'model.registered' && !made.has(event.body.version)) {
      made.set(event.body.version, { seq, at: event.at, event });
    } else if (event.type === 'run.started') started.set(event.body.run, event);
    else if (event.type === 'evaluation.recorded') scored.set(event.body.version, event);
    else if (event.type === 'verdict.given') judged.set(event.body.version, event);
  }
  return { made, started, scored, judged, services: servicesOf(entries, model).services };
}

interface Telling {
  readonly version: Version;
  readonly whole: boolean;
}

/** @returns the parents, which are to be told next */
function tell(graph: Graph, story: Story, { version, whole }: Telling): readonly Version[] {
  const made = story.made.get(version);
  const id = versionId(version);
  if (made === undefined || !whole) {
    const registered = made === undefined ? null : { seq: made.seq, at: made.at, login: made.event.by.login };
    const known = { artifacts: made?.event.body.artifacts ?? {}, parents: parentsOf(story, version) };
    graph.add({ kind: 'version', id, version, registered, ...known, whole: made === undefined });
    return [];
  }
  const { artifacts, lineage } = made.event.body;
  const parents = parentsOf(story, version);
  const registered = { seq: made.seq, at: made.at, login: made.event.by.login };
  graph.add({ kind: 'version', id, version, registered, artifacts, parents, whole: true });
  tellRun(graph, story, { id, lineage });
  tellVerdict(graph, story, version);
  tellChannels(graph, story, version);
  for (const parent of parents) graph.link(versionId(parent), id, 'parent of');
  return parents;
}

/** A parent that was registered after its child would make a circle: the log does not forbid it, so it is left out. */
function parentsOf({ made }: Story, version: Version): readonly Version[] {
  const child = made.get(version);
  if (child === undefined) return [];
  return [...new Set(child.event.body.lineage.parents)].filter((parent) => {
    const seq = made.get(parent)?.seq;
    return parent !== version && (seq === undefined || seq < child.seq);
  });
}

interface OfVersion {
  readonly id: string;
  readonly lineage: EventOf<'model.registered'>['body']['lineage'];
}

function tellRun(graph: Graph, { started }: Story, { id, lineage }: OfVersion): void {
  const { run, recipe, code, commit, seed, params, data, dataRows: rows } = lineage;
  const begun = started.get(run);
  const runId = `run ${run}`;
  graph.add({ kind: 'data', id: `data ${data}`, digest: data, rows });
  graph.add({
    kind: 'run',
    id: runId,
    run,
    recipe,
    startedAt: begun?.at ?? null,
    code,
    commit,
    seed,
    params,
  });
  for (const { name, digest, sizeBytes } of begun?.body.inputs ?? []) {
    const source = `source ${digest}`;
    graph.add({ kind: 'source', id: source, name, digest, sizeBytes });
    graph.link(source, runId, 'took in');
  }
  graph.link(`data ${data}`, runId, 'trained on');
  graph.link(runId, id, 'made');
}

function tellVerdict(graph: Graph, { scored, judged }: Story, version: Version): void {
  const [evaluation, verdict] = [scored.get(version)?.body, judged.get(version)];
  if (verdict === undefined) return;
  const id = verdictId(version);
  const { run, against, answer, gates } = verdict.body;
  const metrics = evaluation?.metrics ?? [];
  graph.add({ kind: 'verdict', id, version, at: verdict.at, run, against, answer, gates, metrics });
  graph.link(versionId(version), id, 'judged');
  if (evaluation === undefined) return;
  const { holdout } = evaluation;
  graph.add({ kind: 'data', id: `data ${holdout}`, digest: holdout, rows: null });
  graph.link(`data ${holdout}`, id, 'scored on');
}

function tellChannels(graph: Graph, { services, judged }: Story, version: Version): void {
  const mine = services.filter((service) => service.version === version);
  const before = judged.has(version) ? verdictId(version) : versionId(version);
  for (const channel of new Set(mine.map((service) => service.channel))) {
    const id = `channel ${channel} ${version}`;
    const there = mine.filter((service) => service.channel === channel);
    graph.add({ kind: 'channel', id, version, channel, services: there });
    graph.link(before, id, 'served on');
  }
}

export function versionId(version: Version): string {
  return `version ${version}`;
}

function verdictId(version: Version): string {
  return `verdict ${version}`;
}
