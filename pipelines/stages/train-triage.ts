/** Dataset -> a triage model as an ONNX file, calibrated on issues that its like had not seen. */
import * as z from 'zod';
import { decodeDataset, PART } from '../artifacts/dataset.ts';
import { calibrated, thresholdsFor } from '../models/calibration.ts';
import { crossValidatedTriage, triageOf } from '../models/triage-cross-validate.ts';
import { rememberingRows } from '../models/issue-blocks.ts';
import { checkTriage, exportTriage } from '../models/triage-export.ts';
import { TriageParams } from '../models/triage-learner.ts';
import { type Calibration, probabilitiesFrom } from '../models/triage-model.ts';
import { type Issues, issuesFrom, truthOf } from './issues-from.ts';
import { defineStage, required } from './stage.ts';

/** Three folds are enough for one slope and a threshold a label. */
const FOLDS = 3;
/** Answers that a threshold rests on. */
const LEAST = 20;

export const trainTriage = defineStage({
  name: 'train-triage',
  version: 3,
  takes: { dataset: required('dataset') },
  gives: { model: 'onnx' },
  params: z.strictObject({ learner: TriageParams }),
  reaches: 'nothing',

  async perform({ read, load, write, seed, tell }, { learner }) {
    const issues = await issuesFrom(decodeDataset(await read('dataset')), [PART.train], load);
    const rowOf = rememberingRows();
    const { labels, denied } = issues;
    const lesson = { labels, denied, choice: 'one', params: learner, rowOf } as const;
    const progress = (done: number): void => tell(done, FOLDS + 1);
    const unseen = crossValidatedTriage(issues.issues, { ...lesson, folds: FOLDS, seed, progress });
    const calibration = calibrated(judgedBy(unseen.scores, issues));
    const thresholds = thresholdsFor(judgedBy(probabilitiesOf(unseen.scores, calibration), issues), {
      precision: learner.precision,
      least: LEAST,
    });
    const { features, examples, model: learned } = triageOf(issues.issues, lesson);
    const model = { ...learned, calibration, thresholds };
    const bytes = exportTriage(model, features);
    const asked = examples.map(({ row, project }) => ({ row, project: model.projects.indexOf(project) }));
    await checkTriage(model, bytes, asked);
    await write('model', bytes);
  },
});

function judgedBy(scores: Float64Array, issues: Issues) {
  return { scores, truth: truthOf(issues), labelCount: issues.labels.length, choice: 'one' } as const;
}

function probabilitiesOf(scores: Float64Array, calibration: Calibration): Float64Array {
  const count = calibration.shifts.length;
  const probabilities = new Float64Array(scores.length);
  for (let at = 0; at < scores.length; at += count) {
    probabilities.set(probabilitiesFrom(scores.subarray(at, at + count), calibration, 'one'), at);
  }
  return probabilities;
}
