/** Model and held-out rows -> what a prediction costs on this machine. */
import * as z from 'zod';
import { decodeDataset, PART, rowsOf } from '../artifacts/dataset.ts';
import { encodeMeasures } from '../artifacts/measures.ts';
import { openClassifier } from '../models/classifier.ts';
import { fileBitsOf } from '../scores/code-length.ts';
import { defineStage, required } from './stage.ts';

/** Predictions timed, and those before them that warm the machine up. */
const TIMED = 300;
const WARM = 30;

export const measure = defineStage({
  name: 'measure',
  version: 2,
  takes: { dataset: required('dataset'), model: required('onnx') },
  gives: { measures: 'measures' },
  params: z.strictObject({}),
  reaches: 'clock',

  async perform({ read, load, write, tell }) {
    const bytes = await read('model');
    const rows = await rowsOf(decodeDataset(await read('dataset')), PART.holdout, load);
    const classifier = await openClassifier(bytes);
    const times: number[] = [];
    try {
      for (let index = -WARM; index < TIMED; index++) {
        const row = rows[(index + WARM) % rows.length];
        if (row === undefined) break;
        const began = performance.now();
        await classifier.predict(row.input);
        if (index >= 0) times.push(performance.now() - began);
        tell(index + WARM, TIMED + WARM);
      }
    } finally {
      await classifier.close();
    }
    times.sort((a, b) => a - b);
    const latency = {
      n: Math.max(1, times.length),
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
    };
    await write(
      'measures',
      encodeMeasures({ sizeBytes: bytes.byteLength, modelBits: fileBitsOf(bytes), latency }),
    );
  },
});

/** Nearest rank, rounded to microseconds. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return Math.round(value * 1000) / 1000;
}
