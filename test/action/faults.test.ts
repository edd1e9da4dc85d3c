import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset } from '../../pipelines/artifacts/dataset.ts';
import { decodeMeasures } from '../../pipelines/artifacts/measures.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import {
  artifactMisshapen,
  inputChanged,
  modelNotSet,
  settingsMisshapen,
  sourceNotNamed,
} from '../../pipelines/faults.ts';
import { demoFolderTaken, serviceMisfit } from '../../action/faults.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { nothingShared, registryMissing } from '../../registry/faults.ts';
import type { Fault } from '../../registry/base/fault.ts';
import { temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

function repository(): string {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
  return folder;
}

function expectFault(folder: string, words: readonly string[], fault: Fault<never>): void {
  const { code, stdout } = fettle(folder, [...words, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: fault.code } });
  expect(code).toBe(1);
}

describe('the command line says by its code', () => {
  const folder = repository();

  it('that there is no registry yet, no source, and no such model', () => {
    expectFault(folder, ['status'], registryMissing);
    expectFault(folder, ['run', 'clouds'], sourceNotNamed);
    expectFault(folder, ['run', 'cloud', '--from', 'first.csv'], modelNotSet);
  });

  it('that a batch has other columns than those before it', () => {
    expect(fettle(folder, ['run', 'clouds', '--from', 'first.csv']).code).toBe(0);
    writeFileSync(
      path.join(folder, 'other.csv'),
      cloudsCsv(100, 700).replace('id,x,y,label', 'id,x,z,label'),
    );
    expectFault(folder, ['run', 'clouds', '--from', 'other.csv'], inputChanged);
  });

  it('that live outcomes are of another version', () => {
    writeFileSync(path.join(folder, 'live.csv'), 'version,predicted,label\n9.0.0,low,low\n');
    expectFault(folder, ['observe', 'clouds', '--from', 'live.csv'], serviceMisfit);
  });

  it('that two versions share no held-out item', () => {
    writeFileSync(path.join(folder, 'elsewhere.csv'), cloudsCsv(400, 9000));
    expect(
      fettle(folder, ['run', 'train-and-promote', '--model', 'other', '--from', 'elsewhere.csv']).code,
    ).toBe(0);
    expectFault(folder, ['compare', 'clouds@1.0.0', 'other@1.0.0'], nothingShared);
  });

  it('that a folder is no demo’s, and leaves it as it is', () => {
    const taken = temporaryFolder();
    writeFileSync(path.join(taken, 'mine.txt'), 'mine');
    expectFault(folder, ['demo', '--at', taken, '--fresh'], demoFolderTaken);
  });
});

describe('an artifact of another format', () => {
  it.each([decodeBatch, decodeDataset, decodeMeasures, decodeOutcomes])('is refused by %o', (decode) => {
    for (const text of ['', '{}', '{"format":"fettle-batch/9"}', 'PK\u0003\u0004']) {
      expect(() => decode(Buffer.from(text))).toThrowFault(artifactMisshapen);
    }
  });
});

describe('settings', () => {
  it('have defaults for everything', () => {
    expect(settingsOf('')).toEqual({
      registry: { remote: 'auto', through: 'git', inbox: false, witnesses: [] },
      artifacts: { releases: false },
      bot: {
        commands: {},
        channels: {},
        confirm: ['rollback', 'thaw'],
        workflows: { train: 'train.yml', benchmark: 'benchmark.yml' },
        dashboard: false,
        autonomy: 'promote',
      },
      compute: {
        minutes: null,
        budgets: {},
        lease: 15,
        labels: {},
        quiet: 72,
        deadline: null,
        runners: {},
      },
      quantum: {
        queue: 100,
        braket: {
          bucket: null,
          prefix: 'fettle',
          region: 'us-east-1',
          endpoint: null,
          storage: null,
          prices: null,
        },
        ibm: { instance: null, backend: null, plan: null, fractional: false, endpoint: null, iam: null },
      },
      models: {},
    });
    const { models } = settingsOf('models: { digits: { recipe: train-and-promote } }');
    expect(Object.values(models)[0]).toMatchObject({
      holdout: 0.25,
      seed: 1,
      promote: 'production',
      learner: { standardize: true },
    });
  });

  it('are refused at the place that is wrong', () => {
    expect(() => settingsOf('models: { digits: { recipe: train-and-promote, seed: -1 } }')).toThrowFault(
      settingsMisshapen,
    );
    expect(() => settingsOf('models:\n  Digits: { recipe: train-and-promote }')).toThrow(
      /fettle\.yml:2:\d+: wanted a model name/,
    );
  });

  it.each([
    ['holdout: x', 'wanted a number at `models.d.holdout`, found `x`'],
    ['holdout: 0', 'wanted more than 0 at'],
    ['holdout: 1', 'wanted 0.9 or less at'],
    ['seed: 0.5', 'wanted a whole number at'],
    ['seed: -1', 'wanted 0 or more at'],
    ['promote: prod', 'wanted one of candidate, staging, production at'],
    ['gates: 3', 'wanted a map at'],
  ])('say what would have been right instead of `%s`', (line, wanted) => {
    expect(() => settingsOf(`models: { d: { recipe: issue-triage, ${line} } }`)).toThrow(wanted);
  });

  it('name the recipes where a recipe is misspelt', () => {
    expect(() => settingsOf('models: { d: { recipe: isue-triage } }')).toThrow(
      'wanted one of train-and-promote, issue-triage, issue-stream at `models.d.recipe`, found `isue-triage`',
    );
  });

  it('name the learners where one is misspelt', () => {
    const learner = 'learner: { kind: percepton }';
    expect(() => settingsOf(`models: { d: { recipe: train-and-promote, ${learner} } }`)).toThrow(
      'wanted one of softmax-regression, perceptron at `models.d.learner.kind`, found `percepton`',
    );
  });
});
