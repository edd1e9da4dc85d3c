import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { exportInTheWay, inputWrong } from '../../action/faults.ts';
import { historyOf } from '../../registry/exports/history.ts';
import { jsonlOf } from '../../registry/exports/jsonl.ts';
import { mlflowFiles } from '../../registry/exports/mlflow.ts';
import { openLineageOf } from '../../registry/exports/openlineage.ts';
import { sqliteTables } from '../../registry/exports/sqlite-rows.ts';
import { writeSqlite } from '../../registry/exports/sqlite-file.ts';
import { eventId } from '../../registry/schema/entry.ts';
import { fettle } from '../action/fettle.ts';
import { eventOf } from '../fixtures/events.ts';
import { threeModels, threeModelsLog } from '../fixtures/histories.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { temporaryFolder } from '../temporary.ts';
import { DIGITS, filledRegistry, retire } from './registry.ts';

const LOG = threeModelsLog();
const STATE = threeModels();
const SCHEMAS = path.join(import.meta.dirname, 'openlineage');

function written(name: string, text: string): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

/** What a python script prints as JSON; it is given these words. */
function asked(script: string, ...words: readonly string[]): unknown {
  return JSON.parse(peer(['-c', script, ...words]));
}

function champions(): readonly unknown[] {
  return [...STATE.models.values()]
    .flatMap(({ model, serving }) =>
      Object.entries(serving).map(([channel, version]) => [model, channel, version]),
    )
    .toSorted();
}

describe('JSON lines', () => {
  it('are one event a line, with its position and its id', () => {
    const lines = jsonlOf(LOG)
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(LOG.length);
    expect(lines[3]).toEqual({ seq: 3, id: eventId(LOG[3]?.envelope ?? never()), ...LOG[3]?.envelope });
  });

  it('lose no character on the way through a terminal', () => {
    const [first] = threeModelsLog();
    if (first === undefined) throw new Error('the log is empty');
    const reason = 'a\u0007b\u007fc\u009bd\u2028e';
    const line = jsonlOf([{ ...first, envelope: { ...first.envelope, body: { reason } } }]);
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    expect(line).not.toMatch(/[\u0000-\u0009\u007f-\u009f]/);
    expect(JSON.parse(line)).toMatchObject({ body: { reason } });
  });

  it('are a table to DuckDB', (context) => {
    const missing = peerMissing('duckdb');
    if (missing !== null) context.skip(missing);
    const script = `
import duckdb, json, sys
rows = duckdb.connect().execute("""select type, count(*), min(seq), count(distinct id) from read_json(?)
  group by 1 order by 1""", [sys.argv[1]]).fetchall()
promoted = duckdb.connect().execute("""select subject, body.channel, body.version from read_json(?)
  where type = 'model.promoted' order by seq""", [sys.argv[1]]).fetchall()
print(json.dumps([rows, promoted]))`;
    const [rows, promoted] = z
      .tuple([z.array(z.array(z.unknown())), z.array(z.array(z.string()))])
      .parse(asked(script, written('log.jsonl', jsonlOf(LOG))));
    const types = Map.groupBy(LOG, ({ envelope }) => envelope.type);
    expect(rows).toEqual(
      [...types]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, all]) => [type, all.length, all[0]?.seq, all.length]),
    );
    expect(promoted).toEqual(
      LOG.flatMap(({ event }) =>
        event?.type === 'model.promoted' ? [[event.subject, event.body.channel, event.body.version]] : [],
      ),
    );
  });
});

function never(): never {
  throw new Error('the log is shorter than that');
}

function database(): string {
  const file = path.join(temporaryFolder(), 'registry.sqlite');
  writeSqlite(file, sqliteTables(LOG));
  return file;
}

describe('the SQLite file', () => {
  it('is whole, and every row that another names is there', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const open = new DatabaseSync(database(), { readOnly: true });
    expect(open.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(open.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    open.close();
  });

  it('tells DuckDB the champions, the decisions and the numbers of the registry', (context) => {
    const missing = peerMissing('duckdb', 'duckdb_extension_sqlite_scanner');
    if (missing !== null) context.skip(missing);
    const script = `
import duckdb, duckdb_extension_sqlite_scanner, glob, json, os, sys
db = duckdb.connect(config={'allow_unsigned_extensions': 'true'})
at = os.path.dirname(duckdb_extension_sqlite_scanner.__file__)
db.execute("load '%s'" % glob.glob(at + '/**/*.duckdb_extension', recursive=True)[0])
db.execute("attach '%s' as r (type sqlite, read_only)" % sys.argv[1])
ask = lambda text: db.execute(text).fetchall()
print(json.dumps([
  ask('select model, channel, version from r.champions order by all'),
  ask('select seq, what from r.decisions order by seq'),
  ask("""select v.version, m.value, m.low, m.high from r.metrics m join r.evaluations e on e.seq = m.evaluation
    join r.versions v on v.model = e.model and v.version = e.version
    where m.name = 'accuracy' and v.model = 'digits' order by v.major, v.minor"""),
  ask('select count(*) from r.events')[0][0],
]))`;
    const digits = STATE.models.get(DIGITS) ?? never();
    const accuracies = digits.versions.map(({ version, evaluation }) => {
      const found = evaluation?.metrics.find(({ name }) => name === 'accuracy');
      return [version, Number(found?.value), Number(found?.interval?.low), Number(found?.interval?.high)];
    });
    const decisions = [...STATE.models.values()].flatMap((known) =>
      known.decisions.map(({ seq, what }) => [seq, what]),
    );
    expect(asked(script, database())).toEqual([
      champions(),
      decisions.toSorted((a, b) => Number(a[0]) - Number(b[0])),
      accuracies,
      LOG.length,
    ]);
  });

  it('is served by datasette', (context) => {
    const missing = peerMissing('datasette');
    if (missing !== null) context.skip(missing);
    const query = '/registry/champions.json?_shape=arrays';
    const out = peer(['-m', 'datasette', 'serve', '--get', query, database()]);
    const { rows } = z.object({ rows: z.array(z.array(z.unknown())) }).parse(JSON.parse(out));
    expect(rows.map((row) => row.slice(0, 3)).toSorted()).toEqual(champions());
  });
});

describe('OpenLineage events', () => {
  it('are valid by the official schema, and each facet by its own', (context) => {
    const missing = peerMissing('jsonschema', 'rfc3339_validator', 'rfc3986_validator');
    if (missing !== null) context.skip(missing);
    const script = `
import glob, json, sys
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
schemas = [json.load(open(name)) for name in glob.glob(sys.argv[1] + '/*.json')]
registry = Registry().with_resources((s['$id'], Resource.from_contents(s)) for s in schemas)
problems, facets = [], 0
def check(ref, value):
    schema = {'$schema': 'https://json-schema.org/draft/2020-12/schema', '$ref': ref}
    validator = Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
    problems.extend(str(error.message) for error in validator.iter_errors(value))
def walk(value):
    global facets
    if isinstance(value, dict):
        if '_schemaURL' in value:
            facets += 1
            check(value['_schemaURL'], value)
        for one in value.values(): walk(one)
    if isinstance(value, list):
        for one in value: walk(one)
for line in open(sys.argv[2]):
    event = json.loads(line)
    check(event['schemaURL'], event)
    walk(event)
print(json.dumps([problems, facets > 100]))`;
    const [begun, ...others] = LOG;
    const src = {
      door: 'action',
      repo_id: 1,
      run_id: 22,
      attempt: 1,
      job: 'train',
      sha: '0'.repeat(40),
    } as const;
    const started = eventOf('run.started', {}, { src });
    const byAction = { ...(begun ?? never()), envelope: started, event: started };
    const told = openLineageOf([begun ?? never(), byAction, ...others]);
    expect(told).toContain('github-actions://1');
    expect(asked(script, SCHEMAS, written('events.jsonl', told))).toEqual([[], true]);
  });

  it('name the schemas that the client of OpenLineage itself writes', (context) => {
    const missing = peerMissing('openlineage.client');
    if (missing !== null) context.skip(missing);
    const script = `
import json
from openlineage.client.generated import base, dataset_version_dataset, error_message_run, job_type_job, parent_run
from openlineage.client.generated import source_code_location_job
print(json.dumps([one._get_schema() for one in (base.RunEvent, dataset_version_dataset.DatasetVersionDatasetFacet,
  error_message_run.ErrorMessageRunFacet, job_type_job.JobTypeJobFacet, parent_run.ParentRunFacet,
  source_code_location_job.SourceCodeLocationJobFacet)]))`;
    const named = [...openLineageOf(LOG).matchAll(/"_?schemaURL":"([^"]+)"/g)].map(([, url]) => url);
    expect(z.array(z.string()).parse(asked(script)).toSorted()).toEqual([...new Set(named)].toSorted());
  });

  it('begin every run and end those that ended, with the version that came of each', () => {
    const Event = z.object({
      eventType: z.string(),
      run: z.object({ runId: z.string(), facets: z.record(z.string(), z.unknown()) }),
      job: z.object({ name: z.string() }),
      outputs: z.array(
        z.object({
          name: z.string(),
          facets: z.object({ version: z.object({ datasetVersion: z.string() }) }),
        }),
      ),
    });
    const events = openLineageOf(LOG)
      .trimEnd()
      .split('\n')
      .map((line) => Event.parse(JSON.parse(line)));
    const runs = events.filter(({ run }) => run.facets['parent'] === undefined);
    const ends = runs.filter(({ eventType }) => eventType !== 'START');
    const outcomes = LOG.flatMap(({ event }) =>
      event?.type === 'run.finished' ? [event.body.outcome.kind] : [],
    );
    expect(ends.map(({ eventType }) => eventType).toSorted()).toEqual(
      outcomes.map((kind) => (kind === 'failed' ? 'FAIL' : 'COMPLETE')).toSorted(),
    );
    expect(new Set(runs.map(({ run }) => run.runId)).size).toBe(
      runs.filter(({ eventType }) => eventType === 'START').length,
    );
    const models = ends.flatMap(({ outputs }) => outputs).filter(({ name }) => name === 'models/digits');
    expect(models.map(({ facets }) => facets.version.datasetVersion)).toEqual(
      STATE.models.get(DIGITS)?.versions.map(({ version }) => version),
    );
  });
});

const MLFLOW = `
import json, logging, sys
logging.disable(logging.WARNING)
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1], registry_uri=sys.argv[1])
models = {}
for model in client.search_registered_models():
    versions = client.search_model_versions("name='%s'" % model.name)
    models[model.name] = {
        'model': model.tags['fettle.model'],
        'versions': sorted([int(v.version), v.tags['fettle.version']] for v in versions),
        'aliases': {alias: client.get_model_version_by_alias(model.name, alias).tags['fettle.version']
            for alias in model.aliases},
    }
runs = []
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id]):
        runs.append([experiment.name, run.info.run_name, run.info.status, run.data.metrics.get('accuracy'),
            run.data.params.get('seed'), run.data.tags.get('fettle.verdict')])
print(json.dumps([models, sorted(runs, key=lambda run: run[:2]), client.get_run(client.search_model_versions(
    "name='digits'")[0].run_id).data.tags['fettle.model']]))`;

describe('the file store of MLflow', () => {
  beforeEach((context) => {
    const missing = peerMissing('mlflow');
    if (missing !== null) context.skip(missing);
  });

  it('lists the models, versions and runs, and a channel is an alias', async () => {
    const filled = await filledRegistry();
    const to = path.join(filled.folder, 'mlruns');
    expect(fettle(filled.folder, ['export', '--mlflow', '--to', 'mlruns'])).toMatchObject({ code: 0 });
    const view = await filled.registry.read();
    const models = [...(view?.state.models.values() ?? [])];
    const [found, runs, origin] = z
      .tuple([z.unknown(), z.array(z.array(z.unknown())), z.string()])
      .parse(asked(MLFLOW, pathToFileURL(to).href));
    expect(found).toEqual(
      Object.fromEntries(
        models.map(({ model, versions, serving }) => [
          model.replace('/', '.'),
          { model, versions: versions.map(({ version }, index) => [index + 1, version]), aliases: serving },
        ]),
      ),
    );
    expect(runs).toEqual(
      models
        .toSorted((a, b) => (a.model < b.model ? -1 : 1))
        .flatMap(({ model, versions }) =>
          versions.map(({ version, verdict }) => [
            model.replace('/', '.'),
            `${model}@${version}`,
            'FINISHED',
            0.9,
            '1',
            verdict?.answer,
          ]),
        ),
    );
    expect(origin).toBe('digits');
  });

  it('tells which runs failed, and what was told of a version', () => {
    const root = path.join(temporaryFolder(), 'mlruns');
    for (const file of mlflowFiles(historyOf(LOG), pathToFileURL(root).href)) {
      mkdirSync(path.dirname(path.join(root, file.path)), { recursive: true });
      writeFileSync(path.join(root, file.path), file.text);
    }
    const [models, runs] = z
      .tuple([z.record(z.string(), z.object({ aliases: z.unknown() })), z.array(z.array(z.unknown()))])
      .rest(z.unknown())
      .parse(asked(MLFLOW, pathToFileURL(root).href));
    expect(models).toMatchObject({
      digits: { aliases: { production: '1.10.0' } },
      'old.model': { aliases: {} },
    });
    const finished = LOG.filter(({ event }) => event?.type === 'run.finished').length;
    expect(runs).toHaveLength(finished);
    expect(runs.filter(([, , status]) => status === 'FAILED').map(([model]) => model)).toEqual(['letters']);
    const told = runs.find(([, name]) => name === 'digits@1.10.0');
    expect(told).toEqual(['digits', 'digits@1.10.0', 'FINISHED', 0.979, '1', 'pass']);
  });

  it('is made anew when the registry has moved on', async () => {
    const filled = await filledRegistry();
    const made = (): unknown => {
      expect(fettle(filled.folder, ['export', '--mlflow'])).toMatchObject({ code: 0 });
      const url = pathToFileURL(path.join(filled.folder, '.fettle/exports/mlruns')).href;
      return z
        .tuple([z.record(z.string(), z.object({ aliases: z.unknown() }))])
        .rest(z.unknown())
        .parse(asked(MLFLOW, url))[0];
    };
    expect(made()).toMatchObject({ digits: { aliases: { production: '1.1.0' } } });
    await retire(filled, DIGITS);
    expect(made()).toMatchObject({ digits: { aliases: {} } });
  });
});

describe('`fettle export`', () => {
  it('prints lines that a pipe can take, the same as it writes', async () => {
    const { folder, log } = await filledRegistry();
    const printed = fettle(folder, ['export', '--jsonl', '--to', '-']);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toBe(jsonlOf(await log.entries(0)));
    expect(fettle(folder, ['export', '--openlineage', '--to', 'lineage.jsonl'])).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(folder, 'lineage.jsonl'), 'utf8')).toBe(
      openLineageOf(await log.entries(0)),
    );
    expect(fettle(folder, ['export', '--sqlite', '--dry-run']).stdout).toContain('Would write');
    expect(fettle(folder, ['export', '--sqlite', '--json'])).toMatchObject({ code: 0 });
    expect(
      readFileSync(path.join(folder, '.fettle/exports/registry.sqlite')).subarray(0, 15).toString(),
    ).toBe('SQLite format 3');
  });

  it('writes over no folder that it did not make', async () => {
    const { folder } = await filledRegistry();
    mkdirSync(path.join(folder, 'mlruns'));
    const refused = fettle(folder, ['export', '--mlflow', '--to', 'mlruns', '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: exportInTheWay.code } });
    expect(refused.code).toBe(1);
  });

  it.each([
    '',
    '--jsonl --sqlite',
    '--gto --to x',
    '--jsonl --check',
    '--mlflow --repair',
    '--gto --check --repair',
    '--sqlite --to -',
  ])('refuses what cannot be meant: fettle export %s', (asking) => {
    const refused = fettle(temporaryFolder(), ['export', ...asking.split(' ').filter(Boolean), '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: inputWrong.code } });
    expect(refused.code).toBe(2);
  });
});
