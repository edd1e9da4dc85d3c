/** Dataset -> out-of-fold outcomes: what the same recipe says of rows that it was not shown. */
import * as z from 'zod';
import { decodeDataset, PART, rowsOf } from '../artifacts/dataset.ts';
import { encodeOutcomes, outcomesOf } from '../artifacts/outcomes.ts';
import { crossValidated } from '../models/cross-validate.ts';
import { LearnerParams } from '../models/index.ts';
import { examplesFrom, featuresOf } from './examples-from.ts';
import { keptLearner } from './kept-columns.ts';
import { defineStage, required } from './stage.ts';

const FOLDS = 5;

/** The folds' models are thrown away, so rows that are held out from the shipped model may take part here. */
export const crossValidate = defineStage({
  name: 'cross-validate',
  version: 1,
  takes: { dataset: required('dataset') },
  gives: { outcomes: 'outcomes' },
  params: z.strictObject({ learner: LearnerParams }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, load, write, seed, tell }, { learner }) {
    const dataset = decodeDataset(await read('dataset'));
    const rows = [
      ...(await rowsOf(dataset, PART.train, load)),
      ...(await rowsOf(dataset, PART.holdout, load)),
    ];
    const examples = examplesFrom(rows, featuresOf(dataset));
    const { probabilities } = await crossValidated(examples, {
      learner: keptLearner,
      params: learner,
      folds: FOLDS,
      seed,
      progress: tell,
    });
    const count = examples.labelNames.length;
    const items = rows.map(({ id, label }, row) => ({
      id,
      truth: label,
      probabilities: probabilities.subarray(row * count, (row + 1) * count),
    }));
    await write('outcomes', encodeOutcomes(outcomesOf(items, examples.labelNames)));
  },
});
