/** The kernels that ship as WebAssembly, each time with a memory of their own; callers know the same in JavaScript. */
import { kernelModule } from './files.ts';

export const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 64;

/** The functions of `index.as`; addresses are bytes from the start of the memory. */
export interface Kernels {
  readonly sweepBytes: (...words: readonly number[]) => void;
  readonly sweepWords: (...words: readonly number[]) => void;
  readonly layer32: (...words: readonly number[]) => void;
  readonly layer64: (...words: readonly number[]) => void;
  readonly leastOfBlock: (...words: readonly number[]) => number;
  readonly opposite32: (...words: readonly number[]) => void;
  readonly opposite64: (...words: readonly number[]) => void;
  readonly overlapOpposite: (...words: readonly number[]) => number;
  readonly overlapMixer: (...words: readonly number[]) => number;
  readonly overlapPhase: (...words: readonly number[]) => number;
  readonly fromBrain: (...words: readonly number[]) => void;
  readonly fromHalf: (...words: readonly number[]) => void;
  readonly toBrain: (...words: readonly number[]) => void;
  readonly toHalf: (...words: readonly number[]) => void;
  readonly subtract: (...words: readonly number[]) => void;
  readonly countUpper: (...words: readonly number[]) => void;
  readonly countLower: (...words: readonly number[]) => void;
  readonly drop: (...words: readonly number[]) => void;
  readonly dot: (...words: readonly number[]) => number;
  readonly blend: (...words: readonly number[]) => void;
  readonly unbounded: (...words: readonly number[]) => number;
  readonly weigh: (...words: readonly number[]) => void;
  readonly combine: (...words: readonly number[]) => void;
  readonly combineElected: (...words: readonly number[]) => void;
  readonly combineDivided: (...words: readonly number[]) => void;
  readonly squares: (...words: readonly number[]) => number;
  readonly adam: (...words: readonly number[]) => void;
  readonly momentum: (...words: readonly number[]) => void;
  readonly grokfast: (...words: readonly number[]) => void;
}

type Numbers = Int8Array | Int16Array | Int32Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

interface Kind<T extends Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** What stands in a space, by name: a kind of numbers and how many of them. */
export type Pieces = Readonly<Record<string, readonly [Kind<Numbers>, number]>>;

export interface Space<P extends Pieces> {
  /** Null where the arrays lie in no memory that kernels reach. */
  readonly kernels: Kernels | null;
  readonly arrays: { readonly [K in keyof P]: InstanceType<P[K][0]> };
}

/** Lays arrays of zeros out. */
export type LayOut = <P extends Pieces>(pieces: P) => Space<P>;

/**
 * Arrays in one memory, each from a multiple of 64 bytes on, and the kernels that work in it; arrays of their own
 * without kernels where those are missing, are others than this code knows, or the processor has no SIMD of 128 bits.
 *
 * @param pieces  what stands in it
 * @returns       arrays of zeros
 * @throws        RangeError where the machine has no such memory
 * @cost          2 ms the first time
 * @source        WebAssembly core specification 2.0
 */
export const layOut: LayOut = (pieces) => {
  const compiled = kernelModule('index');
  if (compiled === null) return layOutInScript(pieces);
  const bytes = Object.values(pieces).reduce((sum, piece) => sum + roundedBytes(piece), 0);
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { kernels: exports as Kernels, arrays: arraysIn(memory.buffer, pieces) };
};

/** The arrays of a memory that has room for them, one after the other, each from a multiple of 64 bytes on. */
export function arraysIn<P extends Pieces>(buffer: ArrayBufferLike, pieces: P): Space<P>['arrays'] {
  let next = 0;
  const arrays = Object.entries(pieces).map(([name, piece]) => {
    const array = new piece[0](buffer, next, piece[1]);
    next += roundedBytes(piece);
    return [name, array];
  });
  return Object.fromEntries(arrays);
}

/** The same arrays without kernels. */
export const layOutInScript: LayOut = (pieces) => {
  const arrays = Object.entries(pieces).map(([name, [kind, length]]) => [name, new kind(length)]);
  return { kernels: null, arrays: Object.fromEntries(arrays) };
};

/** What a piece takes of a memory. */
export function roundedBytes([kind, length]: Pieces[string]): number {
  return Math.ceil((kind.BYTES_PER_ELEMENT * length) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
