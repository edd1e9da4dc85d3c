/** History -> the files of an MLflow file store: an experiment and a registered model for each model of the registry. */
import { createHash } from 'node:crypto';
import type { Metric } from '../schema/metric.ts';
import type { RunState, VersionState } from '../schema/state.ts';
import type { ExportFile } from './export.ts';
import type { ModelHistory } from './history.ts';

/** MLflow's own numbers. */
const STATUS = { running: 1, finished: 3, failed: 4 } as const;
const SOURCE_IS_LOCAL = 4;
const VALUE_MOST = 6000;

/**
 * @param root  URI of the folder that will hold the files, without a slash at its end; the store names itself in them
 */
export function mlflowFiles(histories: readonly ModelHistory[], root: string): readonly ExportFile[] {
  const trash: ExportFile = { path: '.trash/.keep', text: '' };
  return [
    trash,
    ...histories.flatMap((history) => [...runFiles(history, root), ...modelFiles(history, root)]),
  ];
}

/** MLflow makes a folder of the name; our names hold no dot, so no two become one. */
function mlflowName(model: string): string {
  return model.replaceAll('/', '.');
}

function runFiles(history: ModelHistory, root: string): readonly ExportFile[] {
  const experiment = experimentOf(history.model);
  const first = millisOf(history.runs[0]?.startedAt ?? history.versions[0]?.at);
  const meta = {
    artifact_location: `${root}/${experiment}`,
    creation_time: first,
    experiment_id: experiment,
    last_update_time: first,
    lifecycle_stage: 'active',
    name: mlflowName(history.model),
  };
  const ofVersions = new Set(history.versions.map(({ lineage }) => lineage?.run));
  const runs = [
    ...history.versions.map((version) => ({ version, run: runOf(history, version) })),
    ...history.runs.filter(({ run }) => !ofVersions.has(run)).map((run) => ({ version: null, run })),
  ];
  return [
    yamlFile(`${experiment}/meta.yaml`, meta),
    ...runs.flatMap((one) => oneRun({ ...one, model: history.model, experiment, root })),
  ];
}

interface OneRun {
  readonly model: string;
  readonly version: VersionState | null;
  readonly run: RunState | null;
  readonly experiment: string;
  readonly root: string;
}

function oneRun({ model, version, run, experiment, root }: OneRun): readonly ExportFile[] {
  const id = runIdOf(model, version, run);
  const name = version === null ? (run?.run ?? id) : `${model}@${version.version}`;
  const began = millisOf(run?.startedAt ?? version?.at);
  const over = version !== null || run?.outcome?.kind === 'completed';
  const status = over ? STATUS.finished : run?.outcome?.kind === 'failed' ? STATUS.failed : STATUS.running;
  const end = run?.finishedAt ?? version?.at ?? null;
  const meta = {
    artifact_uri: `${root}/${experiment}/${id}/artifacts`,
    end_time: status === STATUS.running || end === null ? null : millisOf(end),
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: 'active',
    run_id: id,
    run_name: name,
    source_name: '',
    source_type: SOURCE_IS_LOCAL,
    source_version: version?.lineage?.commit ?? '',
    start_time: began,
    status,
    tags: [],
    user_id: version?.by ?? '',
  };
  const at = `${experiment}/${id}`;
  return [
    yamlFile(`${at}/meta.yaml`, meta),
    ...(version?.evaluation?.metrics ?? []).flatMap((metric) => metricFiles(`${at}/metrics`, metric, began)),
    ...valueFiles(`${at}/params`, paramsOf(version, run)),
    ...valueFiles(`${at}/tags`, tagsOf({ model, version, run, name })),
    { path: `${at}/artifacts/.keep`, text: '' },
  ];
}

/** The bounds of an interval are metrics of their own: MLflow has no other place for them that it can sort by. */
function metricFiles(folder: string, { name, value, interval }: Metric, at: number): readonly ExportFile[] {
  const line = (number: string): string => `${at} ${Number(number)} 0\n`;
  const bounds =
    interval === null
      ? []
      : [
          { path: `${folder}/${name}_low`, text: line(interval.low) },
          { path: `${folder}/${name}_high`, text: line(interval.high) },
        ];
  return [{ path: `${folder}/${name}`, text: line(value) }, ...bounds];
}

function paramsOf(version: VersionState | null, run: RunState | null): Readonly<Record<string, string>> {
  const lineage = version?.lineage ?? null;
  if (lineage === null) return run?.asked ?? {};
  return { ...lineage.params, seed: String(lineage.seed), data_rows: String(lineage.dataRows) };
}

interface Tagged {
  readonly model: string;
  readonly version: VersionState | null;
  readonly run: RunState | null;
  readonly name: string;
}

function tagsOf({ model, version, run, name }: Tagged): Readonly<Record<string, string>> {
  const lineage = version?.lineage ?? null;
  const told = {
    'mlflow.runName': name,
    'mlflow.user': version?.by,
    'mlflow.source.git.commit': lineage?.commit ?? version?.imported?.commit,
    'fettle.model': model,
    'fettle.run': run?.run ?? lineage?.run,
    'fettle.recipe': run?.recipe ?? lineage?.recipe,
    'fettle.version': version?.version,
    'fettle.data': lineage?.data,
    'fettle.verdict': version?.verdict?.answer,
    'fettle.fault': run?.outcome?.kind === 'failed' ? run.outcome.says : undefined,
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function modelFiles({ model, versions, now }: ModelHistory, root: string): readonly ExportFile[] {
  const name = mlflowName(model);
  const numbers = new Map(versions.map(({ version }, index) => [version, index + 1]));
  const aliases = Object.entries(now.serving).flatMap(([channel, version]): [string, string][] => {
    const number = numbers.get(version);
    return number === undefined ? [] : [[channel, String(number)]];
  });
  const meta = {
    aliases: Object.fromEntries(aliases),
    creation_timestamp: millisOf(versions[0]?.at),
    description: now.retired === null ? null : `retired: ${now.retired.reason}`,
    last_updated_timestamp: millisOf(versions.at(-1)?.at),
    name,
  };
  return [
    yamlFile(`models/${name}/meta.yaml`, meta),
    ...aliases.map(([alias, number]) => ({ path: `models/${name}/aliases/${alias}`, text: number })),
    ...valueFiles(`models/${name}/tags`, { 'fettle.model': model }),
    ...versions.flatMap((version, index) => versionFiles({ model, version, number: index + 1, root })),
  ];
}

interface OneVersion {
  readonly model: string;
  readonly version: VersionState;
  /** MLflow counts versions from one. */
  readonly number: number;
  readonly root: string;
}

function versionFiles({ model, version, number, root }: OneVersion): readonly ExportFile[] {
  const folder = `models/${mlflowName(model)}/version-${number}`;
  const id = runIdOf(model, version, null);
  const file = version.artifacts['model'];
  const meta = {
    creation_timestamp: millisOf(version.at),
    current_stage: 'None',
    description: null,
    last_updated_timestamp: millisOf(version.at),
    name: mlflowName(model),
    run_id: id,
    run_link: null,
    source: `${root}/${experimentOf(model)}/${id}/artifacts`,
    status: 'READY',
    status_message: null,
    storage_location: null,
    user_id: version.by,
    version: number,
  };
  const tags = {
    'fettle.version': version.version,
    ...(file === undefined ? {} : { 'fettle.digest': file.digest }),
    ...(version.verdict === null ? {} : { 'fettle.verdict': version.verdict.answer }),
    ...(version.rolledBack === null ? {} : { 'fettle.rolled_back': version.rolledBack }),
    ...(version.imported === null ? {} : { 'fettle.imported': version.imported.tag }),
  };
  return [yamlFile(`${folder}/meta.yaml`, meta), ...valueFiles(`${folder}/tags`, tags)];
}

function runOf({ runs }: ModelHistory, { lineage }: VersionState): RunState | null {
  return runs.find(({ run }) => run === lineage?.run) ?? null;
}

/** 32 hex digits, as MLflow names its runs; the same in every export. */
function runIdOf(model: string, version: VersionState | null, run: RunState | null): string {
  const words = version === null ? `run ${model} ${run?.run ?? ''}` : `version ${model} ${version.version}`;
  return createHash('sha256').update(words).digest('hex').slice(0, 32);
}

/** Eighteen digits of the name's hash, as MLflow numbers its experiments. */
function experimentOf(model: string): string {
  const hex = createHash('sha256').update(`experiment ${model}`).digest('hex').slice(0, 16);
  return String((BigInt(`0x${hex}`) % 900_000_000_000_000_000n) + 100_000_000_000_000_000n);
}

function millisOf(at: string | undefined): number {
  return at === undefined ? 0 : Date.parse(at);
}

/** Names become file names: what MLflow would refuse in one is written as `_`. */
function valueFiles(folder: string, values: Readonly<Record<string, string>>): readonly ExportFile[] {
  return Object.entries(values).map(([name, value]) => {
    const plain = name.replaceAll(/[^\w. -]/g, '_').replaceAll('..', '_') || '_';
    return { path: `${folder}/${plain}`, text: value.slice(0, VALUE_MOST) };
  });
}

/** JSON is YAML; each value on a line of its own, as people look for them. */
function yamlFile(path: string, members: Readonly<Record<string, unknown>>): ExportFile {
  const lines = Object.entries(members).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  return { path, text: lines.join('') };
}
