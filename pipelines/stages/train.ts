/** Dataset -> a trained classifier as an ONNX file, which says the same as the trainer's own memory. */
import * as z from 'zod';
import { decodeDataset, PART, rowsOf } from '../artifacts/dataset.ts';
import { checkExport, exportClassifier } from '../models/export.ts';
import { LearnerParams } from '../models/index.ts';
import { examplesFrom, featuresOf } from './examples-from.ts';
import { keptLearner } from './kept-columns.ts';
import { defineStage, required } from './stage.ts';

export const train = defineStage({
  name: 'train',
  version: 1,
  takes: { dataset: required('dataset') },
  gives: { model: 'onnx' },
  params: z.strictObject({ learner: LearnerParams }),
  heavy: true,
  reaches: 'nothing',

  async perform({ read, load, write, seed, tell }, { learner }) {
    const dataset = decodeDataset(await read('dataset'));
    const features = featuresOf(dataset);
    const examples = examplesFrom(await rowsOf(dataset, PART.train, load), features);
    const progress = (iteration: number, _loss: number, most: number): void => tell(iteration, most);
    const { model } = await keptLearner.learn({ examples, params: learner, seed, progress });

    const bytes = exportClassifier(model, features);
    await checkExport({ model, features, bytes }, examples);
    await write('model', bytes);
  },
});
