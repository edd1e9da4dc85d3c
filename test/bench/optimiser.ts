/** Measures the optimizer: how fast it anneals and how soon it cuts graphs as well as anyone ever did. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { randomOf } from '../../pipelines/maths/random.ts';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { annealing } from '../../pipelines/solvers/annealing.ts';
import { exhaustive } from '../../pipelines/solvers/exhaustive.ts';
import { readProblem } from '../../pipelines/solvers/problem-files.ts';
import { quboOf, type Qubo } from '../../pipelines/solvers/qubo.ts';
import { REPLICAS, replicasOf } from '../../pipelines/solvers/replicas.ts';
import { wholeFormOf } from '../../pipelines/solvers/whole-form.ts';
import { measureChoices } from './choices.ts';
import { atLeast, atMost, type Figure } from './figure.ts';
import { measureSelections } from './selections.ts';
import { measureSimulator } from './simulator.ts';

const GSET = path.resolve(import.meta.dirname, '../../../shared/data/gset');
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const SWEEPS = 4000;

const GOALS = [
  { name: 'G1', cut: 11_624, targetS: 5 },
  { name: 'G3', cut: 11_622, targetS: 5 },
  { name: 'G43', cut: 6660, targetS: 5 },
  { name: 'G48', cut: 6000, targetS: 5 },
  { name: 'G14', cut: 3064, targetS: 60 },
  { name: 'G22', cut: 13_359, targetS: 60 },
];

const EXACT = [
  { n: 20, targetMs: 3 },
  { n: 24, targetMs: 60 },
];

/** @returns nothing of the graphs where they are not there */
export function measureOptimiser(): readonly Figure[] {
  const annealed = existsSync(GSET) ? [speedFigure(), ...GOALS.map(goalFigure)] : [];
  return [
    ...annealed,
    ...EXACT.map(exactFigure),
    ...measureSimulator(),
    ...measureChoices(),
    ...measureSelections(),
  ];
}

function graph(name: string): Qubo {
  return readProblem(name, readFileSync(fileOf(name), 'utf8')).qubo;
}

function fileOf(name: string): string {
  return path.join(GSET, `${name}.txt`);
}

/** Seconds of processor time of this process. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The same temperatures for both, one thread, the sweeps alone; the kernel is warm. */
function speedFigure(): Figure {
  const form = wholeFormOf(graph('G1'));
  if (form === null) throw new Error('G1 is a problem of whole numbers');
  // Betas from 0.05 to 1 in equal ratios, as dwave-samplers counts; a flip changes its E by twice what it cuts.
  const temperatures = Array.from({ length: SWEEPS }, (_, sweep) => 10 * 20 ** (-sweep / (SWEEPS - 1)));
  const walks = replicasOf(form, randomOf(1));
  walks.sweep(temperatures);
  const ours = (REPLICAS * SWEEPS * form.n) / cpuOf(() => walks.sweep(temperatures)) / 1e6;
  const peer = dwave();
  const what = 'annealing G1, one thread: flips weighed';
  if (peer === null) {
    return {
      what,
      found: `${ours.toFixed(0)} M/s`,
      target: '8 times dwave-samplers',
      met: null,
      peer: 'dwave-samplers not installed',
    };
  }
  const theirs = (REPLICAS * SWEEPS * form.n) / peer.cpuS / 1e6;
  return atLeast(
    `${what}, times dwave-samplers`,
    { value: ours / theirs, target: 8, unit: 'times' },
    `${ours.toFixed(0)} against ${theirs.toFixed(0)} M/s`,
  );
}

function dwave(): { readonly cpuS: number } | null {
  const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
  const script = path.join(import.meta.dirname, 'peer-annealing.py');
  const words = [script, fileOf('G1'), String(REPLICAS), String(SWEEPS)];
  try {
    const told = execFileSync(python, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return z.object({ cpuS: z.number() }).parse(JSON.parse(told));
  } catch {
    return null;
  }
}

/** The slowest of ten seeds; a seed that does not get there in its budget counts as never. */
function goalFigure({ name, cut, targetS }: (typeof GOALS)[number]): Figure {
  const problem = graph(name);
  const times = SEEDS.map((seed) => {
    let found = 0;
    const seconds = cpuOf(
      () => (found = annealing.solve(problem, { seed, flips: 2e10, target: -cut }).energy),
    );
    return found === -cut ? seconds : Number.POSITIVE_INFINITY;
  }).sort((a, b) => a - b);
  const middle = ((times[4] ?? 0) + (times[5] ?? 0)) / 2;
  return atMost(
    `annealing ${name} to a cut of ${cut}, slowest of 10 seeds (CPU)`,
    { value: times.at(-1) ?? 0, target: targetS, unit: 's' },
    `median ${middle.toFixed(2)} s`,
  );
}

/** Every two variables are coupled, so that nothing can be left out; the least of five. */
function exactFigure({ n, targetMs }: (typeof EXACT)[number]): Figure {
  const random = randomOf(n);
  const couplings = Array.from({ length: n }, (_, i) =>
    Array.from({ length: i }, (_each, j) => ({ i, j, weight: random.nextBelow(19) - 9 })),
  ).flat();
  const problem = quboOf({ n, linear: Array.from({ length: n }, () => random.nextBelow(19) - 9), couplings });
  const least = (work: () => void) => Math.min(...Array.from({ length: 5 }, () => cpuOf(work))) * 1000;
  const ours = least(() => exhaustive.solve(problem, { seed: 1, flips: 1 }));
  const diagonal = least(() => diagonalOf(problem).reduce((low, value) => Math.min(low, value)));
  return atMost(
    `exact minimum of ${n} coupled variables (CPU)`,
    { value: ours, target: targetMs, unit: 'ms' },
    `all values in memory ${diagonal.toFixed(1)} ms, ${(diagonal / ours).toFixed(1)} times`,
  );
}
