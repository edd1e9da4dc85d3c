/** The loops of merging over four floats at a time: what is done to every element, and nothing of what a merge is. */
import {
  assembled,
  type AssembledFunction,
  type Code,
  count,
  doubleLane,
  F32,
  F64,
  get,
  I32,
  i32,
  lane,
  lanes,
  load,
  op,
  set,
  store,
  upperHalf,
  V128,
  when,
} from '../tensors/assembler.ts';
import { combine } from './combine-kernel.ts';
import { CONVERSIONS } from './float-kernels.ts';
import { abs, INFINITE, overAll, range } from './loops.ts';

/** Bins of the first counting of magnitudes: the upper 16 of their 31 bits. */
export const UPPER_BINS = 65536;
/** Bins of the second: the lower 15. */
export const LOWER_BINS = 32768;
/** Four countings beside each other, so that one element never waits for the count of the one before. */
export const COUNTING_BYTES = 4 * 4 * UPPER_BINS;

export type Kernels = Readonly<Record<string, (...numbers: readonly number[]) => number>>;

/**
 * The kernels for merging a number of models. All take byte addresses and work on n elements rounded up to a multiple
 * of four, so buffers are rounded up too. n > 0.
 *
 * @param models  how many deltas or tensors `combine…` and `weigh` take
 * @param memory  where the addresses lie
 * @returns       by name: what each computes stands at its definition
 * @throws        never
 * @cost          about a millisecond
 * @source        definitions
 */
export function kernelsFor(models: number, memory: WebAssembly.Memory): Kernels {
  return assembled(
    [
      ...CONVERSIONS,
      subtract,
      countUpper,
      countLower,
      drop,
      dot,
      blend,
      unbounded,
      weigh(models),
      combine({ name: 'combine', models, elects: false, divides: false }),
      combine({ name: 'combineElected', models, elects: true, divides: false }),
      combine({ name: 'combineDivided', models, elects: true, divides: true }),
    ],
    memory,
  );
}

/** (base, a, n): a ← a − base. */
const subtract: AssembledFunction = {
  name: 'subtract',
  takes: [I32, I32, I32],
  locals: [I32],
  gives: null,
  body: overAll({ n: 2, end: 3, first: 0 }, { 0: 16, 1: 16 }, [
    ...store(get(1), op('f32x4.sub', load(get(1)), load(get(0)))),
  ]),
};

/** (base, a, n, counts): a ← a − base, and counts by the upper bits of |a|, in four countings. */
const countUpper: AssembledFunction = {
  name: 'countUpper',
  takes: [I32, I32, I32, I32],
  locals: [I32, V128, I32],
  gives: null,
  body: overAll({ n: 2, end: 4, first: 0 }, { 0: 16, 1: 16 }, [
    ...set(5, op('f32x4.sub', load(get(1)), load(get(0)))),
    ...store(get(1), get(5)),
    ...set(5, op('i32x4.shl', op('i32x4.shr_u', abs(get(5)), i32(15)), i32(2))),
    ...[0, 1, 2, 3].flatMap((at) => [
      ...count(op('i32.add', op('i32.add', get(3), i32(at * 4 * UPPER_BINS)), lane(get(5), at)), 6),
    ]),
  ]),
};

/** (a, n, bin, counts): counts, by the lower bits of |a|, the elements whose upper bits are `bin`. */
const countLower: AssembledFunction = {
  name: 'countLower',
  takes: [I32, I32, I32, I32],
  locals: [I32, V128, V128, I32],
  gives: null,
  body: overAll({ n: 1, end: 4, first: 0 }, { 0: 16 }, [
    ...set(5, abs(load(get(0)))),
    ...set(6, op('i32x4.eq', op('i32x4.shr_u', get(5), i32(15)), op('i32x4.splat', get(2)))),
    ...when(
      op('v128.any_true', get(6)),
      [0, 1, 2, 3].flatMap((at) => [
        ...when(
          lane(get(6), at),
          count(
            op(
              'i32.add',
              get(3),
              op('i32.shl', op('i32.and', lane(get(5), at), i32(LOWER_BINS - 1)), i32(2)),
            ),
            7,
          ),
        ),
      ]),
    ),
  ]),
};

const mixed = (value: number, shift: number): Code =>
  op('v128.xor', get(value), op('i32x4.shr_u', get(value), i32(shift)));

/**
 * (a, n, index, seed, seed2, limit, scale): keeps an element, scaled, when a hash of its index and the seeds is below
 * the limit, and makes it zero otherwise. The hash is the finalizer of MurmurHash3 with a second seed in its middle.
 */
const drop: AssembledFunction = {
  name: 'drop',
  takes: [I32, I32, I32, I32, I32, I32, F32],
  locals: [I32, V128, V128],
  gives: null,
  body: [
    ...set(8, op('i32x4.add', op('i32x4.splat', get(2)), [0xfd, 0x0c, ...laneIndexes()])),
    ...overAll({ n: 1, end: 7, first: 0 }, { 0: 16 }, [
      ...set(9, op('i32x4.add', op('i32x4.mul', get(8), lanes(0x9e37_79b1)), op('i32x4.splat', get(3)))),
      ...set(9, op('i32x4.mul', mixed(9, 16), lanes(0x85eb_ca6b))),
      ...set(9, op('v128.xor', mixed(9, 13), op('i32x4.splat', get(4)))),
      ...set(9, op('i32x4.mul', get(9), lanes(0xc2b2_ae35))),
      ...set(9, mixed(9, 16)),
      ...store(
        get(0),
        op(
          'v128.and',
          op('f32x4.mul', load(get(0)), op('f32x4.splat', get(6))),
          op('i32x4.lt_u', get(9), op('i32x4.splat', get(5))),
        ),
      ),
      ...set(8, op('i32x4.add', get(8), lanes(4))),
    ]),
  ],
};

function laneIndexes(): Code {
  return [...new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)];
}

/** The sum of both halves of `of`, as doubles. */
const summed = (sum: number, of: (half: (value: Code) => Code) => Code): Code => [
  ...set(
    sum,
    op(
      'f64x2.add',
      get(sum),
      of((value) => op('f64x2.promote_low', value)),
    ),
  ),
  ...set(
    sum,
    op(
      'f64x2.add',
      get(sum),
      of((value) => op('f64x2.promote_low', upperHalf(value))),
    ),
  ),
];

const total = (sum: number): Code => op('f64.add', doubleLane(get(sum), 0), doubleLane(get(sum), 1));

/** (a, b, n) → Σ a·b, each product and the sum in doubles. */
const dot: AssembledFunction = {
  name: 'dot',
  takes: [I32, I32, I32],
  locals: [I32, V128],
  gives: F64,
  body: [
    ...overAll(
      { n: 2, end: 3, first: 0 },
      { 0: 16, 1: 16 },
      summed(4, (half) => op('f64x2.mul', half(load(get(0))), half(load(get(1))))),
    ),
    ...total(4),
  ],
};

/** (a, b, out, n, wa, wb): out ← wa·a + wb·b. */
const blend: AssembledFunction = {
  name: 'blend',
  takes: [I32, I32, I32, I32, F32, F32],
  locals: [I32],
  gives: null,
  body: overAll(
    { n: 3, end: 6, first: 0 },
    { 0: 16, 1: 16, 2: 16 },
    store(
      get(2),
      op(
        'f32x4.add',
        op('f32x4.mul', load(get(0)), op('f32x4.splat', get(4))),
        op('f32x4.mul', load(get(1)), op('f32x4.splat', get(5))),
      ),
    ),
  ),
};

/** (a, n) → 1 when an element is infinite or no number. */
const unbounded: AssembledFunction = {
  name: 'unbounded',
  takes: [I32, I32],
  locals: [I32, V128],
  gives: I32,
  body: [
    ...overAll({ n: 1, end: 2, first: 0 }, { 0: 16 }, [
      ...set(3, op('v128.or', get(3), op('i32x4.ge_u', abs(load(get(0))), lanes(INFINITE)))),
    ]),
    ...op('v128.any_true', get(3)),
  ],
};

/** (x₁ … xₙ, out, n, w₁ … wₙ, divisor): out ← Σ wᵢ·xᵢ / divisor, summed in order. */
function weigh(models: number): AssembledFunction {
  const [out, n] = [models, models + 1];
  const weight = (index: number): number => models + 2 + index;
  const divisor = weight(models);
  const steps = Object.fromEntries(range(models + 1).map((local) => [local, 16]));
  const sum = range(models)
    .map((index) => op('f32x4.mul', load(get(index)), op('f32x4.splat', get(weight(index)))))
    .reduce((left, right) => op('f32x4.add', left, right));
  return {
    name: 'weigh',
    takes: [...range(models + 2).map(() => I32), ...range(models + 1).map(() => F32)],
    locals: [I32],
    gives: null,
    body: overAll(
      { n, end: divisor + 1, first: out },
      steps,
      store(get(out), op('f32x4.div', sum, op('f32x4.splat', get(divisor)))),
    ),
  };
}
