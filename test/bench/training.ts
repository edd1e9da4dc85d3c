/**
 * Measures training: steps a second of perceptrons and decoders, beside PyTorch's in the same run where it is there. How
 * fast either multiplies matrices is told too: PyTorch's library leaves AVX-512 alone on processors that are not Intel's,
 * and then much of a ratio above 1 is that.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { input, newGraph } from '../../pipelines/onnx/build.ts';
import { gemm } from '../../pipelines/onnx/operators.ts';
import { decoder, nextTokenLoss } from '../../pipelines/training/decoder.ts';
import { forwardOf } from '../../pipelines/training/forward.ts';
import { OptimizerSettings } from '../../pipelines/training/optimizer.ts';
import { perceptron } from '../../pipelines/training/perceptron-graph.ts';
import type { Batch } from '../../pipelines/training/places.ts';
import { trainerOf, type Training } from '../../pipelines/training/trainer.ts';
import { drawn, drawnWhole } from '../training/drawn.ts';
import { atLeast, type Figure } from './figure.ts';

type Network = { readonly name: string; readonly batch: number; readonly target: number } & (
  | { readonly kind: 'perceptron'; readonly shape: readonly number[] }
  | { readonly kind: 'decoder'; readonly shape: Omit<Parameters<typeof decoder>[0], 'batch'> }
);

const TEXT = { layers: 2, width: 128, heads: 4, context: 128, vocabulary: 256 } as const;
const ONE_THREAD: readonly Network[] = [
  { name: '784-256-10, batch 32', kind: 'perceptron', shape: [784, 256, 10], batch: 32, target: 1.4 },
  { name: '64-32-10, batch 32', kind: 'perceptron', shape: [64, 32, 10], batch: 32, target: 4 },
  { name: 'decoder, 2 layers of 128, batch 8', kind: 'decoder', shape: TEXT, batch: 8, target: 1 },
  {
    name: 'decoder, 4 layers of 256, batch 8',
    kind: 'decoder',
    shape: { ...TEXT, layers: 4, width: 256 },
    batch: 8,
    target: 0.95,
  },
];
const TWO_THREADS: readonly Network[] = [
  { name: 'decoder, 2 layers of 128, batch 8', kind: 'decoder', shape: TEXT, batch: 8, target: 1.2 },
];

/** Seconds that each network is trained, twice: before the peer and after it. */
const SECONDS = 2;
const CHUNK_S = 0.1;
const ADAM = OptimizerSettings.parse({ kind: 'adamw', rate: 1e-3, decay: 0 });

const Told = z.object({
  torch: z.string(),
  productGflops: z.number(),
  found: z.record(z.string(), z.object({ stepsPerS: z.number(), way: z.string() })),
});

export async function measureTraining(): Promise<readonly Figure[]> {
  return [...(await measured(ONE_THREAD, 1)), ...(await measured(TWO_THREADS, 2))];
}

async function measured(networks: readonly Network[], threads: number): Promise<readonly Figure[]> {
  const before = await allSpeeds(networks, threads);
  const told = askPeer(networks, threads);
  const after = told === null ? before : await allSpeeds(networks, threads);
  const gflops = await productSpeed(threads);
  return networks.map((network, at) =>
    figureOf(network, { ours: Math.max(before[at]!, after[at]!), gflops, threads, told }),
  );
}

async function allSpeeds(networks: readonly Network[], threads: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const network of networks) found.push(await speedOf(network, threads));
  return found;
}

interface Found {
  readonly ours: number;
  /** Of products of matrices. */
  readonly gflops: number;
  readonly threads: number;
  readonly told: z.infer<typeof Told> | null;
}

function figureOf(network: Network, { ours, gflops, threads, told }: Found): Figure {
  const counted = threads === 1 ? 'one thread (CPU)' : `${threads} threads (wall)`;
  const what = `training ${network.name}, Adam, ${counted}`;
  const peer = told?.found[network.name];
  if (told === null || peer === undefined) {
    const target = `${network.target} times PyTorch`;
    return { what, found: paceOf(network, ours), target, met: null, peer: 'PyTorch not installed' };
  }
  return atLeast(
    `${what}, times PyTorch`,
    { value: ours / peer.stepsPerS, target: network.target, unit: 'times' },
    `${paceOf(network, ours)} against ${paceOf(network, peer.stepsPerS)} of PyTorch ${told.torch} (${peer.way}); ` +
      `products at ${gflops.toFixed(0)} against ${told.productGflops.toFixed(0)} GFLOP/s`,
  );
}

function paceOf(network: Network, stepsPerS: number): string {
  if (network.kind === 'perceptron') return `${stepsPerS.toFixed(0)} steps/s`;
  return `${(stepsPerS * network.batch * network.shape.context).toFixed(0)} tokens/s`;
}

/** GFLOP/s of one product of matrices, as large as a decoder's. */
async function productSpeed(threads: number): Promise<number> {
  const graph = newGraph();
  const [a, b] = [input(graph, 'a', [1024, 128]), input(graph, 'b', [512, 128])];
  const weights = { a: drawn(1, 1024 * 128), b: drawn(2, 512 * 128) };
  const forward = await forwardOf({ outputs: { y: gemm({ a, b, transB: true }) }, weights, threads });
  let best = 0;
  for (let chunk = 0; chunk < 40; chunk++) {
    const seconds = await secondsOf(threads, async () => {
      for (let time = 0; time < 5; time++) await forward.run({});
    });
    best = Math.max(best, (5 * 2 * 1024 * 128 * 512) / seconds / 1e9);
  }
  await forward.close();
  return best;
}

/** Of CPU with one thread, by the clock with more. */
async function secondsOf(threads: number, work: () => Promise<void>): Promise<number> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return threads === 1 ? (user + system) / 1e6 : (performance.now() - wall) / 1000;
}

/** Steps a second, the best of chunks of a tenth of a second: long enough for what is collected later to be counted. */
async function speedOf(network: Network, threads: number): Promise<number> {
  const { training, batch } = readied(network);
  const trainer = await trainerOf({ ...training, optimizer: ADAM, seed: 1, threads });
  const stepping = (steps: number): Promise<number> =>
    secondsOf(threads, async () => {
      for (let step = 0; step < steps; step++) await trainer.step(batch);
    });
  await stepping(3);
  const chunk = Math.max(1, Math.round(CHUNK_S / (await stepping(1))));
  let best = 0;
  for (let spent = 0; spent < SECONDS;) {
    const seconds = await stepping(chunk);
    spent += seconds;
    best = Math.max(best, chunk / seconds);
  }
  await trainer.close();
  return best;
}

function readied(network: Network): {
  readonly training: Pick<Training, 'loss' | 'weights'>;
  readonly batch: Batch;
} {
  const { batch } = network;
  if (network.kind === 'perceptron') {
    const net = perceptron({ sizes: network.shape, batch });
    const rows = drawn(1, batch * network.shape[0]!, 0, 1);
    const labels = drawnWhole(2, batch, network.shape.at(-1)!);
    return { training: { loss: net.loss, weights: net.initial(1) }, batch: { rows, labels } };
  }
  const net = decoder({ ...network.shape, batch });
  const count = batch * network.shape.context;
  const tokens = drawnWhole(1, count, network.shape.vocabulary);
  const targets = tokens.map((_, at) => tokens[(at + 1) % count]!);
  return { training: { loss: nextTokenLoss(net), weights: net.initial(1) }, batch: { tokens, targets } };
}

/** Null where Python or PyTorch is not there. */
function askPeer(networks: readonly Network[], threads: number): z.infer<typeof Told> | null {
  const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
  const words = [path.join(import.meta.dirname, 'peer-training.py'), JSON.stringify(networks)];
  // Threads that spin while they wait would count as work.
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  try {
    const told = execFileSync(python, [...words, String(threads), String(SECONDS)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env,
    });
    return Told.parse(JSON.parse(told));
  } catch {
    return null;
  }
}
