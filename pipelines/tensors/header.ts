/** The header of a safetensors file: bytes -> entries, each way to be wrong told with its place, and back. */
import * as z from 'zod';
import { tensorsMalformed } from './faults.ts';
import { ELEMENT_BYTES, isElementName, type ElementName } from './element.ts';

/** One tensor as the header has it; offsets count from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface TensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * In bytes; the format allows 100 million. What is parsed takes many times its own size, thirty times where it is made
 * of empty objects, and is in memory before it can be judged. This is room for 200,000 tensors of 125 bytes each.
 */
export const HEADER_MOST = 25_000_000;

const Metadata = z.record(z.string(), z.string());
const Entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(64),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads and checks a header.
 *
 * @param json       the bytes between the length and the data; may end in spaces
 * @param where      the file, for the fault
 * @param dataBytes  how many bytes follow the header
 * @returns          entries in the order of their bytes
 * @throws           tensorsMalformed when it is no JSON object in UTF-8, names a tensor twice, an element type that
 *                   safetensors lacks or a size that its shape denies, or when the data has holes, overlaps or another end
 * @cost             some objects a tensor
 * @source           github.com/huggingface/safetensors, README, "Format"
 */
export function readHeader(json: Uint8Array, where: string, dataBytes: number): TensorsHeader {
  const text = textOf(json, where);
  const parsed = parsedObject(text, where);
  refuseTwice(text, where);
  const metadata = Metadata.safeParse(Object.hasOwn(parsed, '__metadata__') ? parsed['__metadata__'] : {});
  if (!metadata.success) throw malformed(where, 'texts as metadata', 'other values');
  const entries = Object.entries(parsed)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => entryOf(name, value, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw malformed(`${where}, tensor ${name}`, `its bytes at ${at}`, `them at ${begin}`);
    at = end;
  }
  if (at !== dataBytes) throw malformed(where, `${at} bytes of data`, `${dataBytes}`);
  return { entries, metadata: metadata.data };
}

function textOf(json: Uint8Array, where: string): string {
  if (json[0] !== 0x7b) throw malformed(where, 'a header that begins with {', `byte ${json[0] ?? 'none'}`);
  try {
    return STRICT_UTF8.decode(json);
  } catch (error) {
    throw tensorsMalformed({ where, wanted: 'a header in UTF-8', found: 'other bytes' }, error);
  }
}

function parsedObject(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw tensorsMalformed({ where, wanted: 'a header in JSON', found: 'something else' }, error);
  }
}

/** `JSON.parse` keeps the last of two equal names; a reader that keeps the first would see another tensor. */
function refuseTwice(text: string, where: string): void {
  const seen = new Set<string>();
  for (const token of namesIn(text)) {
    const name = String(JSON.parse(token));
    if (seen.has(name)) throw malformed(where, 'each tensor once', `${name} twice`);
    seen.add(name);
  }
}

/**
 * The names of the outermost object as they are written, quotes and escapes included.
 *
 * @param text  JSON that was parsed before: its strings end and its brackets match
 * @cost        one look at each character: an expression that backtracks would keep a place for each escape
 */
function* namesIn(text: string): Generator<string> {
  let [depth, isName] = [0, false];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    if (sign === '"') {
      const end = endOfString(text, at);
      if (isName) yield text.slice(at, end + 1);
      [at, isName] = [end, false];
    } else if (depth === 1 && (sign === '{' || sign === ',')) isName = true;
  }
}

/** @returns where the closing quote is */
function endOfString(text: string, opening: number): number {
  let at = opening + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function entryOf(name: string, value: unknown, where: string): TensorEntry {
  const at = `${where}, tensor ${name}`;
  const parsed = Entry.safeParse(value);
  if (!parsed.success) throw malformed(at, 'dtype, shape and data_offsets', 'something else');
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [begin, end] = offsets;
  if (!isElementName(dtype)) throw malformed(at, `one of ${Object.keys(ELEMENT_BYTES).join(', ')}`, dtype);
  const bytes = countOf(shape) * ELEMENT_BYTES[dtype];
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw malformed(at, `${bytes} bytes for ${dtype} ${shapeText(shape)}`, `${begin} to ${end}`);
  }
  return { name, type: dtype, shape, begin, end };
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function malformed(where: string, wanted: string, found: string) {
  return tensorsMalformed({ where, wanted, found });
}

/** A tensor to be written. */
export type TensorShape = Pick<TensorEntry, 'name' | 'type' | 'shape'>;

/**
 * Lays tensors out one after another and writes their header, padded with spaces so that the data lies at a multiple
 * of eight bytes.
 *
 * @param tensors   in the order of their bytes; names differ
 * @param metadata  texts for `__metadata__`; left out when there are none
 * @returns         the length and the header, and the entries with their offsets
 * @throws          never: who made the tensors has named each once
 * @cost            one JSON text
 * @source          github.com/huggingface/safetensors, README, "Format"
 */
export function writeHeader(
  tensors: readonly TensorShape[],
  metadata: Readonly<Record<string, string>> = {},
): { readonly bytes: Uint8Array; readonly entries: readonly TensorEntry[] } {
  let at = 0;
  const entries = tensors.map(({ name, type, shape }) => {
    const begin = at;
    at += countOf(shape) * ELEMENT_BYTES[type];
    return { name, type, shape, begin, end: at };
  });
  const words = entries.map(({ name, type, shape, begin, end }) => [
    name,
    { dtype: type, shape, data_offsets: [begin, end] },
  ]);
  const told = Object.keys(metadata).length === 0 ? [] : [['__metadata__', metadata]];
  const json = Buffer.from(JSON.stringify(Object.fromEntries([...told, ...words])));
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);
  return { bytes, entries };
}
