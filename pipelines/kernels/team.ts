/** Two threads over one memory: a worker does the second share of what the first does, and both wait for each other. */
import { availableParallelism, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  awaitChange,
  CONTROL,
  NO_MORE,
  SHARED_JOBS,
  signal,
  type SharedJob,
  type SharedKernels,
  type TeamOrders,
} from './barrier.ts';
import { kernelModule } from './files.ts';
import { arraysIn, PAGE_BYTES, type Pieces, roundedBytes, type Space } from './space.ts';

/** 4 GiB: all that an address reaches. Only what is used is taken from the machine. */
const PAGES_MOST = 65_536;
/** Some tens of microseconds: who sleeps sooner pays for being woken up, who looks longer keeps the other one waiting. */
const LOOKS = 20_000;
/** A worker that takes so much longer than the first thread for its share, and so many milliseconds, has no processor. */
const [LATE_SHARE, LATE_MS] = [0.25, 0.05];
/** Jobs that are done alone, at most, before the worker is asked again. */
const ALONE_MOST = 1023;

export interface Team<P extends Pieces> extends Space<P> {
  readonly shared: SharedKernels;
  /** Does a job in two shares, or alone while the worker has not come or has no processor; the numbers are the same. */
  readonly perform: (job: SharedJob, words: readonly number[]) => void;
  /** Whether the worker has come, and was not sent away. */
  readonly isThere: () => boolean;
  /** Sends the worker away; the arrays stay. */
  readonly close: () => void;
}

/** Whether a second thread would have a processor of its own. */
export function hasRoomForTwo(): boolean {
  return availableParallelism() > 1 && (loadavg()[0] ?? 0) < availableParallelism();
}

/**
 * Arrays in one shared memory, as `layOut` lays them, and a worker that computes in it. Nobody waits for it to come.
 *
 * @param pieces  what stands in the memory
 * @returns       null where the kernels for it are missing, or cannot be compiled here
 * @throws        RangeError where the machine has no such memory
 * @cost          some 30 ms of processor time for the worker, which the caller does not wait for
 * @source        WebAssembly threads; the barrier: `awaitChange`
 */
export function openTeam<P extends Pieces>(pieces: P): Team<P> | null {
  const module = kernelModule('shared');
  if (module === null) return null;
  const bytes = Object.values(pieces).reduce((sum, piece) => sum + roundedBytes(piece), 0);
  const initial = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial, maximum: PAGES_MOST, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const shared = exports as SharedKernels;
  const control = new SharedArrayBuffer(CONTROL.bytes);
  const signals = new Int32Array(control);
  const isThere = (): boolean => Atomics.load(signals, CONTROL.ready) === 1;
  startWorker({ module, memory, control });
  return {
    kernels: null,
    arrays: arraysIn(memory.buffer, pieces),
    shared,
    perform: performerOf({ shared, control, isThere }),
    isThere,
    close: () => {
      Atomics.store(signals, CONTROL.ready, 0);
      signal(signals, CONTROL.asked, NO_MORE);
    },
  };
}

function startWorker(orders: TeamOrders): void {
  // The bundle has this file as JavaScript, beside the others.
  const end = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./layer-thread.${end}`, import.meta.url), { workerData: orders });
  // A worker that does not start is never there, and the first thread goes on alone.
  worker.on('error', () => undefined);
  worker.unref();
}

interface Performing extends Pick<TeamOrders, 'control'>, Pick<Team<Pieces>, 'shared' | 'isThere'> {}

/** A worker that comes late has no processor: it is asked after one more job, after three, after seven. */
function performerOf({ shared, control, isThere }: Performing): Team<Pieces>['perform'] {
  const signals = new Int32Array(control);
  const words = new Float64Array(control, 8 * CONTROL.words);
  let [asked, penalty, alone] = [0, 0, 0];
  return (job, given) => {
    if (alone > 0 || !isThere()) {
      alone = Math.max(0, alone - 1);
      shared[job](...given, 0, 1);
      return;
    }
    signals[CONTROL.job] = SHARED_JOBS.indexOf(job);
    words.set([given.length, ...given]);
    signal(signals, CONTROL.asked, ++asked);
    // No number depends on the clock: it only says who computes the next one.
    const began = performance.now();
    shared[job](...given, 0, 2);
    const ready = performance.now();
    awaitChange(signals, CONTROL.done, { before: asked - 1, looks: LOOKS });
    const isLate = performance.now() - ready > LATE_SHARE * (ready - began) + LATE_MS;
    penalty = isLate ? Math.min(ALONE_MOST, 2 * penalty + 1) : penalty >> 1;
    if (isLate) alone = penalty;
  };
}
