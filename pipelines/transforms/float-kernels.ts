/** The loops that turn floats of 16 bits into those of 32, and back. */
import {
  type AssembledFunction,
  type Code,
  get,
  I32,
  i32,
  lanes,
  load,
  loadShorts,
  op,
  set,
  store,
  storeHalf,
  V128,
} from '../tensors/assembler.ts';
import { abs, floats, INFINITE, overAll, SIGN } from './loops.ts';

/** (from, to, n): brain floats to floats; exact. */
const fromBrain: AssembledFunction = {
  name: 'fromBrain',
  takes: [I32, I32, I32],
  locals: [I32],
  gives: null,
  body: overAll({ n: 2, end: 3, first: 0 }, { 0: 8, 1: 16 }, [
    ...store(get(1), [...op('i32x4.shl', loadShorts(get(0)), i32(16))]),
  ]),
};

/** (from, to, n): halves to floats; exact. The scale moves the exponent's bias, for subnormal ones too. */
const fromHalf: AssembledFunction = {
  name: 'fromHalf',
  takes: [I32, I32, I32],
  locals: [I32, V128, V128],
  gives: null,
  body: overAll({ n: 2, end: 3, first: 0 }, { 0: 8, 1: 16 }, [
    ...set(4, loadShorts(get(0))),
    ...set(5, op('i32x4.shl', op('v128.and', get(4), lanes(0x7fff)), i32(13))),
    ...store(
      get(1),
      op(
        'v128.or',
        op(
          'v128.or',
          op('f32x4.mul', get(5), floats(2 ** 112)),
          op('v128.and', op('i32x4.ge_u', get(5), lanes(31 << 23)), lanes(INFINITE)),
        ),
        op('i32x4.shl', op('v128.and', get(4), lanes(0x8000)), i32(16)),
      ),
    ),
  ]),
};

const oddAt = (bits: Code, shift: number): Code =>
  op('v128.and', op('i32x4.shr_u', bits, i32(shift)), lanes(1));

/** (from, to, n): floats to brain floats, ties to the even one. */
const toBrain: AssembledFunction = {
  name: 'toBrain',
  takes: [I32, I32, I32],
  locals: [I32, V128],
  gives: null,
  body: overAll({ n: 2, end: 3, first: 0 }, { 0: 16, 1: 8 }, [
    ...set(4, load(get(0))),
    ...set(
      4,
      op('i32x4.shr_u', op('i32x4.add', op('i32x4.add', get(4), lanes(0x7fff)), oddAt(get(4), 16)), i32(16)),
    ),
    ...storeHalf(get(1), op('i16x8.narrow_u', get(4), get(4))),
  ]),
};

/** Added to a float below 2⁻¹⁴, it leaves the half's bits at the end of its own, rounded to even. */
const SUBNORMAL = 126 << 23;

/** (from, to, n): floats to halves, ties to the even one; from 65520 on they are infinite. */
const toHalf: AssembledFunction = {
  name: 'toHalf',
  takes: [I32, I32, I32],
  locals: [I32, V128, V128, V128],
  gives: null,
  body: overAll({ n: 2, end: 3, first: 0 }, { 0: 16, 1: 8 }, [
    ...set(4, load(get(0))),
    ...set(5, abs(get(4))),
    ...set(
      6,
      op(
        'i32x4.shr_u',
        op('i32x4.add', op('i32x4.add', get(5), lanes((-112 << 23) + 0xfff)), oddAt(get(5), 13)),
        i32(13),
      ),
    ),
    ...set(
      6,
      op(
        'v128.bitselect',
        op('i32x4.sub', op('f32x4.add', get(5), lanes(SUBNORMAL)), lanes(SUBNORMAL)),
        get(6),
        op('i32x4.lt_u', get(5), lanes(113 << 23)),
      ),
    ),
    ...set(6, op('v128.bitselect', lanes(0x7c00), get(6), op('i32x4.ge_u', get(5), lanes(143 << 23)))),
    ...set(6, op('v128.or', get(6), op('i32x4.shr_u', op('v128.and', get(4), lanes(SIGN)), i32(16)))),
    ...storeHalf(get(1), op('i16x8.narrow_u', get(6), get(6))),
  ]),
};

/** Each with its formula at its definition; addresses in bytes, n > 0 rounded up to a multiple of four. */
export const CONVERSIONS: readonly AssembledFunction[] = [fromBrain, fromHalf, toBrain, toHalf];
