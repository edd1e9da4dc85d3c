/** The memory in which tensors are merged: a slot for a stretch of each, filled from its file and turned into floats. */
import type { StoredTensor } from '../tensors/safetensors.ts';
import { ELEMENT_BYTES, type ElementName } from '../tensors/element.ts';
import { countOf } from '../tensors/header.ts';
import { tensorsUnfit } from '../tensors/faults.ts';
import { layOut, type LayOut } from '../kernels/space.ts';
import { COUNTINGS, loopsByKernel, SPARE_FLOATS, UPPER_BINS, type Loops } from './loops.ts';
import { LOOPS_IN_SCRIPT } from './script-loops.ts';

/** What the slots take together unless told: enough for three matrices of 4096 by 4096 and their base. */
const MEMORY_BYTES = 420e6;

/** Elements `from` to `from + n` of a tensor. */
export interface Stretch {
  readonly from: number;
  readonly n: number;
}

export interface Workspace {
  readonly loops: Loops;
  /** `COUNTINGS` of `UPPER_BINS`. */
  readonly counting: Int32Array;
  /** Elements that a stretch may have. */
  readonly elementsMost: number;
  /** The stretches of a tensor, in order; each but the last holds whole rows where `wholeRows`. */
  readonly stretchesOf: (shape: readonly number[], wholeRows?: 'whole-rows' | 'any') => readonly Stretch[];
  /** A view of a slot's first n floats: 0 is the base's, then there is one for each model. */
  readonly floats: (slot: number, n: number) => Float32Array;
  /** A view of the first n floats of what is made of them. */
  readonly result: (n: number) => Float32Array;
  /** Brings a stretch of a tensor into a slot, unless it lies there already. */
  readonly fill: (slot: number, tensor: StoredTensor, stretch: Stretch) => void;
  /** Brings a stretch of a tensor minus the base's, which was filled before, into a slot; `count` counts on the way. */
  readonly fillDelta: (slot: number, tensor: StoredTensor, stretch: Stretch, count?: 'count') => void;
  /** A slot holds something else now than was filled. */
  readonly touched: (slot: number) => void;
  /** The bytes of the first n floats of the result, as a type has them; valid until the next call. */
  readonly outBytes: (type: ElementName, n: number) => Uint8Array;
}

export interface Room {
  /** How many tensors there are besides the base. */
  readonly models: number;
  /** Elements of the largest tensor. */
  readonly longest: number;
  /** What the slots may take together; a tensor that does not fit is read in stretches, some of them several times. */
  readonly memoryBytes?: number;
  /** Where the slots lie; in the kernels' memory unless told. */
  readonly lay?: LayOut;
}

/** @cost  (models + 3) · 4 bytes an element of a stretch, and a megabyte */
export function workspaceFor({ models, longest, memoryBytes = MEMORY_BYTES, lay = layOut }: Room): Workspace {
  const most = Math.max(16, Math.floor(memoryBytes / 4 / (models + 3)));
  const { loops, counting, slots, out, staging } = laidOut(models, Math.min(longest, most), lay);
  const held = slots.map(() => '');
  const floats = (slot: number, n: number) => slots[slot]!.subarray(0, n);

  const reading = (slot: number, tensor: StoredTensor, { from, n }: Stretch): void => {
    const convert = toFloat(loops, tensor.type);
    const at = convert === null ? floats(slot, n) : staging.subarray(0, n);
    tensor.read(bytesOf(at), from * ELEMENT_BYTES[tensor.type]);
    convert?.(staging.subarray(0, n), floats(slot, n));
  };
  const holds = (slot: number, what: string): boolean => {
    const known = held[slot] === what;
    held[slot] = what;
    return known;
  };
  const nameOf = (tensor: StoredTensor, { from }: Stretch) => `${tensor.file}\0${tensor.name}\0${from}`;

  const fill = (slot: number, tensor: StoredTensor, stretch: Stretch): void => {
    if (holds(slot, nameOf(tensor, stretch))) return;
    reading(slot, tensor, stretch);
    const values = floats(slot, stretch.n);
    if (loops.unbounded(values)) throw unboundedIn(tensor, stretch, values);
  };
  const fillDelta = (slot: number, tensor: StoredTensor, stretch: Stretch, count?: 'count'): void => {
    if (holds(slot, `${nameOf(tensor, stretch)}\0delta`)) return;
    if (count === 'count') {
      reading(slot, tensor, stretch);
      loops.countUpper(floats(0, stretch.n), floats(slot, stretch.n), counting);
      return;
    }
    held[slot] = '';
    fill(slot, tensor, stretch);
    loops.subtract(floats(0, stretch.n), floats(slot, stretch.n));
    held[slot] = `${nameOf(tensor, stretch)}\0delta`;
  };
  return {
    loops,
    elementsMost: most,
    stretchesOf: (shape, wholeRows = 'any') => stretchesOf(shape, wholeRows, most),
    counting,
    floats,
    result: (n) => out.subarray(0, n),
    fill,
    fillDelta,
    touched: (slot) => void (held[slot] = ''),
    outBytes(type, n) {
      const convert = fromFloat(loops, type);
      convert?.(out.subarray(0, n), staging.subarray(0, n));
      return bytesOf(convert === null ? out.subarray(0, n) : staging.subarray(0, n));
    },
  };
}

/** Null where the type's bytes are those of floats already. */
function toFloat(loops: Loops, type: ElementName) {
  if (type === 'BF16') return loops.fromBrain;
  return type === 'F16' ? loops.fromHalf : null;
}

function fromFloat(loops: Loops, type: ElementName) {
  if (type === 'BF16') return loops.toBrain;
  return type === 'F16' ? loops.toHalf : null;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function laidOut(models: number, stretch: number, lay: LayOut) {
  const room = Math.ceil(stretch / SPARE_FLOATS) * SPARE_FLOATS + SPARE_FLOATS;
  const { kernels, arrays } = lay({
    counting: [Int32Array, COUNTINGS * UPPER_BINS],
    slots: [Float32Array, (models + 1) * room],
    out: [Float32Array, room],
    staging: [Uint16Array, room],
    places: [Int32Array, models],
    terms: [Float32Array, 4 * models],
    scratch: [Float32Array, 8 * models],
  });
  const slots = Array.from({ length: models + 1 }, (_, slot) =>
    arrays.slots.subarray(slot * room, (slot + 1) * room),
  );
  return { ...arrays, slots, loops: kernels === null ? LOOPS_IN_SCRIPT : loopsByKernel(kernels, arrays) };
}

function stretchesOf(
  shape: readonly number[],
  wholeRows: 'whole-rows' | 'any',
  most: number,
): readonly Stretch[] {
  const count = countOf(shape);
  const row = wholeRows === 'any' ? 1 : rowOf(shape) || 1;
  // A row that is longer than what fits is the merge's own to refuse.
  const step = Math.max(1, Math.floor(most / row)) * row;
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
  return starts.map((from) => ({ from, n: Math.min(step, count - from) }));
}

/** Elements of a row; what has one dimension is one row. */
export function rowOf(shape: readonly number[]): number {
  return shape.length < 2 ? countOf(shape) : countOf(shape.slice(1));
}

function unboundedIn(tensor: StoredTensor, { from }: Stretch, values: Float32Array) {
  const at = values.findIndex((value) => !Number.isFinite(value));
  return tensorsUnfit({
    tensor: tensor.name,
    wanted: `finite numbers in ${tensor.file}`,
    found: `${values[at]} at element ${from + at}`,
  });
}

/** @throws tensorsUnfit with the first element of the tensors that is no finite number; nothing when there is none */
export function refuseUnbounded(workspace: Workspace, tensors: readonly StoredTensor[]): void {
  for (const tensor of tensors) {
    for (const stretch of workspace.stretchesOf(tensor.shape)) {
      workspace.touched(1);
      workspace.fill(1, tensor, stretch);
    }
  }
}
