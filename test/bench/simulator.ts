/** Measures the simulated quantum computer: a layer of QAOA beside its peers, by one thread and by two, and its gradient. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { type Make, simulatorOf, type Simulator } from '../../pipelines/quantum/layers.ts';
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
    ...circuitFigures(),
    ...[false, true].map(byTwoFigure),
    gradientFigure(),
  ];
}

/** Each of twenty vertices with the next and with the one opposite. */
const EDGES = Array.from({ length: N }, (_, at) => at).flatMap((at) => [
  [at, (at + 1) % N] as const,
  ...(at < N / 2 ? [[at, at + N / 2] as const] : []),
]);

/** What is not cut, without the last vertex's own bit, which is 0. */
function cutDiagonal(qubits: number): Float64Array {
  return Float64Array.from(
    { length: 2 ** qubits },
    (_, x) => EDGES.filter(([a, b]) => ((x >>> a) & 1) === ((x >>> b) & 1)).length,
  );
}

const Circuits = z.record(
  z.enum(['aer', 'lightning']),
  z.object({ single: z.number(), double: z.number() }).nullable(),
);
const CIRCUIT_PEERS = { aer: 'Qiskit Aer', lightning: 'PennyLane Lightning' } as const;

/** Simulators of any circuit take it gate by gate; all of them on one thread. */
function circuitFigures(): readonly Figure[] {
  const of = (make: Make, qubits: number): number => timed(cutDiagonal(qubits), make).cpuMs;
  const mine = {
    single: [of({ precision: 'single', mirrored: true }, N - 1), of({ precision: 'single' }, N)],
    double: [of({ mirrored: true }, N - 1), of({}, N)],
  };
  const edges = EDGES.map((edge) => edge.join('-')).join(',');
  const told = peerJson('peer-circuit.py', [String(N), '5', edges], Circuits);
  return (['aer', 'lightning'] as const).flatMap((name) =>
    (['single', 'double'] as const).map((precision) => {
      const [half = 0, whole = 0] = mine[precision];
      const what = `QAOA layer of a cut, ${N} qubits, ${EDGES.length} edges, ${precision} precision, one thread (CPU), times ${CIRCUIT_PEERS[name]}`;
      const peer = told?.[name]?.[precision];
      if (peer === undefined) {
        return { what, found: `${half.toFixed(2)} ms`, target: '5 times', met: null, peer: 'not installed' };
      }
      return atLeast(
        what,
        { value: peer / half, target: 5, unit: 'times' },
        `${half.toFixed(2)} for half the state, ${whole.toFixed(2)} for all, against ${peer.toFixed(2)} ms`,
      );
    }),
  );
}

function byTwoFigure(mirrored: boolean): Figure {
  const make = { precision: 'single', mirrored } as const;
  const values = diagonal(mirrored ? N - 1 : N);
  const [one, two] = [timed(values, { ...make, threads: 1 }), timed(values, { ...make, threads: 2 })];
  const times = `${(one.wallMs / two.wallMs).toFixed(2)} times one thread, ${one.wallMs.toFixed(2)} ms`;
  return atMost(
    `QAOA layer of a cut, ${N} qubits, single precision, ${mirrored ? 'half the state' : 'all of it'}, two threads (wall)`,
    { value: two.wallMs, target: mirrored ? 0.52 : 0.95, unit: 'ms' },
    times,
  );
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
function layerMs(make: Make): number {
  return timed(diagonal(make.mirrored === true ? N - 1 : N), make).cpuMs;
}

/** The least of all layers, by the processor's time and by the clock. */
function timed(values: Float64Array, make: Make): { readonly cpuMs: number; readonly wallMs: number } {
  const simulator = simulatorOf(values, make);
  simulator.begin(0);
  untilThere(simulator, make.threads === 2 ? 2 : 1);
  let wallMs = Number.POSITIVE_INFINITY;
  const cpuMs = leastMs(make.threads === 2 ? 10 * REPEATS : REPEATS, () => {
    const began = performance.now();
    simulator.apply(0, { gamma: GAMMA, beta: BETA });
    wallMs = Math.min(wallMs, performance.now() - began);
  });
  simulator.close();
  return { cpuMs, wallMs };
}

/** A second thread comes without the first one’s help, some time within ten seconds. */
function untilThere(simulator: Simulator, threads: number): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; turn < 1000 && simulator.threads() < threads; turn++) Atomics.wait(clock, 0, 0, 10);
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
  return peerJson('peer-layer.py', [String(N), '12'], z.object({ ms: z.number() }))?.ms ?? null;
}

/** What a script prints on one thread; null where Python or its packages are not there. */
function peerJson<T>(script: string, args: readonly string[], schema: z.ZodType<T>): T | null {
  const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  try {
    const told = execFileSync(python, [path.join(import.meta.dirname, script), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env,
    });
    return schema.parse(JSON.parse(told));
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
