/** Sixteen random walks side by side over a problem of whole numbers, one a lane of the processor. */
import { layOut, type LayOut, type Space } from '../kernels/space.ts';
import type { Random } from '../maths/random.ts';
import type { Bits } from './qubo.ts';
import type { WholeForm } from './whole-form.ts';

export const REPLICAS = 16;

/** Temperatures that are handed to the kernel at a time. */
const SWEEPS_AT_ONCE = 1024;

/** log₂ m ≈ ((c₃·m + c₂)·m + c₁)·m + c₀ for 1 ≤ m ≤ 2, exact at both ends; a least-maximum fit, error 8.8·10⁻⁴. */
const [C3, C2, C1, C0] = [
  Math.fround(0.15922019),
  Math.fround(-1.0597461),
  Math.fround(3.064697),
  Math.fround(-2.1641712),
];

/** Walks that share a problem and each temperature, and nothing else. */
export interface Replicas {
  /** Each variable in turn, in every lane, with probability min(1, e^(−ΔE/T)); once for each temperature. */
  readonly sweep: (temperatures: readonly number[]) => void;
  readonly bitsOf: (lane: number) => Bits;
  /** Lane l goes on where lane `from[l]` stands, with random numbers of its own. */
  readonly copy: (from: readonly number[]) => void;
}

/**
 * Walks that begin at random bits. A flip is accepted when ΔE/unit ≤ ⌊−log₂ u·(T·ln 2/unit)⌋ with u of 24 bits from
 * the lane's own xorshift32; log₂ of a mantissa is a cubic with an error below 10⁻³, in single precision and without
 * fused operations, so that every machine takes the same steps with kernels or without.
 *
 * @param form    of the problem
 * @param random  moved on by 16 draws and one for each 32 bits of the start
 * @param lay     where the walks lie; in the kernels' memory unless told
 * @returns       the walks
 * @throws        never
 * @cost          a sweep takes a comparison for each variable and lane, and each flip its neighbours
 * @source        N. Metropolis et al., J. Chem. Phys. 21 (1953); G. Marsaglia, "Xorshift RNGs", J. Stat. Soft. 8 (2003)
 */
export function replicasOf(form: WholeForm, random: Random, lay: LayOut = layOut): Replicas {
  const { n, bytes, neighbours } = form;
  const lane = bytes ? Int8Array : Int16Array;
  const space = lay({
    starts: [Int32Array, 2 * n + 1],
    places: [Int32Array, neighbours.length * (bytes ? 1 : 2)],
    spins: [lane, REPLICAS * n],
    fields: [lane, REPLICAS * n],
    streams: [Uint32Array, REPLICAS],
    scales: [Float32Array, SWEEPS_AT_ONCE],
  });
  const { spins, fields, streams, scales } = space.arrays;
  fill(space.arrays, form);
  // The one state that xorshift never leaves is 0.
  for (let l = 0; l < REPLICAS; l++) streams[l] = random.nextUint32() || 1;
  for (let at = 0; at < spins.length; at++) spins[at] = -(random.nextUint32() >>> 31);
  settle(space.arrays, form);

  return {
    sweep(temperatures) {
      for (let from = 0; from < temperatures.length; from += SWEEPS_AT_ONCE) {
        const some = temperatures.slice(from, from + SWEEPS_AT_ONCE);
        scales.set(some.map((temperature) => (temperature * Math.LN2) / form.unit));
        if (space.kernels === null) sweepInScript(space.arrays, { form, sweeps: some.length });
        else sweepByKernel(space, { form, sweeps: some.length });
      }
    },
    bitsOf: (l) => Uint8Array.from({ length: n }, (_, i) => -spins[REPLICAS * i + l]!),
    copy(from) {
      for (const rows of [spins, fields]) {
        for (let at = 0; at < rows.length; at += REPLICAS) {
          const row = rows.slice(at, at + REPLICAS);
          from.forEach((l, to) => (rows[at + to] = row[l]!));
        }
      }
    },
  };
}

interface Arrays {
  readonly starts: Int32Array;
  readonly places: Int32Array;
  /** 0 for a spin of +1 and −1 for a spin of −1; lane l of variable i stands at 16·i + l. */
  readonly spins: Int8Array | Int16Array;
  readonly fields: Int8Array | Int16Array;
  readonly streams: Uint32Array;
  readonly scales: Float32Array;
}

interface Course {
  readonly form: WholeForm;
  readonly sweeps: number;
}

/** The kernel wants addresses in place of numbers of variables. */
function fill({ starts, places, spins }: Arrays, form: WholeForm): void {
  const rowBytes = REPLICAS * spins.BYTES_PER_ELEMENT;
  form.starts.forEach((start, half) => (starts[half] = 4 * start));
  form.neighbours.forEach((j, at) => {
    if (form.bytes) places[at] = j * rowBytes;
    else places.set([j * rowBytes, form.weights[at]!], 2 * at);
  });
}

/** Fields from spins. */
function settle({ spins, fields }: Arrays, { n, own, starts, neighbours, weights }: WholeForm): void {
  for (let i = 0; i < n; i++) {
    const row = REPLICAS * i;
    fields.fill(own[i]!, row, row + REPLICAS);
    for (let at = starts[2 * i]!; at < starts[2 * i + 2]!; at++) {
      const other = REPLICAS * neighbours[at]!;
      for (let l = 0; l < REPLICAS; l++) fields[row + l]! += weights[at]! * (1 + 2 * spins[other + l]!);
    }
  }
}

function sweepByKernel(
  { kernels, arrays }: Pick<Space<never>, 'kernels'> & { readonly arrays: Arrays },
  { form, sweeps }: Course,
): void {
  const { starts, places, spins, fields, streams, scales } = arrays;
  const sweep = form.bytes ? kernels?.sweepBytes : kernels?.sweepWords;
  const [from, ...rest] = [scales, starts, places, spins, fields, streams].map(
    ({ byteOffset }) => byteOffset,
  );
  sweep?.(form.n, from!, sweeps, ...rest);
}

/** What the kernels compute, one lane at a time. */
function sweepInScript(arrays: Arrays, { form, sweeps }: Course): void {
  const { spins, fields, streams, scales } = arrays;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let at = 0; at < spins.length; at++) {
      const lane = at % REPLICAS;
      streams[lane] = drawn(streams[lane]!);
      const rise = (1 + 2 * spins[at]!) * fields[at]!;
      if (rise <= heightOf(streams[lane]!, scales[sweep]!)) flip(arrays, { form, at });
    }
  }
}

function flip(
  { spins, fields }: Arrays,
  { form, at }: { readonly form: WholeForm; readonly at: number },
): void {
  const { starts, neighbours, weights } = form;
  const [i, lane] = [Math.floor(at / REPLICAS), at % REPLICAS];
  const change = 2 + 4 * spins[at]!;
  spins[at] = -1 - spins[at]!;
  for (let place = starts[2 * i]!; place < starts[2 * i + 2]!; place++) {
    fields[REPLICAS * neighbours[place]! + lane]! -= change * weights[place]!;
  }
}

function drawn(word: number): number {
  let x = word;
  x ^= x << 13;
  x ^= x >>> 17;
  return x ^ (x << 5);
}

/** ⌊−log₂(u)·scale⌋ with u = (word >> 8 | 1)/2²⁴, in single precision. */
function heightOf(word: number, scale: number): number {
  const whole = (word >>> 8) | 1;
  const exponent = 31 - Math.clz32(whole);
  const m = whole / 2 ** exponent;
  let log = Math.fround(Math.fround(m * C3) + C2);
  log = Math.fround(Math.fround(m * log) + C1);
  log = Math.fround(Math.fround(m * log) + C0);
  return Math.trunc(Math.fround(Math.fround(24 - exponent - log) * scale));
}
