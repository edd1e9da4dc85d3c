/** What the loops over four floats at a time have in common: the walk, and the words for what is done on the way. */
import { add, again, type Code, get, i32, lanes, op, set } from '../tensors/assembler.ts';

export const SIGN = 0x8000_0000;
const MAGNITUDE = 0x7fff_ffff;
export const INFINITE = 0x7f80_0000;

/** `body` for each four elements; `first` walks to its end, and each of the addresses by its own step. */
export function overAll(
  count4: { readonly n: number; readonly end: number; readonly first: number },
  steps: Readonly<Record<number, number>>,
  body: Code,
): Code {
  const { n, end, first } = count4;
  const step = steps[first]!;
  const rounded = op('i32.and', op('i32.add', get(n), i32(3)), i32(-4));
  const bytes = step === 16 ? op('i32.shl', rounded, i32(2)) : op('i32.shl', rounded, i32(1));
  const walk = Object.entries(steps).flatMap(([local, by]) => [...add(Number(local), by)]);
  return [
    ...set(end, op('i32.add', get(first), bytes)),
    ...again([...body, ...walk], op('i32.lt_u', get(first), get(end))),
  ];
}

export const abs = (value: Code): Code => op('v128.and', value, lanes(MAGNITUDE));
export const floats = (value: number): Code => lanes(new Int32Array(Float32Array.of(value).buffer)[0]!);

/** Zero where |value| is outside least to most. */
export const between = (value: Code, least: Code, most: Code): Code =>
  op('v128.and', op('f32x4.ge', op('f32x4.abs', value), least), op('f32x4.le', op('f32x4.abs', value), most));

export const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
