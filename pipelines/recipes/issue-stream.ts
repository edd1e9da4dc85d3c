/** Issues with labels -> the classifier of `issue-triage`, learned label by label as people gave them, tested on the way. */
import type { TrainingRecipe } from '../engine/pipeline.ts';
import { streamTriage } from '../stages/stream-triage.ts';
import { issueTriage } from './issue-triage.ts';
import { trainAndPromote, trainedAgain } from './train-and-promote.ts';

export const issueStream: TrainingRecipe = {
  ...issueTriage,
  name: 'issue-stream',
  says: 'Learns to label issues one label at a time, in the order in which people gave them, each asked before it is told.',
  steps: trainAndPromote.steps.map((step) =>
    step.name === 'train' ? { ...step, stage: streamTriage } : step,
  ),
  confirmation: trainedAgain(streamTriage),
};
