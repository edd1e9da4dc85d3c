/** Issues with labels -> one classifier of their text for all projects, each with weights of its own, cross-validated. */
import type { TrainingRecipe } from '../engine/pipeline.ts';
import { TriageParams } from '../models/triage-learner.ts';
import { crossValidateTriage } from '../stages/cross-validate-triage.ts';
import { trainTriage } from '../stages/train-triage.ts';
import { trainedAgain, TrainingParams, trainAndPromote } from './train-and-promote.ts';

export const issueTriage: TrainingRecipe = {
  name: 'issue-triage',
  says: 'Learns to label issues by title and body: one model, in which projects learn from each other.',
  inputs: trainAndPromote.inputs,
  params: TrainingParams.extend({ learner: TriageParams }),
  learner: TriageParams,
  steps: [
    ...trainAndPromote.steps.map((step) => (step.name === 'train' ? { ...step, stage: trainTriage } : step)),
    {
      name: 'cross-validate',
      stage: crossValidateTriage,
      takes: { dataset: 'split.dataset' },
      params: ['learner'],
      check: true,
    },
  ],
  confirmation: trainedAgain(trainTriage),
  defaults: {
    columns: { label: 'label', project: 'repo', at: 'created_at', title: 'title', body: 'body' },
    holdout: 0.2,
    stratify: true,
    learner: {},
    gates: { 'enough-samples': { least: 50, effect: 0.25 }, 'no-regression': { margin: 0.05 }, slices: {} },
  },
};
