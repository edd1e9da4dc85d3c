/** A thread that does the second share of each job it is asked for, until there are no more. */
import { workerData } from 'node:worker_threads';
import {
  awaitChange,
  CONTROL,
  NO_MORE,
  SHARED_JOBS,
  signal,
  type SharedKernels,
  type TeamOrders,
} from './barrier.ts';

const LOOKS = 20_000;

function work({ module, memory, control }: TeamOrders): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as SharedKernels;
  const signals = new Int32Array(control);
  const words = new Float64Array(control, 8 * CONTROL.words);
  let asked = 0;
  // Whoever was sent away before it came must not be counted on.
  if (Atomics.load(signals, CONTROL.asked) === NO_MORE) return;
  Atomics.store(signals, CONTROL.ready, 1);
  for (;;) {
    awaitChange(signals, CONTROL.asked, { before: asked, looks: LOOKS });
    asked = Atomics.load(signals, CONTROL.asked);
    if (asked === NO_MORE) return;
    const job = SHARED_JOBS[signals[CONTROL.job] ?? 0];
    if (job !== undefined) kernels[job](...words.subarray(1, 1 + (words[0] ?? 0)), 1, 2);
    signal(signals, CONTROL.done, asked);
  }
}

work(workerData);
