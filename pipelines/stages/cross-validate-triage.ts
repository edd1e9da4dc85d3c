/** Dataset -> out-of-fold outcomes of the triage learner, calibrated by the other folds. */
import * as z from 'zod';
import { decodeDataset, PART } from '../artifacts/dataset.ts';
import { encodeOutcomes, outcomesOf } from '../artifacts/outcomes.ts';
import { calibrated } from '../models/calibration.ts';
import { crossValidatedTriage, type UnseenScores } from '../models/triage-cross-validate.ts';
import { TriageParams } from '../models/triage-learner.ts';
import { probabilitiesFrom } from '../models/triage-model.ts';
import { type Issues, issuesFrom, truthOf } from './issues-from.ts';
import { defineStage, required } from './stage.ts';

const FOLDS = 5;

/** The folds' models are thrown away, so rows that are held out from the shipped model may take part here. */
export const crossValidateTriage = defineStage({
  name: 'cross-validate-triage',
  version: 3,
  takes: { dataset: required('dataset') },
  gives: { outcomes: 'outcomes' },
  params: z.strictObject({ learner: TriageParams }),
  reaches: 'nothing',

  async perform({ read, load, write, seed, tell }, { learner }) {
    const issues = await issuesFrom(decodeDataset(await read('dataset')), [PART.train, PART.holdout], load);
    const { labels, denied } = issues;
    const unseen = crossValidatedTriage(issues.issues, {
      labels,
      denied,
      choice: 'one',
      params: learner,
      folds: FOLDS,
      seed,
      progress: tell,
    });
    const slopes = slopesOf(unseen, issues);
    const items = issues.rows.map(({ id, label }, row) => ({
      id,
      truth: label,
      probabilities: probabilitiesAt(row, { unseen, slopes, count: labels.length }),
    }));
    await write('outcomes', encodeOutcomes(outcomesOf(items, labels)));
  },
});

/** A fold's slope comes from the other folds, so that no answer is calibrated by its own truth. */
function slopesOf({ fold, scores }: UnseenScores, issues: Issues): readonly number[] {
  const labelCount = issues.labels.length;
  const truth = truthOf(issues);
  return Array.from({ length: FOLDS }, (_, part) => {
    const kept = (_value: number, index: number) => fold[Math.floor(index / labelCount)] !== part;
    return calibrated({ scores: scores.filter(kept), truth: truth.filter(kept), labelCount, choice: 'one' })
      .slope;
  });
}

interface Scored {
  readonly unseen: UnseenScores;
  readonly slopes: readonly number[];
  readonly count: number;
}

function probabilitiesAt(row: number, { unseen, slopes, count }: Scored): Float64Array {
  const slope = slopes[unseen.fold[row] ?? 0] ?? 1;
  const scores = unseen.scores.subarray(row * count, (row + 1) * count);
  return probabilitiesFrom(scores, { slope, shifts: new Float32Array(count) }, 'one');
}
