/** Entries -> the rows of every table of the SQLite file. */
import type { ArtifactRef } from '../schema/artifact.ts';
import { eventId, type Entry } from '../schema/entry.ts';
import type { RunState, VersionState } from '../schema/state.ts';
import { historyOf, originOf, type ModelHistory } from './history.ts';

export type Cell = string | number | null;
export type Row = readonly Cell[];
/** By table, in the order of the columns; parents before children. */
export type Tables = ReadonlyMap<string, readonly Row[]>;

export function sqliteTables(entries: readonly Entry[]): Tables {
  const histories = historyOf(entries);
  const all = <T>(rows: (history: ModelHistory) => readonly T[]): readonly T[] => histories.flatMap(rows);
  const known = new Set<string>(histories.map(({ model }) => model));
  return new Map<string, readonly Row[]>([
    ['registry', [[originOf(entries), entries.length]]],
    ['models', histories.map(modelRow)],
    ['events', entries.map((entry) => eventRow(entry, known))],
    ['runs', all(({ model, runs }) => runs.map((run) => runRow(model, run)))],
    ['run_inputs', all(({ model, runs }) => runs.flatMap((run) => inputRows(model, run)))],
    ['steps', all(({ model, runs }) => runs.flatMap((run) => stepRows(model, run)))],
    ['artifacts', artifactRows(entries, histories)],
    ['step_outputs', all(({ model, runs }) => runs.flatMap((run) => outputRows(model, run)))],
    ['versions', all(({ model, versions }) => versions.map((version) => versionRow(model, version)))],
    ['params', all(({ model, versions }) => versions.flatMap((version) => paramRows(model, version)))],
    ['version_artifacts', all(({ model, versions }) => versions.flatMap((one) => fileRows(model, one)))],
    ...judgementRows(entries),
    ['tenures', all(tenureRows)],
    ['decisions', all(decisionRows)],
    ['edges', uniqueRows(all(edgeRows))],
  ]);
}

function modelRow({ model, versions, now }: ModelHistory): Row {
  return [model, versions.length, now.data, now.retired?.at ?? null, now.retired?.reason ?? null];
}

function eventRow({ seq, envelope }: Entry, known: ReadonlySet<string>): Row {
  const { type, subject, at, by, src, body } = envelope;
  // A type from a newer Fettle may speak of a model that this one knows nothing else of.
  const model = known.has(subject) ? subject : null;
  return [seq, eventId(envelope), type, model, at, by.login, src.door, JSON.stringify(body)];
}

function runRow(model: string, { run, recipe, startedAt, finishedAt, outcome }: RunState): Row {
  const failed = outcome?.kind === 'failed' ? outcome : null;
  return [
    model,
    run,
    recipe,
    startedAt,
    finishedAt,
    outcome?.kind ?? null,
    failed?.fault ?? null,
    failed?.says ?? null,
  ];
}

function inputRows(model: string, { run, inputs }: RunState): readonly Row[] {
  const last = new Map(inputs.map((input) => [input.name, input]));
  return [...last.values()].map(({ name, digest, sizeBytes }) => [model, run, name, digest, sizeBytes]);
}

function stepRows(model: string, { run, records }: RunState): readonly Row[] {
  return records.map(({ step, stage, digest, tookMs, known }, index) => [
    model,
    run,
    index + 1,
    step,
    stage,
    digest,
    tookMs,
    Number(known),
  ]);
}

function outputRows(model: string, { run, records }: RunState): readonly Row[] {
  return records.flatMap(({ outputs }, index) =>
    Object.entries(outputs).map(([name, { digest }]): Row => [model, run, index + 1, name, digest]),
  );
}

function artifactRows(entries: readonly Entry[], histories: readonly ModelHistory[]): readonly Row[] {
  const refs: readonly ArtifactRef[] = [
    ...histories.flatMap(({ runs }) =>
      runs.flatMap(({ records }) => records.flatMap(({ outputs }) => Object.values(outputs))),
    ),
    ...histories.flatMap(({ versions }) => versions.flatMap(({ artifacts }) => Object.values(artifacts))),
    ...entries.flatMap(({ event }) => (event?.type === 'evaluation.recorded' ? [event.body.outcomes] : [])),
  ];
  const unique = new Map(refs.map((ref) => [ref.digest, ref]));
  return [...unique.values()].map(({ digest, kind, sizeBytes }) => [digest, kind, sizeBytes]);
}

function versionRow(model: string, known: VersionState): Row {
  const { version, seq, at, by, lineage, rolledBack, imported } = known;
  const parts = version.split('.').map(Number);
  const made =
    lineage === null
      ? [null, null, null, null, imported?.commit ?? null, null, null]
      : [
          lineage.run,
          lineage.recipe,
          lineage.data,
          lineage.dataRows,
          lineage.commit,
          lineage.code,
          lineage.seed,
        ];
  return [model, version, ...parts, seq, at, by, ...made, rolledBack, imported?.tag ?? null];
}

function paramRows(model: string, { version, lineage }: VersionState): readonly Row[] {
  return Object.entries(lineage?.params ?? {}).map(([name, value]) => [model, version, name, value]);
}

function fileRows(model: string, { version, artifacts }: VersionState): readonly Row[] {
  return Object.entries(artifacts).map(([name, { digest }]) => [model, version, name, digest]);
}

/** Every evaluation and verdict that was recorded, those that a later one replaced in the state too. */
function judgementRows(entries: readonly Entry[]): readonly [string, readonly Row[]][] {
  const [evaluations, metrics, verdicts, gates]: readonly Row[][] = [[], [], [], []];
  for (const { seq, event } of entries) {
    if (event?.type === 'evaluation.recorded') {
      const { version, run, holdout, outcomes } = event.body;
      evaluations?.push([seq, event.subject, version, run, holdout, outcomes.digest]);
      const last = new Map(event.body.metrics.map((metric) => [metric.name, metric]));
      for (const { name, value, interval, unit, better, n } of last.values()) {
        const bounds = interval === null ? [null, null] : [Number(interval.low), Number(interval.high)];
        metrics?.push([seq, name, Number(value), ...bounds, interval?.method ?? null, unit, better, n]);
      }
    }
    if (event?.type === 'verdict.given') {
      const { version, run, against, answer, keepsData } = event.body;
      verdicts?.push([seq, event.subject, version, run, against, answer, Number(keepsData)]);
      for (const [index, gate] of event.body.gates.entries()) {
        gates?.push([seq, index + 1, gate.gate, gate.answer, gate.reason]);
      }
    }
  }
  return [
    ['evaluations', evaluations ?? []],
    ['metrics', metrics ?? []],
    ['verdicts', verdicts ?? []],
    ['gates', gates ?? []],
  ];
}

function tenureRows({ model, tenures }: ModelHistory): readonly Row[] {
  return tenures.map(({ channel, version, from, until, by }) => [model, channel, version, from, until, by]);
}

function decisionRows({ model, decisions }: ModelHistory): readonly Row[] {
  return decisions.map(({ seq, what, version, before, channel, automatic, waived, reason, at, by }) => [
    seq,
    model,
    what,
    version,
    before,
    channel,
    Number(automatic),
    JSON.stringify(waived),
    reason,
    at,
    by,
  ]);
}

/** What came of what: bytes by digest, versions as `model@version`, runs as `model/run`, code as `git:<commit>`. */
function edgeRows({ model, versions, runs }: ModelHistory): readonly Row[] {
  const ofVersions = versions.flatMap(({ version, artifacts, lineage, imported }): Row[] => {
    const name = `${model}@${version}`;
    const files = Object.values(artifacts).map(({ digest }): Row => [name, digest, 'has file']);
    const commit = lineage?.commit ?? imported?.commit ?? null;
    const code: Row[] = commit === null ? [] : [[`git:${commit}`, name, 'code of']];
    if (lineage === null) return [...files, ...code];
    const parents = lineage.parents.map((parent): Row => [`${model}@${parent}`, name, 'compared with']);
    const made: Row[] = [
      [lineage.data, name, 'trained'],
      [`${model}/${lineage.run}`, name, 'gave'],
    ];
    return [...files, ...code, ...parents, ...made];
  });
  const ofRuns = runs.flatMap(({ run, inputs }) =>
    inputs.map(({ digest }): Row => [digest, `${model}/${run}`, 'read by']),
  );
  return [...ofVersions, ...ofRuns];
}

function uniqueRows(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [row.join('\0'), row])).values()];
}
