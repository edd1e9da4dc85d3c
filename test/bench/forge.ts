/** Measures what models are made of and made with: graphs over weights of gigabytes, products of few bits, ternary codes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { ternary, int4, unpackTrits } from '../../pipelines/codecs/grouped.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { encodeModel, floatInitializer, type OnnxModel } from '../../pipelines/onnx/graph.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { writeHeader } from '../../pipelines/tensors/header.ts';
import { multiplied, packNBits } from '../../pipelines/transforms/nbits.ts';
import { saveModel, viewOf } from '../../pipelines/transforms/view.ts';
import { atLeast, atMost, type Figure } from './figure.ts';
import { cost } from './measure.ts';

export async function measureForge(folder: string): Promise<readonly Figure[]> {
  return [await measureSaving(folder), await measureProduct(), measureTrits(), ...measureNano(folder)];
}

const CLI = path.resolve(import.meta.dirname, '../../action/cli.ts');

const Nano = z.object({
  data: z.object({
    stopped: z.string().nullable(),
    outputs: z.record(z.string(), z.record(z.string(), z.object({ digest: z.string() }))),
    phases: z.array(z.object({ verdicts: z.array(z.object({ answer: z.string() })) })),
  }),
});

/** All phases twice: once as they are, once killed on the way and gone on with; what a clock decides is left aside. */
function measureNano(folder: string): readonly Figure[] {
  const [whole, killed] = ['nano', 'nano-killed'].map((name) => path.join(folder, name)) as [string, string];
  for (const at of [whole, killed]) execFileSync('git', ['init', '--quiet', at]);
  const words = [CLI, 'run', 'forge-nano', '--json'];
  const first = cost([process.execPath, ...words], whole);
  spawnSync(process.execPath, words, { cwd: killed, timeout: 20_000, killSignal: 'SIGKILL' });
  const second = cost([process.execPath, ...words], killed);
  const [told, again] = [first, second].map(({ stdout }) => Nano.parse(JSON.parse(stdout)).data) as [
    z.infer<typeof Nano>['data'],
    z.infer<typeof Nano>['data'],
  ];
  const digests = ({ outputs }: typeof told): readonly string[] =>
    Object.entries(outputs).flatMap(([step, slots]) =>
      step === 'latency' ? [] : Object.values(slots).map(({ digest }) => digest),
    );
  const verdicts = told.phases.flatMap((phase) => phase.verdicts);
  const met = verdicts.filter(({ answer }) => answer === 'met').length;
  const other = digests(told).filter((digest) => !digests(again).includes(digest)).length;
  return [
    atMost(
      'forge: forge-nano, from nothing to its final file (CPU)',
      { value: first.cpuS, target: 360, unit: 's', digits: 0 },
      `${first.wallS.toFixed(0)} s of wall; ${met} of ${verdicts.length} asked numbers met${told.stopped === null ? '' : `, stopped: ${told.stopped}`}`,
    ),
    atMost(
      'forge: the same killed after 20 s and gone on with: files with other digests',
      { value: other, target: 0, unit: 'files', digits: 0 },
      `of ${digests(told).length}`,
    ),
  ];
}

const TENSORS = 25;
const TENSOR_BYTES = 100_000_000;

/** The tensors share their bytes: the model of 2.5 GB takes 0.1 GB of memory, and all of the disk's. */
async function measureSaving(folder: string): Promise<Figure> {
  const raw = new Uint8Array(TENSOR_BYTES);
  const names = Array.from({ length: TENSORS }, (_, index) => `layers.${index}.weight`);
  const model: OnnxModel = {
    name: 'large',
    nodes: names.map((name, index) => ({
      operator: 'MatMul',
      inputs: [index === 0 ? 'x' : `h${index}`, name],
      outputs: [index === TENSORS - 1 ? 'y' : `h${index + 1}`],
    })),
    initializers: names.map((name) => ({ name, type: 'float32', dims: [5000, 5000], raw })),
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 5000] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 5000] }],
    metadata: {},
  };
  const target = path.join(folder, 'large.onnx');
  const disk = (): void => {
    const handle = openSync(path.join(folder, 'large.bin'), 'w');
    for (let index = 0; index < TENSORS; index++) writeSync(handle, raw);
    fsyncSync(handle);
    closeSync(handle);
  };
  const weights = path.join(folder, 'large.safetensors');
  const [bareS, savedS] = [await wallS(disk), await wallS(() => saveModel(target, model))];
  const shapes = names.map((name) => ({ name, type: 'F32' as const, shape: [5000, 5000] }));
  const turns: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    turns.push(
      await wallS(() => {
        writeHeader(shapes);
        encodeModel(viewOf({ model, weights }));
      }),
    );
  }
  for (const name of ['large.bin', 'large.onnx', 'large.safetensors']) rmSync(path.join(folder, name));
  return atMost(
    'forge: ONNX of 2.5 GB with external data, all but writing its bytes, best of 5 (wall)',
    { value: 1000 * Math.min(...turns), target: 25, unit: 'ms', digits: 1 },
    `with writing and flush ${savedS.toFixed(2)} s, the same bytes alone ${bareS.toFixed(2)} s`,
  );
}

async function wallS(act: () => unknown): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}

const SIDE = 4096;
const PRODUCTS = 60;

/** One row times a square matrix, on one thread; the fastest of several turns of each, taken by turns. */
async function measureProduct(): Promise<Figure> {
  const random = randomOf(5);
  const values = Float32Array.from({ length: SIDE * SIDE }, () => random.nextFloat() - 0.5);
  const packed = packNBits(int4, { rows: SIDE, columns: SIDE, values });
  const { node, constants } = multiplied({ input: 'x', output: 'y', weights: 'w', packed });
  const port = (name: string) => ({ name, type: 'float32' as const, dims: [1, SIDE] });
  const rest = { name: 'product', inputs: [port('x')], outputs: [port('y')], metadata: {} };
  const plain = { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] };
  const weights = floatInitializer('w', [SIDE, SIDE], values);
  const few = await openSession(encodeModel({ ...rest, nodes: [node], initializers: constants }));
  const full = await openSession(encodeModel({ ...rest, nodes: [plain], initializers: [weights] }));
  const x = { type: 'float32', dims: [1, SIDE], data: values.slice(0, SIDE) } as const;
  const best = { few: Infinity, full: Infinity };
  for (let turn = 0; turn < 5; turn++) {
    for (const [name, session] of [['few', few] as const, ['full', full] as const]) {
      const began = performance.now();
      for (let index = 0; index < PRODUCTS; index++) await session.run({ x });
      best[name] = Math.min(best[name], (performance.now() - began) / PRODUCTS);
    }
  }
  await Promise.all([few.close(), full.close()]);
  return atLeast(
    `forge: INT4 product by MatMulNBits against floats, ${SIDE}×${SIDE}, one row, one thread`,
    { value: best.full / best.few, target: 8, unit: 'times', digits: 1 },
    `${best.few.toFixed(2)} ms, floats ${best.full.toFixed(2)} ms (wall)`,
  );
}

const WEIGHTS = 10_000_000;

function measureTrits(): Figure {
  const random = randomOf(7);
  const weights = Float32Array.from({ length: WEIGHTS }, () => random.nextFloat() - 0.5);
  const codes = ternary.encode(weights).find(({ name }) => name === 'codes')?.bytes ?? new Uint8Array();
  let best = Infinity;
  for (let turn = 0; turn < 9; turn++) {
    const before = process.cpuUsage();
    unpackTrits(codes);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return atLeast(
    `forge: trits of ${((8 * codes.length) / WEIGHTS).toFixed(2)} bits, unpacked to what MatMulNBits multiplies, best of 9 (CPU)`,
    { value: WEIGHTS / best / 1e9, target: 1.4, unit: 'G/s' },
  );
}
