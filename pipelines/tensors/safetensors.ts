/** Files of tensors, read by ranges and written in order: no more of a model is in memory than is being worked on. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { pickleRefused, tensorsMalformed, tensorsUnreadable } from './faults.ts';
import { HEADER_MOST, readHeader, writeHeader, type TensorEntry, type TensorShape } from './header.ts';

/** A tensor of an open model. */
export interface StoredTensor extends TensorEntry {
  readonly file: string;
  /** Its first byte in the file, header counted. */
  readonly at: number;
  /**
   * Fills `target` with the tensor's bytes from `from` on; `from` plus the target's length lies within the tensor.
   *
   * @throws tensorsUnreadable when the file has become shorter or cannot be read
   */
  readonly read: (target: Uint8Array, from?: number) => void;
}

/** One file, or the shards of one model. */
export interface TensorFile {
  readonly path: string;
  /** In the order of the files, and in each in the order of its bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of all files, headers included. */
  readonly sizeBytes: number;
  readonly close: () => void;
}

const PICKLES = /\.(bin|pt|pth|ckpt|pkl|pickle)$/i;
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

const Index = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Opens a model; of its data nothing is read yet.
 *
 * @param where  a .safetensors file, an index of shards, or a folder with one of them
 * @returns      the tensors with their ranges; to be closed by whoever opened it
 * @throws       pickleRefused by the name alone, tensorsMalformed, tensorsUnreadable
 * @cost         one read of each header
 * @source       github.com/huggingface/safetensors, README, "Format"
 */
export function openTensors(where: string): TensorFile {
  if (PICKLES.test(where)) throw pickleRefused({ file: where });
  const file = fileOf(where);
  const shards = file.endsWith('.json') ? shardsOf(file) : [file];
  const opened: TensorFile[] = [];
  try {
    for (const shard of shards) opened.push(openFile(shard));
    const tensors = new Map<string, StoredTensor>();
    for (const [name, tensor] of opened.flatMap((one) => [...one.tensors])) {
      if (tensors.has(name)) {
        throw tensorsMalformed({ where: file, wanted: 'each tensor in one shard', found: `${name} in two` });
      }
      tensors.set(name, tensor);
    }
    return {
      path: file,
      tensors,
      metadata: Object.assign({}, ...opened.map(({ metadata }) => metadata)),
      sizeBytes: opened.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      close: () => opened.forEach((one) => one.close()),
    };
  } catch (error) {
    opened.forEach((one) => one.close());
    throw error;
  }
}

function fileOf(where: string): string {
  const found = statSync(where, { throwIfNoEntry: false });
  if (found === undefined) throw tensorsUnreadable({ file: where, said: 'there is no such file or folder' });
  if (!found.isDirectory()) return where;
  const inside = [SINGLE, INDEX].map((name) => path.join(where, name));
  const file = inside.find((name) => statSync(name, { throwIfNoEntry: false }) !== undefined);
  if (file !== undefined) return file;
  throw tensorsUnreadable({ file: where, said: `the folder holds neither ${SINGLE} nor ${INDEX}` });
}

/** Shards lie beside their index: a path that leads elsewhere is not followed. */
function shardsOf(index: string): readonly string[] {
  const wanted = 'an index of shards that lie beside it';
  try {
    const names = new Set(Object.values(Index.parse(JSON.parse(readFileSync(index, 'utf8'))).weight_map));
    const astray = [...names].find((name) => path.basename(name) !== name || !name.endsWith('.safetensors'));
    if (astray !== undefined) throw tensorsMalformed({ where: index, wanted, found: astray });
    return [...names].sort().map((name) => path.join(path.dirname(index), name));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw tensorsMalformed({ where: index, wanted, found: 'something else' }, error);
    }
    throw error;
  }
}

function openFile(file: string): TensorFile {
  const handle = opening(file);
  try {
    const sizeBytes = fstatSync(handle).size;
    const head = Buffer.alloc(8);
    if (sizeBytes < 8) {
      throw tensorsMalformed({ where: file, wanted: '8 bytes or more', found: `${sizeBytes}` });
    }
    readAll({ handle, file, target: head, from: 0 });
    const length = head.readBigUInt64LE();
    const most = Math.min(HEADER_MOST, sizeBytes - 8);
    if (length > BigInt(most)) {
      throw tensorsMalformed({
        where: file,
        wanted: `a header of at most ${most} bytes`,
        found: `${length}`,
      });
    }
    const json = new Uint8Array(Number(length));
    readAll({ handle, file, target: json, from: 8 });
    const data = 8 + json.length;
    const { entries, metadata } = readHeader(json, file, sizeBytes - data);
    const stored = entries.map((entry) => {
      const read = (target: Uint8Array, from = 0) =>
        readAll({ handle, file, target, from: data + entry.begin + from });
      return [entry.name, { ...entry, file, at: data + entry.begin, read }] as const;
    });
    return { path: file, tensors: new Map(stored), metadata, sizeBytes, close: () => closeSync(handle) };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

function opening(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw tensorsUnreadable({ file, said: wordsOf(error) }, error);
  }
}

interface Reading {
  readonly handle: number;
  readonly file: string;
  readonly target: Uint8Array;
  readonly from: number;
}

function readAll({ handle, file, target, from }: Reading): void {
  let done = 0;
  while (done < target.length) {
    const got = readingSome({ handle, file, target: target.subarray(done), from: from + done });
    if (got === 0) throw tensorsUnreadable({ file, said: `it ended ${target.length - done} bytes early` });
    done += got;
  }
}

function readingSome({ handle, file, target, from }: Reading): number {
  try {
    return readSync(handle, target, 0, target.length, from);
  } catch (error) {
    throw tensorsUnreadable({ file, said: wordsOf(error) }, error);
  }
}

/** A file whose tensors are written one after another, in the order in which they were announced. */
export interface TensorWriter {
  /** The next bytes; whoever writes keeps to the announced order and sizes. @throws the file system's errors */
  readonly write: (bytes: Uint8Array) => void;
  /** @throws RangeError when fewer or more bytes came than were announced: a programmer's error */
  readonly close: () => void;
  /** Closes the file as it is, after an error. */
  readonly abandon: () => void;
}

/**
 * Begins a new file with its header.
 *
 * @param file      must not be there yet
 * @param tensors   what will be written, in this order
 * @param metadata  texts for `__metadata__`
 * @throws          the file system's errors, `EEXIST` among them
 * @cost            one write
 */
export function createTensors(
  file: string,
  tensors: readonly TensorShape[],
  metadata: Readonly<Record<string, string>> = {},
): TensorWriter {
  const { bytes: header, entries } = writeHeader(tensors, metadata);
  const announced = header.length + (entries.at(-1)?.end ?? 0);
  const handle = openSync(file, 'wx');
  let at = 0;
  const write = (bytes: Uint8Array): void => {
    let done = 0;
    while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done);
    at += bytes.length;
  };
  const abandon = (): void => closeSync(handle);
  try {
    write(header);
  } catch (error) {
    abandon();
    throw error;
  }
  return {
    write,
    abandon,
    close() {
      closeSync(handle);
      if (at !== announced) throw new RangeError(`${file}: ${announced} bytes announced and ${at} written`);
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
