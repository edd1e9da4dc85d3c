/** A batch of labelled rows -> a candidate on everything kept so far, judged beside what serves. */
import * as z from 'zod';
import type { Step, TrainingRecipe } from '../engine/pipeline.ts';
import { LearnerParams } from '../models/index.ts';
import { evaluate } from '../stages/evaluate.ts';
import { Columns, ingest } from '../stages/ingest.ts';
import { measure } from '../stages/measure.ts';
import { packageModel } from '../stages/package.ts';
import { split } from '../stages/split.ts';
import type { Stage } from '../stages/stage.ts';
import { thin } from '../stages/thin.ts';
import { train } from '../stages/train.ts';

/** What every training recipe is asked with. */
export const TrainingParams = z.strictObject({
  name: z.string(),
  columns: Columns,
  holdout: z.number(),
  stratify: z.boolean(),
  group: z.string().nullable(),
});

export const trainAndPromote: TrainingRecipe = {
  name: 'train-and-promote',
  says: 'Takes in a batch, trains on everything kept so far, and promotes what is shown not to be worse.',
  inputs: {
    source: { kind: 'source', required: true },
    prior: { kind: 'dataset', required: false },
    champion: { kind: 'onnx', required: false },
  },
  params: TrainingParams.extend({ learner: LearnerParams }),
  learner: LearnerParams,
  steps: [
    { name: 'ingest', stage: ingest, takes: { source: 'input.source' }, params: ['name', 'columns'] },
    {
      name: 'split',
      stage: split,
      takes: { batch: 'ingest.batch', prior: 'input.prior' },
      params: ['holdout', 'stratify', 'group'],
    },
    { name: 'train', stage: train, takes: { dataset: 'split.dataset' }, params: ['learner'] },
    {
      name: 'evaluate',
      stage: evaluate,
      takes: { dataset: 'split.dataset', model: 'train.model' },
      params: [],
    },
    {
      name: 'evaluate-champion',
      stage: evaluate,
      takes: { dataset: 'split.dataset', model: 'input.champion' },
      params: [],
      onlyWith: 'champion',
    },
    {
      name: 'measure',
      stage: measure,
      takes: { dataset: 'split.dataset', model: 'train.model' },
      params: [],
      check: true,
    },
    {
      name: 'package',
      stage: packageModel,
      takes: { dataset: 'split.dataset', model: 'train.model', outcomes: 'evaluate.outcomes' },
      params: ['learner'],
    },
  ],
  confirmation: trainedAgain(train),
  defaults: { columns: {}, holdout: 0.25, stratify: false, learner: { standardize: true }, gates: {} },
};

/** The same training once more, on nearly the same rows and with another seed, asked the same items. */
export function trainedAgain(stage: Stage): readonly Step[] {
  return [
    { name: 'thin', stage: thin, takes: { dataset: 'split.dataset' }, params: [] },
    { name: 'train-again', stage, takes: { dataset: 'thin.dataset' }, params: ['learner'] },
    {
      name: 'evaluate-again',
      stage: evaluate,
      takes: { dataset: 'split.dataset', model: 'train-again.model' },
      params: [],
    },
  ];
}
