/** Model and held-out rows -> outcomes, item by item, through ONNX Runtime on the very file that would be served. */
import * as z from 'zod';
import { decodeDataset, namesNow, PART, rowsOf } from '../artifacts/dataset.ts';
import { encodeOutcomes, outcomesOf } from '../artifacts/outcomes.ts';
import { openClassifier } from '../models/classifier.ts';
import { defineStage, required } from './stage.ts';

export const evaluate = defineStage({
  name: 'evaluate',
  version: 1,
  takes: { dataset: required('dataset'), model: required('onnx') },
  gives: { outcomes: 'outcomes' },
  params: z.strictObject({}),
  reaches: 'nothing',

  async perform({ read, load, write, tell }) {
    const dataset = decodeDataset(await read('dataset'));
    const rows = await rowsOf(dataset, PART.holdout, load);
    // A label that was renamed since is no other answer.
    const nameOf = namesNow(dataset, new Set(rows.map(({ label }) => label)));
    const classifier = await openClassifier(await read('model'));
    try {
      const items = [];
      for (const { id, label, input } of rows) {
        const { probabilities } = await classifier.predict(input);
        items.push({ id, truth: label, probabilities });
        tell(items.length, rows.length);
      }
      await write('outcomes', encodeOutcomes(outcomesOf(items, classifier.labels.map(nameOf))));
    } finally {
      await classifier.close();
    }
  },
});
