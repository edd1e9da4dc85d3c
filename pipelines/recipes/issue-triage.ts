/** Issues with labels -> one classifier of their text for each project, cross-validated. */
import type { Recipe } from '../engine/pipeline.ts';
import { crossValidate } from '../stages/cross-validate.ts';
import { TrainingParams, trainAndPromote } from './train-and-promote.ts';

export const issueTriage: Recipe = {
  name: 'issue-triage',
  says: 'Learns to label issues by title and body, one model for each project.',
  inputs: trainAndPromote.inputs,
  params: TrainingParams,
  steps: [
    ...trainAndPromote.steps,
    {
      name: 'cross-validate',
      stage: crossValidate,
      takes: { dataset: 'split.dataset' },
      params: ['learner'],
    },
  ],
  defaults: {
    columns: { label: 'label', group: 'repo', at: 'created_at', title: 'title', body: 'body' },
    holdout: 0.2,
    stratify: true,
    learner: { countRatios: true },
    gates: { 'enough-samples': { least: 50, effect: 0.25 }, 'no-regression': { margin: 0.05 } },
  },
};
