/** `fettle inspect <file>`: what is in a file of weights, without a runtime and without trusting it. */
import path from 'node:path';
import * as z from 'zod';
import { OUTLYING, portraitOf, type TensorPortrait } from '../../pipelines/transforms/inspect.ts';
import { openWeights } from '../../pipelines/transforms/weights.ts';
import { bytesText, grouped } from '../../registry/report/words.ts';
import { defineVerb, type Paint } from './verb.ts';

/** Tensors beyond are told to programs alone. */
const SHOWN_TO = 60;
const BARS = '▁▂▃▄▅▆▇█';

export const inspect = defineVerb({
  name: 'inspect',
  says: 'Shows what is in a file of weights: shapes, types, sizes, outliers and a histogram.',
  words: ['file'],
  input: z.strictObject({
    file: z.string().describe('an .onnx or .safetensors file, an index of shards, or a folder'),
    tensor: z.string().optional().describe('only tensors with this in their names'),
  }),
  writes: false,
  examples: ['fettle inspect model.safetensors', 'fettle inspect model.onnx --tensor bias'],

  async run({ folder, progress }, { file, tensor }) {
    const opened = openWeights(path.resolve(folder, file));
    try {
      const wanted = opened.weights.filter(({ name }) => name.includes(tensor ?? ''));
      const step = progress.step('inspect');
      const portraits = wanted.map((weights, index) => {
        step.tell(index, wanted.length);
        return portraitOf(weights);
      });
      step.end('');
      const { kind, sizeBytes } = opened;
      const parameters = portraits.reduce((sum, { count }) => sum + count, 0);
      const head = `${file}: ${kind}, ${bytesText(sizeBytes)}, ${grouped(portraits.length)} tensors, ${grouped(parameters)} parameters`;
      return {
        data: { file, kind, sizeBytes, parameters, tensors: portraits },
        text: (paint) => textOf(head, portraits, paint),
      };
    } finally {
      opened.close();
    }
  },
});

function textOf(head: string, portraits: readonly TensorPortrait[], paint: Paint): string {
  const header = [
    'tensor',
    'type',
    'shape',
    'bytes',
    'mean',
    'deviation',
    'range',
    'zeros',
    'outliers',
    'histogram',
  ];
  const rows = portraits
    .slice(0, SHOWN_TO)
    .map((portrait) => [
      portrait.name,
      portrait.type,
      `[${portrait.shape.join(', ')}]`,
      grouped(portrait.sizeBytes),
      short(portrait.mean),
      short(portrait.deviation),
      `${short(portrait.least)} … ${short(portrait.most)}`,
      grouped(portrait.zeros),
      grouped(portrait.outliers),
      barsOf(portrait.histogram),
    ]);
  const broken = portraits.filter(({ unbounded }) => unbounded > 0);
  return [
    paint.bold(head),
    '',
    paint.table([header, ...rows]),
    ...(portraits.length > SHOWN_TO ? [paint.dim(`${portraits.length - SHOWN_TO} more with --json`)] : []),
    '',
    `Outliers lie further than ${OUTLYING} deviations from the mean; histograms go from −4 deviations to 4.`,
    ...broken.map(({ name, unbounded }) =>
      paint.bad(`${name}: ${grouped(unbounded)} infinite or no numbers`),
    ),
  ].join('\n');
}

function short(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}

function barsOf(histogram: readonly number[]): string {
  const most = Math.max(1, ...histogram);
  return histogram.map((count) => (count === 0 ? ' ' : BARS[Math.floor((count / most) * 7.99)])).join('');
}
