/** The words by which two threads of one memory tell each other what is to do and what is done. */

/** The functions of `shared.as`; addresses are bytes from the start of the memory. */
export interface SharedKernels {
  readonly low32: (...words: readonly number[]) => void;
  readonly low64: (...words: readonly number[]) => void;
  readonly high32: (...words: readonly number[]) => void;
  readonly high64: (...words: readonly number[]) => void;
  readonly opposite32: (...words: readonly number[]) => void;
  readonly opposite64: (...words: readonly number[]) => void;
  readonly overlapOpposite: (...words: readonly number[]) => number;
  readonly overlapMixer: (...words: readonly number[]) => number;
  readonly overlapPhase: (...words: readonly number[]) => number;
}

/** Kernels whose last two words are a share and how many there are, by the numbers that a worker knows them by. */
export const SHARED_JOBS = ['low32', 'low64', 'high32', 'high64', 'opposite32', 'opposite64'] as const;
export type SharedJob = (typeof SHARED_JOBS)[number];

/** What a worker gets. */
export interface TeamOrders {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
}

/**
 * Places in `control`, which is of 512 bytes: words of 32 bits, each in a line of the cache of its own, and from the
 * 32nd double on how many numbers a job has, and those.
 */
export const CONTROL = { asked: 0, done: 16, ready: 32, job: 48, words: 32, bytes: 512 } as const;
/** Of `asked`: there will be no more. */
export const NO_MORE = -1;

/** Tells the other thread a new value of a word. */
export function signal(signals: Int32Array, at: number, value: number): void {
  Atomics.store(signals, at, value);
  Atomics.notify(signals, at);
}

export interface Patience {
  /** What the word was. */
  readonly before: number;
  /** How often it is looked at before the thread is laid to sleep; 10,000 take some tens of microseconds. */
  readonly looks: number;
}

/**
 * Waits until a word is no longer what it was.
 *
 * @param signals  shared
 * @param at       place of the word
 * @param patience see its fields
 * @returns        nothing, once it is another
 * @throws         never
 * @cost           until the other thread signals
 * @source         Atomics.wait of ECMA-262
 */
export function awaitChange(signals: Int32Array, at: number, { before, looks }: Patience): void {
  for (let look = 0; look < looks; look++) if (Atomics.load(signals, at) !== before) return;
  while (Atomics.load(signals, at) === before) Atomics.wait(signals, at, before);
}
