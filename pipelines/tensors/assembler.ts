/** WebAssembly by hand, as much of it as loops over vectors need: instructions -> a module that runs on given memory. */

/** Instructions in stack order: operands first, then what is done with them. */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
/** Four floats, four whole numbers of 32 bits, or two doubles. */
export const V128 = 0x7b;

export interface AssembledFunction {
  readonly name: string;
  /** Types of the parameters; they are the first locals. */
  readonly takes: readonly number[];
  readonly locals: readonly number[];
  /** Null when nothing is given back. */
  readonly gives: number | null;
  readonly body: Code;
}

/** Instructions without operands of their own; those of vectors begin with 0xfd. */
const PLAIN = {
  'i32.add': [0x6a],
  'i32.and': [0x71],
  'i32.shl': [0x74],
  'i32.shr_u': [0x76],
  'i32.eq': [0x46],
  'i32.lt_u': [0x49],
  'f64.add': [0xa0],
  'i32x4.splat': [0xfd, 0x11],
  'f32x4.splat': [0xfd, 0x13],
  'i32x4.eq': [0xfd, 0x37],
  'i32x4.lt_u': [0xfd, 0x3a],
  'i32x4.ge_u': [0xfd, 0x40],
  'f32x4.eq': [0xfd, 0x41],
  'f32x4.lt': [0xfd, 0x43],
  'f32x4.gt': [0xfd, 0x44],
  'f32x4.le': [0xfd, 0x45],
  'f32x4.ge': [0xfd, 0x46],
  'v128.and': [0xfd, 0x4e],
  'v128.or': [0xfd, 0x50],
  'v128.xor': [0xfd, 0x51],
  'v128.bitselect': [0xfd, 0x52],
  'v128.any_true': [0xfd, 0x53],
  'f64x2.promote_low': [0xfd, 0x5f],
  'i16x8.narrow_u': [0xfd, 0x86, 0x01],
  'i32x4.shl': [0xfd, 0xab, 0x01],
  'i32x4.shr_u': [0xfd, 0xad, 0x01],
  'i32x4.add': [0xfd, 0xae, 0x01],
  'i32x4.sub': [0xfd, 0xb1, 0x01],
  'i32x4.mul': [0xfd, 0xb5, 0x01],
  'f32x4.abs': [0xfd, 0xe0, 0x01],
  'f32x4.add': [0xfd, 0xe4, 0x01],
  'f32x4.sub': [0xfd, 0xe5, 0x01],
  'f32x4.mul': [0xfd, 0xe6, 0x01],
  'f32x4.div': [0xfd, 0xe7, 0x01],
  'f64x2.add': [0xfd, 0xf0, 0x01],
  'f64x2.mul': [0xfd, 0xf2, 0x01],
} as const;

/** What is done with the operands, in their order. */
export function op(name: keyof typeof PLAIN, ...operands: readonly Code[]): Code {
  return [...operands.flat(), ...PLAIN[name]];
}

export function get(local: number): Code {
  return [0x20, ...unsigned(local)];
}

export function set(local: number, value: Code): Code {
  return [...value, 0x21, ...unsigned(local)];
}

export function i32(value: number): Code {
  return [0x41, ...signed(value | 0)];
}

export function f32(value: number): Code {
  return [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
}

/** The same 32 bits in all four lanes. */
export function lanes(bits: number): Code {
  const four = Int32Array.of(bits | 0, bits | 0, bits | 0, bits | 0);
  return [0xfd, 0x0c, ...new Uint8Array(four.buffer)];
}

/** Addresses need not be aligned. */
export function load(address: Code): Code {
  return [...address, 0xfd, 0x00, 0, 0];
}

export function store(address: Code, value: Code): Code {
  return [...address, ...value, 0xfd, 0x0b, 0, 0];
}

/** Four unsigned numbers of 16 bits, each widened to 32. */
export function loadShorts(address: Code): Code {
  return [...address, 0xfd, 0x04, 0, 0];
}

/** The lower half of a vector. */
export function storeHalf(address: Code, value: Code): Code {
  return [...address, ...value, 0xfd, 0x5b, 0, 0, 0];
}

export function lane(vector: Code, index: number): Code {
  return [...vector, 0xfd, 0x1b, index];
}

export function doubleLane(vector: Code, index: number): Code {
  return [...vector, 0xfd, 0x21, index];
}

/** The upper two floats brought to where the lower two are. */
export function upperHalf(vector: Code): Code {
  const bytes = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
  return [...vector, ...vector, 0xfd, 0x0d, ...bytes];
}

/** `\0asm`, version 1. */
const MAGIC: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Adds one to the counter of 32 bits at an address, which is kept in a local meanwhile. */
export function count(address: Code, local: number): Code {
  const loaded = [...get(local), 0x28, 2, 0];
  return [...set(local, address), ...get(local), ...op('i32.add', loaded, i32(1)), 0x36, 2, 0];
}

export function when(condition: Code, then: Code): Code {
  return [...condition, 0x04, 0x40, ...then, 0x0b];
}

export function add(local: number, step: number): Code {
  return set(local, op('i32.add', get(local), i32(step)));
}

/** Does the body at least once, and again as long as the condition holds. */
export function again(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
}

/**
 * Puts functions into a module that works on a memory of its caller.
 *
 * @param functions  each of other name
 * @param memory     what addresses count in bytes
 * @returns          the functions by name; numbers are passed as WebAssembly converts them
 * @throws           WebAssembly.CompileError when the instructions do not fit: a programmer's error
 * @cost             about a millisecond
 * @source           WebAssembly Core Specification 2.0, 5 "Binary Format"
 */
export function assembled(
  functions: readonly AssembledFunction[],
  memory: WebAssembly.Memory,
): Readonly<Record<string, (...numbers: readonly number[]) => number>> {
  const types = functions.map(({ takes, gives }) => [
    0x60,
    ...vector(takes.map((type) => [type])),
    ...vector(gives === null ? [] : [[gives]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const memoryImport = [...text('host'), ...text('memory'), 0x02, 0x00, 0x01];
  const exported = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  const bytes = [
    ...MAGIC,
    ...section(1, types),
    ...section(2, [memoryImport]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(7, exported),
    ...section(10, bodies),
  ];
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  return new WebAssembly.Instance(module, { host: { memory } }).exports as Readonly<
    Record<string, (...numbers: readonly number[]) => number>
  >;
}

function section(id: number, items: readonly Code[]): Code {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): Code {
  const bytes = Buffer.from(name);
  return [...unsigned(bytes.length), ...bytes];
}

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 127) | 128);
    rest >>= 7;
  }
  return [...bytes, rest & 127];
}
