/** The memory in which tensors are merged: a slot for a stretch of each, filled from its file and turned into floats. */
import type { StoredTensor } from '../tensors/safetensors.ts';
import { ELEMENT_BYTES, type ElementName } from '../tensors/element.ts';
import { countOf } from '../tensors/header.ts';
import { tensorsUnfit } from '../tensors/faults.ts';
import { COUNTING_BYTES, kernelsFor, type Kernels } from './kernels.ts';

const PAGE = 65536;
/** Room behind each slot, because four elements are taken at a time. */
const SPARE = 64;

/** What the slots take together unless told: enough for three matrices of 4096 by 4096 and their base. */
const MEMORY_BYTES = 420e6;

/** Elements `from` to `from + n` of a tensor. */
export interface Stretch {
  readonly from: number;
  readonly n: number;
}

export interface Workspace {
  /** The kernels whose `weigh` and `combine…` take so many tensors besides the base. */
  readonly kernelsOf: (models: number) => Kernels;
  readonly kernels: Kernels;
  /** Byte addresses: 0 for the base, then one for each model, then one for what is made of them. */
  readonly slots: readonly number[];
  readonly out: number;
  readonly counting: Int32Array;
  readonly countingAt: number;
  /** Elements that a stretch may have. */
  readonly elementsMost: number;
  /** The stretches of a tensor, in order; each but the last holds whole rows where `wholeRows`. */
  readonly stretchesOf: (shape: readonly number[], wholeRows?: 'whole-rows' | 'any') => readonly Stretch[];
  /** A view of a slot's floats. */
  readonly floats: (slot: number, n: number) => Float32Array;
  /** Brings a stretch of a tensor into a slot, unless it lies there already. */
  readonly fill: (slot: number, tensor: StoredTensor, stretch: Stretch) => void;
  /** Brings a stretch of a tensor minus the base's, which was filled before, into a slot; `count` counts on the way. */
  readonly fillDelta: (slot: number, tensor: StoredTensor, stretch: Stretch, count?: 'count') => void;
  /** A slot holds something else now than was filled. */
  readonly touched: (slot: number) => void;
  /** The bytes of the first n elements of `out`, as a type has them; valid until the next call. */
  readonly outBytes: (type: ElementName, n: number) => Uint8Array;
}

const TO_FLOAT: Partial<Record<ElementName, string>> = { BF16: 'fromBrain', F16: 'fromHalf' };
const FROM_FLOAT: Partial<Record<ElementName, string>> = { BF16: 'toBrain', F16: 'toHalf' };

export interface Room {
  /** How many tensors there are besides the base. */
  readonly models: number;
  /** Elements of the largest tensor. */
  readonly longest: number;
  /** What the slots may take together; a tensor that does not fit is read in stretches, some of them several times. */
  readonly memoryBytes?: number;
}

/** @cost  (models + 3) · 4 bytes an element of a stretch, and a megabyte */
export function workspaceFor({ models, longest, memoryBytes = MEMORY_BYTES }: Room): Workspace {
  const most = Math.max(16, Math.floor(memoryBytes / 4 / (models + 3)));
  const { slots, out, staging, memory, kernelsOf } = laidOut(models, Math.min(longest, most));
  const kernels = kernelsOf(models);
  const held = slots.map(() => '');
  const floats = (slot: number, n: number) => new Float32Array(memory.buffer, slots[slot]!, n);

  const reading = (slot: number, tensor: StoredTensor, { from, n }: Stretch): void => {
    const size = ELEMENT_BYTES[tensor.type];
    const convert = TO_FLOAT[tensor.type];
    const at = convert === undefined ? slots[slot]! : staging;
    tensor.read(new Uint8Array(memory.buffer, at, n * size), from * size);
    if (convert !== undefined) kernels[convert]!(staging, slots[slot]!, n);
    // What lies behind is taken along by fours and must add nothing to a sum.
    new Float32Array(memory.buffer, slots[slot]! + 4 * n, 4).fill(0);
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
    const found = kernels['unbounded']!(slots[slot]!, stretch.n) !== 0;
    if (found) throw unboundedIn(tensor, stretch, floats(slot, stretch.n));
  };
  const fillDelta = (slot: number, tensor: StoredTensor, stretch: Stretch, count?: 'count'): void => {
    if (holds(slot, `${nameOf(tensor, stretch)}\0delta`)) return;
    if (count === 'count') {
      reading(slot, tensor, stretch);
      kernels['countUpper']!(slots[0]!, slots[slot]!, stretch.n, 0);
      return;
    }
    held[slot] = '';
    fill(slot, tensor, stretch);
    kernels['subtract']!(slots[0]!, slots[slot]!, stretch.n);
    held[slot] = `${nameOf(tensor, stretch)}\0delta`;
  };
  return {
    kernelsOf,
    kernels,
    slots,
    out,
    elementsMost: most,
    stretchesOf: (shape, wholeRows = 'any') => stretchesOf(shape, wholeRows, most),
    counting: new Int32Array(memory.buffer, 0, COUNTING_BYTES / 4),
    countingAt: 0,
    floats,
    fill,
    fillDelta,
    touched: (slot) => void (held[slot] = ''),
    outBytes(type, n) {
      const convert = FROM_FLOAT[type];
      if (convert !== undefined) kernels[convert]!(out, staging, n);
      return new Uint8Array(memory.buffer, convert === undefined ? out : staging, n * ELEMENT_BYTES[type]);
    },
  };
}

function laidOut(models: number, stretch: number) {
  const room = Math.ceil((4 * stretch) / SPARE) * SPARE + SPARE;
  const slots = Array.from({ length: models + 1 }, (_, slot) => COUNTING_BYTES + slot * room);
  const out = COUNTING_BYTES + (models + 1) * room;
  const staging = out + room;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((staging + room) / PAGE) });
  const made = new Map<number, Kernels>();
  const kernelsOf = (count: number): Kernels => {
    const kernels = made.get(count) ?? kernelsFor(count, memory);
    made.set(count, kernels);
    return kernels;
  };
  return { slots, out, staging, memory, kernelsOf };
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
