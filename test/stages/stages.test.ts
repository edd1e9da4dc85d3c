import { describe, expect, it } from 'vitest';
import { decodeAttempts } from '../../pipelines/artifacts/attempts.ts';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { decodeComparison } from '../../pipelines/artifacts/comparison.ts';
import { decodeDataset } from '../../pipelines/artifacts/dataset.ts';
import { decodeMeasures } from '../../pipelines/artifacts/measures.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import { decodeProblems } from '../../pipelines/artifacts/problems.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import {
  columnMissing,
  inputMisfit,
  problemUnfit,
  singleClass,
  sourceMisshapen,
} from '../../pipelines/faults.ts';
import { LearnerParams } from '../../pipelines/models/index.ts';
import { softmaxRegression } from '../../pipelines/models/softmax-regression.ts';
import { ENTRANTS } from '../../pipelines/quantum/entrants.ts';
import { ATTEMPTS } from '../../pipelines/stages/attempt.ts';
import { compareSolvers } from '../../pipelines/stages/compare-solvers.ts';
import { crossValidate } from '../../pipelines/stages/cross-validate.ts';
import { evaluate } from '../../pipelines/stages/evaluate.ts';
import { netOf } from '../../pipelines/forge/net.ts';
import { bytesOfWeights } from '../../pipelines/forge/weights-file.ts';
import { forgeBaking } from '../../pipelines/stages/forge-baking.ts';
import { forgeCompress } from '../../pipelines/stages/forge-compress.ts';
import { forgeCreate } from '../../pipelines/stages/forge-create.ts';
import { forgeLatency } from '../../pipelines/stages/forge-latency.ts';
import { forgeMerge } from '../../pipelines/stages/forge-merge.ts';
import { forgeTernary } from '../../pipelines/stages/forge-ternary.ts';
import { forgeTraining } from '../../pipelines/stages/forge-training.ts';
import { STAGES } from '../../pipelines/stages/index.ts';
import { Columns, ingest } from '../../pipelines/stages/ingest.ts';
import { measure } from '../../pipelines/stages/measure.ts';
import { packageModel } from '../../pipelines/stages/package.ts';
import { pose } from '../../pipelines/stages/pose.ts';
import { streamTriage } from '../../pipelines/stages/stream-triage.ts';
import { thin } from '../../pipelines/stages/thin.ts';
import { trainTriage } from '../../pipelines/stages/train-triage.ts';
import { crossValidateTriage } from '../../pipelines/stages/cross-validate-triage.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { split } from '../../pipelines/stages/split.ts';
import { train } from '../../pipelines/stages/train.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import { describeStage, performStage, type StageCase } from '../conformance/stage.ts';

/** Two clouds that a line tells apart: x below 0 is `low`, above is `high`. */
function clouds(rows = 80): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const side = row % 2 === 0 ? -1 : 1;
    return `row-${row},${(side * (1 + (row % 7) / 10)).toFixed(2)},${((row * 37) % 11) / 10},${side < 0 ? 'low' : 'high'}`;
  });
  return ['id,x,y,label', ...lines, ''].join('\n');
}

const COLUMNS = Columns.parse({ id: 'id' });
const LEARNER = softmaxRegression.params.parse({ standardize: true });
const PERCEPTRON = LearnerParams.parse({ kind: 'perceptron', hidden: 8, epochs: 3 });

async function sourceIn(store: ArtifactStore, csv = clouds()): Promise<Record<string, ArtifactRef>> {
  return { source: await store.put('source', Buffer.from(csv)) };
}

async function batchIn(store: ArtifactStore, csv = clouds()): Promise<Record<string, ArtifactRef>> {
  const { batch } = await performStage({ ...INGEST, prepare: (inner) => sourceIn(inner, csv) });
  return { batch: await store.put('batch', batch ?? new Uint8Array()) };
}

async function datasetIn(store: ArtifactStore, csv = clouds()): Promise<Record<string, ArtifactRef>> {
  await batchIn(store, csv);
  const { dataset } = await performStage({ ...SPLIT, prepare: (inner) => batchIn(inner, csv) });
  return { dataset: await store.put('dataset', dataset ?? new Uint8Array()) };
}

async function modelIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const { model } = await performStage(TRAIN);
  return { ...(await datasetIn(store)), model: await store.put('onnx', model ?? new Uint8Array()) };
}

async function outcomesIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const { outcomes } = await performStage(EVALUATE);
  return { ...(await modelIn(store)), outcomes: await store.put('outcomes', outcomes ?? new Uint8Array()) };
}

/** Issues of two projects whose label shows in one word. */
function issuesCsv(): string {
  const lines = Array.from({ length: 60 }, (_, row) => {
    const word = row % 2 === 0 ? 'crash' : 'support';
    const own = 'abcdefghijklmnopqrstuvwxyz'[row % 26] ?? '';
    const project = row % 4 < 2 ? 'one' : 'two';
    return `issue-${row},${project},${word} ${own.repeat(3)},the ${word} of ${own.repeat(1 + (row % 7))},${row % 2 === 0 ? 'bug' : 'feature'}`;
  });
  return ['id,repo,title,body,label', ...lines, ''].join('\n');
}

const TEXT_COLUMNS = Columns.parse({ id: 'id', project: 'repo', title: 'title', body: 'body' });
const TRIAGE = TriageParams.parse({});

async function textDatasetIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const batchOf = async (inner: ArtifactStore) => {
    const given = { ...INGEST, params: { name: 'a.csv', columns: TEXT_COLUMNS } };
    const { batch } = await performStage({ ...given, prepare: (one) => sourceIn(one, issuesCsv()) });
    return { batch: await inner.put('batch', batch ?? new Uint8Array()) };
  };
  await batchOf(store);
  const { dataset } = await performStage({ ...SPLIT, prepare: batchOf });
  return { dataset: await store.put('dataset', dataset ?? new Uint8Array()) };
}

const RING = '5 5\n1 2 1\n2 3 1\n3 4 1\n4 5 1\n5 1 1\n';
const EFFORT = { budgetMs: 1, shots: 20, evaluations: 12, depth: 1 };
const POSE = { stage: pose, params: { name: 'ring.txt' } };

async function problemsIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const { problems } = await performStage({ ...POSE, prepare: (inner) => sourceIn(inner, RING) });
  return { problems: await store.put('problems', problems ?? new Uint8Array()) };
}

/** Times are of the clock: what was measured once is compared again and again. */
const measured = Promise.all(
  ENTRANTS.map(async ({ name }, at) => {
    const stage = ATTEMPTS[at]!;
    const { attempts } = await performStage({ stage, params: { effort: EFFORT }, prepare: problemsIn });
    return [name, attempts ?? new Uint8Array()] as const;
  }),
);

async function attemptsIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const slots = (await measured).map(
    async ([name, bytes]) => [name, await store.put('attempts', bytes)] as const,
  );
  return { ...(await problemsIn(store)), ...Object.fromEntries(await Promise.all(slots)) };
}

const INGEST: StageCase = { stage: ingest, params: { name: 'a.csv', columns: COLUMNS }, prepare: sourceIn };
const SPLIT: StageCase = {
  stage: split,
  params: { holdout: 0.25, stratify: false, group: null },
  prepare: batchIn,
};
const TRAIN: StageCase = { stage: train, params: { learner: LEARNER }, prepare: datasetIn };
const EVALUATE: StageCase = { stage: evaluate, params: {}, prepare: modelIn };

/** The forge at a fiftieth of its effort, on a model of a few thousand weights. */
const FORGE = { shape: { layers: 1, width: 16, heads: 2 }, effort: 0.02 };
const { shape } = FORGE;

async function weightsIn(store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const { decoder } = netOf(shape, 1);
  const ref = await store.put('tensors', await bytesOfWeights(decoder.initial(3), decoder.shapes));
  return { base: ref, first: ref, second: ref, third: ref, model: ref, file: ref };
}

const CASES: readonly StageCase[] = [
  { stage: forgeCreate, params: { ...FORGE, parameters: 4000 }, prepare: async () => ({}) },
  ...[forgeMerge, forgeTernary, forgeTraining, forgeBaking].map((stage) => {
    return { stage, params: FORGE, prepare: weightsIn };
  }),
  ...[forgeCompress, forgeLatency].map((stage) => ({ stage, params: { shape }, prepare: weightsIn })),
  INGEST,
  SPLIT,
  TRAIN,
  EVALUATE,
  { stage: train, params: { learner: PERCEPTRON }, prepare: datasetIn },
  { stage: crossValidate, params: { learner: LEARNER }, prepare: datasetIn },
  { stage: trainTriage, params: { learner: TRIAGE }, prepare: textDatasetIn },
  { stage: streamTriage, params: { learner: TRIAGE }, prepare: textDatasetIn },
  { stage: crossValidateTriage, params: { learner: TRIAGE }, prepare: textDatasetIn },
  { stage: measure, params: {}, prepare: modelIn },
  { stage: thin, params: {}, prepare: datasetIn },
  { stage: packageModel, params: { learner: LEARNER }, prepare: outcomesIn },
  { stage: pose, params: { name: 'ring.txt' }, prepare: (store) => sourceIn(store, RING) },
  ...ATTEMPTS.map((stage) => ({ stage, params: { effort: EFFORT }, prepare: problemsIn })),
  { stage: compareSolvers, params: { effort: EFFORT }, prepare: attemptsIn },
];

for (const given of CASES) describeStage(given);

describe('the stages', () => {
  it('are all tried here', () => {
    const tried = new Set(CASES.map(({ stage }) => stage.name));
    expect([...tried].sort()).toEqual(STAGES.map(({ name }) => name).sort());
  });
});

describe('pose', () => {
  const posed = async (text: string) => {
    const { problems } = await performStage({ ...POSE, prepare: (store) => sourceIn(store, text) });
    return decodeProblems(problems ?? new Uint8Array());
  };

  it('takes a published problem, or the standing set where there is none', async () => {
    expect(await posed(RING)).toMatchObject([{ name: 'ring.txt', n: 5, offset: 0 }]);
    const { problems } = await performStage({ ...POSE, prepare: async () => ({}) });
    expect(decodeProblems(problems ?? new Uint8Array())).toHaveLength(12);
  });

  it('refuses a problem without variables, and one whose truth would take too long', async () => {
    await expect(posed('0 0\n')).rejects.toThrowFault(problemUnfit);
    await expect(posed('21 1\n1 2 1\n')).rejects.toThrowFault(problemUnfit);
  });
});

describe('the attempts of a comparison', () => {
  it('cost what the hour costs, and nothing that anybody knows where it has no price', async () => {
    const [stage] = ATTEMPTS;
    const dollarsOf = async (effort: object) => {
      const { attempts } = await performStage({ stage: stage!, params: { effort }, prepare: problemsIn });
      return decodeAttempts(attempts ?? new Uint8Array()).attempts[0];
    };
    const priced = await dollarsOf({ ...EFFORT, hourlyDollars: 36 });
    expect(priced?.dollars?.attempt).toBeCloseTo((priced?.attemptMs ?? 0) / 100_000, 12);
    expect((await dollarsOf(EFFORT))?.dollars).toBeNull();
  });

  it('hold the truth about a ring of five: four of its edges are cut at most', async () => {
    const prepare = attemptsIn;
    const { comparison } = await performStage({ stage: compareSolvers, params: { effort: EFFORT }, prepare });
    const { problems, rows } = decodeComparison(comparison ?? new Uint8Array());
    expect(problems).toMatchObject([{ n: 5, least: '-4.000000', greatest: '0.000000' }]);
    expect(rows.map(({ by }) => by)).toEqual(ENTRANTS.map(({ name }) => name));
  });
});

describe('ingest', () => {
  const ingested = (csv: string, columns = COLUMNS) =>
    performStage({
      stage: ingest,
      params: { name: 'a.csv', columns },
      prepare: (store) => sourceIn(store, csv),
    });

  it('takes every other column as a number, in the order of the source', async () => {
    const { input, rows } = decodeBatch(
      (await ingested('id,b,label,a\n1,2.5,x,-3\n'))['batch'] ?? new Uint8Array(),
    );
    expect(input).toEqual({ kind: 'dense', columns: ['b', 'a'] });
    expect(rows[0]).toEqual({ id: '1', at: '', label: 'x', group: '', input: [2.5, -3] });
  });

  it('names rows by the column `id` where there is one, else by source and position', async () => {
    const plain = Columns.parse({});
    const idsOf = async (csv: string) =>
      decodeBatch((await ingested(csv, plain))['batch'] ?? new Uint8Array()).rows.map(({ id }) => id);
    expect(await idsOf('id,x,label\na7,1,a\n')).toEqual(['a7']);
    expect(await idsOf('x,label\n1,a\n2,b\n')).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}:1$/),
      expect.stringMatching(/:2$/),
    ]);
  });

  it('takes title and body as text', async () => {
    const columns = Columns.parse({ title: 'title', body: 'body', at: 'day', group: 'repo' });
    const { rows } = decodeBatch(
      (await ingested('repo,day,label,title,body\na/b,2026,bug,"T","B\n2"\n', columns))['batch'] ??
        new Uint8Array(),
    );
    expect(rows[0]).toMatchObject({
      at: '2026',
      label: 'bug',
      group: 'a/b',
      input: { title: 'T', body: 'B\n2' },
    });
  });

  it('refuses a missing column, an empty label, an id twice and a cell that is no number', async () => {
    await expect(ingested('id,x\n1,2\n')).rejects.toThrowFault(columnMissing);
    await expect(ingested('id,label\n1,a\n')).rejects.toThrowFault(columnMissing);
    for (const csv of [
      'id,x,label\n1,2,\n',
      'id,x,label\n1,2,a\n1,3,b\n',
      'id,x,label\n1,two,a\n',
      'id,x,label\n1,,a\n',
      'id,x,label\n,1,a\n',
    ]) {
      await expect(ingested(csv)).rejects.toThrowFault(sourceMisshapen);
    }
  });
});

describe('train and evaluate', () => {
  it('tell two clouds apart on every held-out row', async () => {
    const { outcomes } = await performStage(EVALUATE);
    const { truth, predicted, labels } = decodeOutcomes(outcomes ?? new Uint8Array());
    expect(labels).toEqual(['high', 'low']);
    expect(truth).toHaveLength(20);
    expect(predicted).toEqual(truth);
  });

  it('refuse a single label', async () => {
    const single = clouds().replaceAll('high', 'low');
    await expect(
      performStage({ ...TRAIN, prepare: (store) => datasetIn(store, single) }),
    ).rejects.toThrowFault(singleClass);
  });
});

describe('measure', () => {
  it('tells the size of the very file, and a latency above nothing', async () => {
    const given = CASES.find(({ stage }) => stage === measure);
    if (given === undefined) throw new Error('no case');
    const { model } = await performStage(TRAIN);
    const { sizeBytes, latency } = decodeMeasures(
      (await performStage(given))['measures'] ?? new Uint8Array(),
    );
    expect(sizeBytes).toBe(model?.length);
    expect(latency.n).toBe(300);
    expect(latency.p99Ms).toBeGreaterThanOrEqual(latency.p50Ms);
    expect(latency.p50Ms).toBeGreaterThan(0);
  });
});

describe('cross-validate', () => {
  it('judges every row once, held-out ones too', async () => {
    const given = CASES.find(({ stage }) => stage === crossValidate);
    if (given === undefined) throw new Error('no case');
    const { ids } = decodeOutcomes((await performStage(given))['outcomes'] ?? new Uint8Array());
    expect(new Set(ids).size).toBe(80);
  });
});

describe('package', () => {
  it('writes a card that names data, labels and limits', async () => {
    const given = CASES.find(({ stage }) => stage === packageModel);
    if (given === undefined) throw new Error('no case');
    const card = Buffer.from((await performStage(given))['card'] ?? []).toString();
    expect(card).toContain('into 2 labels: `high`, `low`');
    expect(card).toContain('60 rows trained on, 20 held out');
    expect(card).toContain('| `low` | 1.000 | 1.000 | 1.000 |');
    expect(card).toContain('## Limits');
  });
});

describe('split', () => {
  it('adds a second batch to the first and keeps what was held out', async () => {
    const { dataset: first } = await performStage(SPLIT);
    const more = clouds(40).replaceAll('row-', 'other-').replaceAll(',0.', ',7.');
    const both = await performStage({
      ...SPLIT,
      prepare: async (store) => ({
        ...(await batchIn(store, more)),
        prior: await store.put('dataset', first ?? new Uint8Array()),
      }),
    });
    const [before, after] = [
      decodeDataset(first ?? new Uint8Array()),
      decodeDataset(both['dataset'] ?? new Uint8Array()),
    ];
    expect(after.members).toHaveLength(2);
    expect(after.members[0]).toEqual(before.members[0]);
  });
});

describe('thin', () => {
  const partsBy = async (seed: number, csv = clouds()) => {
    const { dataset } = await performStage(
      { stage: thin, params: {}, prepare: (store) => datasetIn(store, csv) },
      seed,
    );
    return decodeDataset(dataset ?? new Uint8Array()).members[0]?.parts ?? '';
  };

  // 60 rows to train on, 30 of each label in turn: a twentieth of 30, rounded down, is 1 of each.
  it('leaves out a twentieth of each label’s rows, and nothing that is held out', async () => {
    const { dataset } = await performStage(SPLIT);
    const before = decodeDataset(dataset ?? new Uint8Array()).members[0]?.parts ?? '';
    const after = await partsBy(1);
    const left = [...Array(before.length).keys()].filter((row) => before[row] !== after[row]);
    expect(left.map((row) => `${before[row]}${after[row]}`)).toEqual(['t-', 't-']);
    expect(left.map((row) => row % 2).sort()).toEqual([0, 1]);
    expect(await partsBy(2)).not.toBe(after);
  });

  it('loses no label, however seldom it is', async () => {
    expect(await partsBy(1, clouds(24))).toBe(`${'t'.repeat(18)}${'h'.repeat(6)}`);
  });
});

describe('the triage stages', () => {
  it('judge every issue, held out or not, by folds that had not seen it', async () => {
    const { outcomes } = await performStage({
      stage: crossValidateTriage,
      params: { learner: TRIAGE },
      prepare: textDatasetIn,
    });
    const { ids, truth, predicted } = decodeOutcomes(outcomes ?? new Uint8Array());
    expect(new Set(ids).size).toBe(60);
    expect(truth.filter((label, row) => label === predicted[row]).length).toBeGreaterThan(57);
  });

  it('refuse numbers', async () => {
    const given = { stage: trainTriage, params: { learner: TRIAGE }, prepare: datasetIn };
    await expect(performStage(given)).rejects.toThrowFault(inputMisfit);
  });
});
