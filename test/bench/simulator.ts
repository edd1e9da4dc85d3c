/** Measures the simulated quantum computer: a layer of QAOA beside NumPy and plain JavaScript, and its gradient. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { simulatorOf, type Precision } from '../../pipelines/quantum/layers.ts';
import { qaoaState, slopeOf } from '../../pipelines/quantum/qaoa.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const N = 20;
const [GAMMA, BETA] = [0.3, 0.4];
const DEPTH = 8;
const REPEATS = 15;

export function measureSimulator(): readonly Figure[] {
  const single = layerMs({ precision: 'single', mirrored: true });
  const whole = layerMs({ precision: 'single', mirrored: false });
  const double = layerMs({ precision: 'double', mirrored: false });
  const other = `whole states ${whole.toFixed(2)} ms, in double precision ${double.toFixed(2)} ms`;
  const plain = leastMs(5, plainLayer());
  const numpy = numpyMs();
  const what = `QAOA layer of a cut, ${N} qubits, single precision, one thread (CPU)`;
  return [
    numpy === null
      ? {
          what,
          found: `${single.toFixed(2)} ms`,
          target: '7 times NumPy',
          met: null,
          peer: 'NumPy not installed',
        }
      : atLeast(
          `${what}, times NumPy`,
          { value: numpy / single, target: 7, unit: 'times' },
          `${single.toFixed(2)} for half the state against ${numpy.toFixed(2)} ms for all, the fastest of six ways; ${other}`,
        ),
    atLeast(
      `${what}, times plain JavaScript`,
      { value: plain / single, target: 38, unit: 'times' },
      `${single.toFixed(2)} against ${plain.toFixed(2)} ms; ${other}`,
    ),
    gradientFigure(),
  ];
}

/** A hundred and eighty levels, as a cut of some hundred edges has them. */
function diagonal(n: number): Float64Array {
  return Float64Array.from({ length: 2 ** n }, (_, x) => (Math.imul(x, 2_654_435_761) >>> 16) % 180);
}

/** Of processor time, since others may use the machine too. */
function leastMs(repeats: number, work: () => void): number {
  const times = Array.from({ length: repeats }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** A cut is the same when all bits are turned, so half of its state is enough. */
function layerMs({
  precision,
  mirrored,
}: {
  readonly precision: Precision;
  readonly mirrored: boolean;
}): number {
  const simulator = simulatorOf(diagonal(mirrored ? N - 1 : N), { precision, mirrored });
  simulator.begin(0);
  return leastMs(REPEATS, () => simulator.apply(0, { gamma: GAMMA, beta: BETA }));
}

/** As anyone would write it first: two arrays of doubles, a sine and a cosine an amplitude, one qubit at a time. */
function plainLayer(): () => void {
  const values = diagonal(N);
  const re = new Float64Array(2 ** N).fill(2 ** (-N / 2));
  const im = new Float64Array(2 ** N);
  return () => {
    for (let x = 0; x < re.length; x++) {
      const cos = Math.cos(GAMMA * values[x]!);
      const sin = Math.sin(GAMMA * values[x]!);
      const a = re[x]!;
      re[x] = a * cos + im[x]! * sin;
      im[x] = im[x]! * cos - a * sin;
    }
    for (let stride = 1; stride < re.length; stride *= 2) {
      for (let block = 0; block < re.length; block += 2 * stride) rotatePairs({ re, im, block, stride });
    }
  };
}

interface Pairs {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly block: number;
  readonly stride: number;
}

function rotatePairs({ re, im, block, stride }: Pairs): void {
  const c = Math.cos(BETA);
  const s = Math.sin(BETA);
  for (let x = block; x < block + stride; x++) {
    const y = x + stride;
    const a = re[x]!;
    const b = im[x]!;
    const d = re[y]!;
    const e = im[y]!;
    re[x] = c * a + s * e;
    im[x] = c * b - s * d;
    re[y] = c * d + s * b;
    im[y] = c * e - s * a;
  }
}

function numpyMs(): number | null {
  const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
  const script = path.join(import.meta.dirname, 'peer-layer.py');
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  try {
    const told = execFileSync(python, [script, String(N), '12'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env,
    });
    return z.object({ ms: z.number() }).parse(JSON.parse(told)).ms;
  } catch {
    return null;
  }
}

function gradientFigure(): Figure {
  const simulator = simulatorOf(diagonal(18), { registers: 2 });
  const flat = (angle: number) => Array.from({ length: DEPTH }, () => angle);
  const angles = { gammas: flat(GAMMA), betas: flat(BETA) };
  const forward = leastMs(REPEATS, () => void qaoaState(simulator, angles));
  const slope = leastMs(REPEATS, () => void slopeOf(simulator, angles));
  return atMost(
    `QAOA gradient by ${2 * DEPTH} angles, 18 qubits, in passes forward (CPU)`,
    { value: slope / forward, target: 4.5, unit: 'passes' },
    `${slope.toFixed(1)} against ${forward.toFixed(1)} ms`,
  );
}
