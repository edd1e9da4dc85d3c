/** `fettle quantize <file> <out>`: weights in fewer bits, and what that cost, measured on the written file. */
import path from 'node:path';
import * as z from 'zod';
import type { Codec } from '../../pipelines/codecs/codec.ts';
import { CODECS } from '../../pipelines/codecs/index.ts';
import { OPERATOR_BITS } from '../../pipelines/transforms/nbits.ts';
import { quantizeGraph } from '../../pipelines/transforms/quantize-graph.ts';
import { quantize as quantized, type Quantized } from '../../pipelines/transforms/quantize.ts';
import { bytesText, grouped } from '../../registry/report/words.ts';
import { inputWrong } from '../faults.ts';
import { defineVerb, type Paint } from './verb.ts';

const NAMES = CODECS.map(({ name }) => name);

/** Tensors beyond are told to programs alone. */
const SHOWN_TO = 40;

export const quantize = defineVerb({
  name: 'quantize',
  says: 'Compresses the weights of a model, and scores what was written by reading it again.',
  words: ['file', 'out'],
  input: z.strictObject({
    file: z
      .string()
      .describe('a .safetensors file, an index of shards, a folder with one of them, or an .onnx file'),
    out: z.string().describe('the file to write, of the same kind'),
    codec: z
      .enum(NAMES)
      .optional()
      .describe(`for every matrix: ${CODECS.map(({ name, says }) => `\`${name}\`: ${says}`).join(' ')}`),
    budget: z.coerce
      .number()
      .pipe(z.int().min(1))
      .optional()
      .describe('bytes that the file may have: each matrix gets the codec with which the whole loses least'),
  }),
  writes: false,
  examples: [
    'fettle quantize model.safetensors small.safetensors --codec int4',
    'fettle quantize model.onnx small.onnx --codec int4',
  ],

  async run({ folder, progress }, { file, out, codec, budget }) {
    const by = wayOf(codec, budget);
    const step = progress.step('quantize');
    const [source, target] = [path.resolve(folder, file), path.resolve(folder, out)];
    const tell = (done: number, total: number): void => step.tell(done, total);
    const told = file.endsWith('.onnx')
      ? await quantizeGraph({ source, target, codec: operable(by), tell })
      : await quantized({ source, target, by, tell });
    step.end('');
    return { data: { file: out, ...told }, text: (paint) => textOf(out, told, paint) };
  },
});

function wayOf(name: string | undefined, budgetBytes: number | undefined) {
  const codec = CODECS.find((one) => one.name === name);
  if (codec !== undefined && budgetBytes === undefined) return { codec };
  if (codec === undefined && budgetBytes !== undefined) return { budgetBytes };
  const found = codec === undefined ? 'neither' : 'both';
  throw inputWrong({ verb: 'quantize', name: 'the way', wanted: 'one of `--codec` and `--budget`', found });
}

/** A graph runs on its codes, so only codecs whose codes ONNX Runtime multiplies will do. */
function operable(by: ReturnType<typeof wayOf>): Codec {
  const codec = 'codec' in by ? by.codec : null;
  if (codec !== null && codec.name in OPERATOR_BITS) return codec;
  const wanted = `${Object.keys(OPERATOR_BITS).join(', ')} for an .onnx file`;
  throw inputWrong({ verb: 'quantize', name: 'codec', wanted, found: codec?.name ?? 'a budget' });
}

function textOf(out: string, told: Quantized, paint: Paint): string {
  const { tensors, parameters, sizeBytes, sizeBytesBefore, snrDb } = told;
  const rows = tensors.slice(0, SHOWN_TO).map((tensor) => {
    const bits = tensor.count === 0 ? 0 : (8 * tensor.sizeBytes) / tensor.count;
    return [tensor.name, tensor.by, grouped(tensor.count), bits.toFixed(3), decibels(tensor.snrDb)];
  });
  const bits = parameters === 0 ? 0 : (8 * sizeBytes) / parameters;
  return [
    paint.table([['tensor', 'by', 'weights', 'bits', 'SNR'], ...rows]),
    ...(tensors.length > SHOWN_TO ? [paint.dim(`${tensors.length - SHOWN_TO} more with --json`)] : []),
    '',
    `${paint.bold(out)}: ${bytesText(sizeBytes)} of ${bytesText(sizeBytesBefore)}, ${bits.toFixed(3)} bits a weight with its header, SNR ${decibels(snrDb)}, read again from the disk.`,
  ].join('\n');
}

function decibels(snrDb: number): string {
  return Number.isFinite(snrDb) ? `${snrDb.toFixed(2)} dB` : 'exact';
}
