/** A training that was left, as a safetensors file: its weights under their own names, what else is known behind them. */
import * as z from 'zod';
import { checkpointUnfit } from './faults.ts';
import { readHeader, type TensorEntry, writeHeader } from '../tensors/header.ts';
import type { Arrays } from './places.ts';
import type { TrainingState } from './trainer.ts';

const FORMAT = 'fettle-training/1';
const KINDS = ['first', 'second', 'slow'] as const;
const LOSSES = 'losses/all';

const Word = z.int().min(0).max(0xffff_ffff);
const Metadata = z.object({
  format: z.literal(FORMAT),
  step: z.coerce.number().pipe(z.int().min(0)),
  random: z.string().transform((text) => z.tuple([Word, Word, Word, Word]).parse(JSON.parse(text))),
});

/**
 * The bytes of a checkpoint.
 *
 * @param state  of a trainer
 * @returns      the same bytes for the same state; tensors are F32 of one axis, `first/<name>` and its like beside `<name>`
 * @throws       never
 * @cost         one copy
 * @source       github.com/huggingface/safetensors, README, "Format"
 */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const arrays: readonly (readonly [string, Float32Array])[] = [
    ...Object.entries(state.weights),
    ...KINDS.flatMap((kind) =>
      Object.entries(state[kind]).map(([name, array]) => [`${kind}/${name}`, array] as const),
    ),
    [LOSSES, state.losses],
  ];
  const tensors = arrays.map(([name, { length }]) => ({ name, type: 'F32', shape: [length] }) as const);
  const metadata = { format: FORMAT, step: String(state.step), random: JSON.stringify(state.random) };
  const header = writeHeader(tensors, metadata).bytes;
  const bytes = new Uint8Array(
    header.length + arrays.reduce((sum, [, { byteLength }]) => sum + byteLength, 0),
  );
  bytes.set(header);
  let at = header.length;
  for (const [, { buffer, byteOffset, byteLength }] of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/**
 * The state that was left.
 *
 * @param bytes  by `encodeCheckpoint`
 * @returns      copies
 * @throws       tensorsMalformed when the bytes are no safetensors file, checkpointUnfit when they are no checkpoint
 * @cost         one copy
 * @source       as `encodeCheckpoint`
 */
export function decodeCheckpoint(bytes: Uint8Array): TrainingState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  const data = Math.min(8 + length, bytes.length);
  const { entries, metadata } = readHeader(bytes.subarray(8, data), 'checkpoint', bytes.length - data);
  const told = Metadata.safeParse(metadata);
  if (!told.success) throw checkpointUnfit({ wanted: `format ${FORMAT}`, found: foundIn(metadata) });
  const arrays = entries.map((entry) => [entry.name, floatsAt(bytes, data, entry)] as const);
  const under = (kind: string): Arrays =>
    Object.fromEntries(
      arrays.flatMap(([name, array]) =>
        name.startsWith(`${kind}/`) ? [[name.slice(kind.length + 1), array]] : [],
      ),
    );
  const { step, random } = told.data;
  const losses = under('losses')['all'];
  if (losses === undefined) throw checkpointUnfit({ wanted: `a tensor ${LOSSES}`, found: 'none' });
  const weights = Object.fromEntries(arrays.filter(([name]) => !/^(first|second|slow|losses)\//.test(name)));
  const [first, second, slow] = KINDS.map(under);
  return { step, random, weights, first: first!, second: second!, slow: slow!, losses };
}

function foundIn(metadata: Readonly<Record<string, string>>): string {
  return JSON.stringify(metadata).slice(0, 120);
}

function floatsAt(bytes: Uint8Array, data: number, { name, type, begin, end }: TensorEntry): Float32Array {
  if (type !== 'F32') throw checkpointUnfit({ wanted: `F32 in ${name}`, found: type });
  // A buffer's own `slice` would be no copy.
  return new Float32Array(Uint8Array.from(bytes.subarray(data + begin, data + end)).buffer);
}
