/** `fettle diff <first> <second>`: which weights of two models differ, and by how much. */
import path from 'node:path';
import * as z from 'zod';
import { differences, snrDbOf, type TensorDifference } from '../../pipelines/transforms/difference.ts';
import { openWeights } from '../../pipelines/transforms/weights.ts';
import { grouped, percent } from '../../registry/report/words.ts';
import { defineVerb, type Paint } from './verb.ts';

/** Tensors beyond are told to programs alone. */
const SHOWN_TO = 60;

export const diff = defineVerb({
  name: 'diff',
  says: 'Tells how the weights of two models differ, tensor by tensor.',
  words: ['first', 'second'],
  input: z.strictObject({
    first: z.string().describe('an .onnx or .safetensors file, an index of shards, or a folder'),
    second: z
      .string()
      .describe('likewise; one that `fettle quantize` wrote is read as the weights it stands for'),
  }),
  writes: false,
  examples: [
    'fettle diff base.safetensors tuned.safetensors',
    'fettle diff model.safetensors small.safetensors',
  ],

  async run({ folder }, { first, second }) {
    const a = openWeights(path.resolve(folder, first));
    try {
      const b = openWeights(path.resolve(folder, second));
      try {
        const found = differences(a.weights, b.weights);
        return { data: { first, second, tensors: found }, text: (paint) => textOf(found, paint) };
      } finally {
        b.close();
      }
    } finally {
      a.close();
    }
  },
});

function textOf(found: readonly TensorDifference[], paint: Paint): string {
  const other = found.filter(({ how }) => how !== 'same');
  const same = found.length - other.length;
  if (other.length === 0) return paint.good(`All ${grouped(same)} tensors are the same.`);
  return [
    paint.table([['tensor', 'how', 'changed', 'largest', 'SNR'], ...other.slice(0, SHOWN_TO).map(rowOf)]),
    ...(other.length > SHOWN_TO ? [paint.dim(`${other.length - SHOWN_TO} more with --json`)] : []),
    '',
    `${grouped(other.length)} tensors differ, ${grouped(same)} are the same.`,
  ].join('\n');
}

function rowOf(difference: TensorDifference): readonly string[] {
  const { name, how } = difference;
  if (how === 'another shape') return [name, `${difference.shapes.join(' and ')}`, '', '', ''];
  if (how !== 'changed') return [name, how, '', '', ''];
  const { changed, count, largest } = difference;
  return [
    name,
    how,
    percent(changed / count),
    largest.toPrecision(3),
    `${snrDbOf(difference).toFixed(2)} dB`,
  ];
}
