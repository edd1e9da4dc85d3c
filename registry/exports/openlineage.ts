/** Entries -> OpenLineage run events: when which run began and ended, what it read, and which version it gave. */
import { createHash } from 'node:crypto';
import type { Entry } from '../schema/entry.ts';
import type { EventOf, Lineage, Source } from '../schema/event.ts';
import type { ModelName } from '../schema/model.ts';
import type { StepRecord } from '../schema/run.ts';
import { originOf } from './history.ts';

const PRODUCER = 'urn:fettle:export';
const SPEC = 'https://openlineage.io/spec';
const SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

interface Run {
  readonly model: ModelName;
  readonly started: EventOf<'run.started'>;
  finished: EventOf<'run.finished'> | null;
  readonly registered: EventOf<'model.registered'>[];
  readonly evaluated: EventOf<'evaluation.recorded'>[];
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Members = Readonly<Record<string, Json>>;

/** One event a line, in the order in which the runs began. */
export function openLineageOf(entries: readonly Entry[]): string {
  const namespace = `fettle://${originOf(entries)}`;
  return runsOf(entries)
    .flatMap((run) => eventsOf(run, namespace))
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

/** A run that was cut off and begun again is one run, from its first start. */
function runsOf(entries: readonly Entry[]): readonly Run[] {
  const runs = new Map<string, Run>();
  for (const { event } of entries) {
    if (event === null || !('run' in event.body || event.type === 'model.registered')) continue;
    const model = event.subject;
    if (event.type === 'run.started') {
      const key = `${model} ${event.body.run}`;
      const fresh = { model: event.subject, started: event, finished: null, registered: [], evaluated: [] };
      if (!runs.has(key)) runs.set(key, fresh);
    }
    if (event.type === 'run.finished') {
      const run = runs.get(`${model} ${event.body.run}`);
      if (run !== undefined) run.finished = event;
    }
    if (event.type === 'model.registered') {
      runs.get(`${model} ${event.body.lineage.run}`)?.registered.push(event);
    }
    if (event.type === 'evaluation.recorded') runs.get(`${model} ${event.body.run}`)?.evaluated.push(event);
  }
  return [...runs.values()];
}

function eventsOf(run: Run, namespace: string): readonly Members[] {
  const { started, finished } = run;
  const shared = {
    producer: PRODUCER,
    schemaURL: SCHEMA,
    run: { runId: uuidOf(namespace, run), facets: parentFacet(started.src) },
    job: {
      namespace,
      name: `${run.model}.${started.body.recipe}`,
      facets: { ...jobTypeFacet('JOB'), ...codeFacet(run.registered[0]?.body.lineage ?? null) },
    },
    inputs: inputsOf(run, namespace),
  };
  const start = { ...shared, eventType: 'START', eventTime: started.at, outputs: [] };
  if (finished === null) return [start];
  const { outcome } = finished.body;
  const failed =
    outcome.kind === 'failed'
      ? {
          errorMessage: facet('ErrorMessageRunFacet', '1-0-1', {
            message: outcome.says,
            programmingLanguage: 'TypeScript',
          }),
        }
      : {};
  const end = {
    ...shared,
    eventType: outcome.kind === 'failed' ? 'FAIL' : 'COMPLETE',
    eventTime: finished.at,
    run: { ...shared.run, facets: { ...shared.run.facets, ...failed } },
    outputs: outputsOf(run, namespace),
  };
  return [start, ...stepEvents(run, namespace), end];
}

/**
 * Each step that was performed is a run of its own below the recipe's. The log keeps how long a step took and not
 * when: the steps are laid one after the other from the start of the run, as they were performed.
 */
function stepEvents(run: Run, namespace: string): readonly Members[] {
  const { started, finished } = run;
  let at = Date.parse(started.at);
  const last = Math.max(at, Date.parse(finished?.at ?? started.at));
  const name = `${run.model}.${started.body.recipe}`;
  const parent = facet('ParentRunFacet', '1-2-0', {
    run: { runId: uuidOf(namespace, run) },
    job: { namespace, name },
  });
  return (finished?.body.steps ?? [])
    .filter(({ known }) => !known)
    .flatMap((step) => {
      const from = at;
      at = Math.min(last, at + step.tookMs);
      const shared = {
        producer: PRODUCER,
        schemaURL: SCHEMA,
        run: {
          runId: uuid(`${namespace} ${run.model} ${started.body.run} ${step.step}`),
          facets: { parent },
        },
        job: { namespace, name: `${name}.${step.step}`, facets: jobTypeFacet('TASK') },
        inputs: [],
      };
      return [
        { ...shared, eventType: 'START', eventTime: new Date(from).toISOString(), outputs: [] },
        {
          ...shared,
          eventType: 'COMPLETE',
          eventTime: new Date(at).toISOString(),
          outputs: filesOf(step, namespace),
        },
      ];
    });
}

function inputsOf({ started, registered, evaluated }: Run, namespace: string): readonly Members[] {
  const digests = [
    ...started.body.inputs.map(({ digest }) => digest),
    ...registered.map(({ body }) => body.lineage.data),
    ...evaluated.map(({ body }) => body.holdout),
  ];
  return [...new Set(digests)].map((digest) => datasetOf(namespace, digest, digest));
}

function outputsOf({ model, registered }: Run, namespace: string): readonly Members[] {
  return registered.flatMap(({ body }) => [
    datasetOf(namespace, `models/${model}`, body.version),
    ...Object.values(body.artifacts).map(({ digest }) => datasetOf(namespace, digest, digest)),
  ]);
}

function filesOf({ outputs }: StepRecord, namespace: string): readonly Members[] {
  const digests = Object.values(outputs).map(({ digest }) => digest);
  return [...new Set(digests)].map((digest) => datasetOf(namespace, digest, digest));
}

/** Bytes are called by their digest wherever they lie; a model is one dataset of many versions. */
function datasetOf(namespace: string, name: string, version: string): Members {
  return {
    namespace,
    name,
    facets: { version: facet('DatasetVersionDatasetFacet', '1-0-1', { datasetVersion: version }) },
  };
}

function jobTypeFacet(jobType: string): Members {
  const type = { processingType: 'BATCH', integration: 'FETTLE', jobType };
  return { jobType: facet('JobTypeJobFacet', '2-0-4', type) };
}

/** A commit by its persistent identifier, which holds wherever the repository lies. */
function codeFacet(lineage: Lineage | null): Members {
  const commit = lineage?.commit ?? null;
  if (commit === null) return {};
  const where = { type: 'git', url: `swh:1:rev:${commit}`, version: commit };
  return { sourceCodeLocation: facet('SourceCodeLocationJobFacet', '1-1-0', where) };
}

/** The workflow run through whose door it came. */
function parentFacet(source: Source): Members {
  if (source.door !== 'action') return {};
  const { repo_id: repository, run_id: run, attempt, job } = source;
  const parent = {
    run: { runId: uuid(`github-actions ${repository} ${run} ${attempt} ${job}`) },
    job: { namespace: `github-actions://${repository}`, name: job },
  };
  return { parent: facet('ParentRunFacet', '1-2-0', parent) };
}

function facet(name: string, version: string, members: Members): Members {
  return {
    _producer: PRODUCER,
    _schemaURL: `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`,
    ...members,
  };
}

function uuidOf(namespace: string, { model, started }: Run): string {
  return uuid(`${namespace} ${model} ${started.body.run}`);
}

/** A UUID of version 8, RFC 9562: the same words are the same run in every export. */
function uuid(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex').slice(0, 32).split('');
  hex[12] = '8';
  hex[16] = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4] ?? '8';
  const text = hex.join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    '-',
  );
}
