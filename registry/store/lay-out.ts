/** Which file of a registry holds what, and in which bytes: every log keeps the same files. */
import * as z from 'zod';
import { hexOf, type Digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { leafHash, rootOf } from '../base/merkle.ts';
import { FettleError } from '../base/fault.ts';
import { registryDamaged, registryForeign, registryFromFuture } from '../faults.ts';
import { GENESIS, parseLine, type Entry } from '../schema/entry.ts';
import type { IdemKey } from '../schema/event.ts';
import type { Checkpoint } from '../trust/note.ts';
import type { Head } from './log.ts';

export const FORMAT_PATH = 'FORMAT';
export const FORMAT_TEXT = 'fettle-registry/1\n';
export const HEAD_PATH = 'head.json';
export const CHECKPOINT_PATH = 'checkpoint';

/** Everything that Fettle writes at the top; `policy` and `att` are kept for signatures. */
const TOP_NAMES: ReadonlySet<string> = new Set([
  FORMAT_PATH,
  'README.md',
  CHECKPOINT_PATH,
  HEAD_PATH,
  'log',
  'state',
  'index',
  'idem',
  'policy',
  'att',
  'epoch',
]);

/**
 * Entries per segment. One file per event makes a branch of 100,000 events twice as large and three times as slow
 * to read; one file for all would be written anew with every append.
 */
export const SEGMENT_SIZE = 64;

/** @returns the file that holds the position: `log/000/001/562.jsonl` */
export function segmentPath(seq: number): string {
  const digits = String(Math.floor(seq / SEGMENT_SIZE)).padStart(9, '0');
  return `log/${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6)}.jsonl`;
}

/** The files that hold the positions from the first up to, and without, the last. */
export function segmentPaths(from: number, until: number): readonly string[] {
  const first = Math.floor(from / SEGMENT_SIZE);
  const count = Math.max(0, Math.ceil(until / SEGMENT_SIZE) - first);
  return Array.from({ length: count }, (_, index) => segmentPath((first + index) * SEGMENT_SIZE));
}

/** Keys lie by the day that they carry, so a duplicate is found in one small file however old it is. */
export function idemPath(idem: IdemKey): string {
  const { day, digits } = idemParts(idem);
  return `idem/${day.replaceAll('-', '/')}/${digits.slice(0, 1)}.txt`;
}

/** The line that says at which position a key was used. */
export function idemLine(idem: IdemKey, seq: number): string {
  return `${idemParts(idem).digits} ${seq}\n`;
}

/** @returns the position at which the shard says that the key was used; null when it does not */
export function seqIn(shard: string, idem: IdemKey): number | null {
  const key = `${idemParts(idem).digits} `;
  // Not line by line: a batch looks for each of its keys in shards that hold all keys of a day.
  const at = shard.startsWith(key) ? 0 : shard.indexOf(`\n${key}`);
  return at === -1 ? null : Number.parseInt(shard.slice(shard.indexOf(key, at) + key.length), 10);
}

/** Of these keys, those that the shards know, with their positions. */
export function positionsIn(
  shards: ReadonlyMap<string, string>,
  idems: readonly IdemKey[],
): ReadonlyMap<IdemKey, number> {
  const found = new Map<IdemKey, number>();
  for (const idem of idems) {
    const seq = seqIn(shards.get(idemPath(idem)) ?? '', idem);
    if (seq !== null) found.set(idem, seq);
  }
  return found;
}

function idemParts(idem: IdemKey): { readonly day: string; readonly digits: string } {
  const day = idem.slice(0, '2026-11-20'.length);
  return { day, digits: idem.slice(day.length + 1) };
}

/** What is derived from the log by whoever appends, and carried by the log. */
export const VIEW_PATHS = ['README.md', 'state', 'index', 'policy'] as const;

export function isViewPath(path: string): boolean {
  const [top = ''] = path.split('/', 1);
  const tops: readonly string[] = VIEW_PATHS;
  return tops.includes(top);
}

const Hash = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits');

const HeadFile = z.strictObject({
  v: z.literal(1),
  origin: z.string().min(1),
  epoch: z.int().min(1),
  size: z.int().min(1),
  prev: Hash,
  frontier: z.array(Hash),
  reducer: z.int().min(0),
});

/** Of any age: read first, so that a newer head is not taken for a damaged one. */
const Versioned = z.object({ v: z.int() });

export function headText(head: Head): string {
  const { origin, epoch, size, prev, frontier, reducer } = head;
  return `${canonical({ v: 1, origin, epoch, size, prev, frontier, reducer })}\n`;
}

/** @throws registryFromFuture, registryDamaged */
export function parseHead(text: string): Head {
  const value = jsonOf(text, HEAD_PATH);
  const version = Versioned.safeParse(value);
  if (version.success && version.data.v > 1) {
    throw registryFromFuture({ what: 'a head of version', known: '1', found: String(version.data.v) });
  }
  const result = HeadFile.safeParse(value);
  if (!result.success) {
    const found = z.prettifyError(result.error);
    throw registryDamaged({ where: HEAD_PATH, wanted: 'a head of version 1', found }, result.error);
  }
  const { v: _, ...head } = result.data;
  if (headText(head) === text) return head;
  throw registryDamaged({
    where: HEAD_PATH,
    wanted: 'canonical JSON',
    found: 'other bytes of the same value',
  });
}

export function sameHead(a: Head | null, b: Head | null): boolean {
  return (a === null ? null : headText(a)) === (b === null ? null : headText(b));
}

export function checkpointFor({ origin, size, frontier }: Head): Checkpoint {
  return { origin, size, root: rootOf(frontier) };
}

/** Small files named by what they hold. */
export function attachmentPath(digest: Digest): string {
  const hex = hexOf(digest);
  return `att/${hex.slice(0, 2)}/${hex}.json`;
}

/** @returns the first path that Fettle would not have written; null when there is none */
export function strangerAmong(paths: Iterable<string>): string | null {
  for (const path of paths) if (!TOP_NAMES.has(path.split('/', 1)[0] ?? '')) return path;
  return null;
}

/** @param text  of the file FORMAT; undefined when there is none. @throws registryForeign, registryFromFuture */
export function checkFormat(text: string | undefined, where: string): void {
  if (text === FORMAT_TEXT) return;
  const version = /^fettle-registry\/(\d+)\n/.exec(text ?? '')?.[1];
  if (version !== undefined && Number(version) > 1) {
    throw registryFromFuture({ what: 'a registry of format', known: '1', found: version });
  }
  const found =
    text === undefined ? 'no file FORMAT' : `${JSON.stringify(text.slice(0, 60))} in the file FORMAT`;
  throw registryForeign({ where, found });
}

/** Lines that end in a line feed; what is left without one counts as a line too, so that it is noticed. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

export interface Segment {
  readonly path: string;
  /** Undefined where the file is missing. */
  readonly text: string | undefined;
}

export interface Stretch {
  /** Position of the first line, a multiple of the segment size. */
  readonly first: number;
  /** Position after the last line: the end of a segment, or of the log. */
  readonly end: number;
  readonly head: Head;
}

/** The segments that hold the positions from the first up to, and without, the last. */
export function stretchOf(from: number, until: number, head: Head): Stretch {
  const end = Math.min(head.size, Math.ceil(until / SEGMENT_SIZE) * SEGMENT_SIZE);
  return { first: from - (from % SEGMENT_SIZE), end, head };
}

export interface SegmentReader {
  /** The segment that follows. */
  add(segment: Segment): void;
  /** All that was read, once the last segment is. */
  finish(): readonly Entry[];
}

/**
 * Reads segments that follow one another. The chain is checked from the first line that is read to the last; where
 * they reach to the end of the log, the head therefore vouches for every byte of them. Whether those are the
 * canonical ones is left to verification.
 *
 * @throws registryDamaged, registryFromFuture
 */
export function segmentReader({ first, end, head }: Stretch): SegmentReader {
  const entries: Entry[] = [];
  let prev = first === 0 ? GENESIS : null;
  return {
    add({ path, text }) {
      if (text === undefined) throw registryDamaged({ where: path, wanted: 'a file', found: 'none' });
      for (const [index, line] of linesOf(text).entries()) {
        const where = `${path}:${index + 1}`;
        const seq = first + entries.length;
        const entry = parseLine(line, where);
        expectIn(where, 'position', seq, entry.seq);
        expectIn(where, 'hash of the line before', prev ?? entry.prev, entry.prev);
        // Between the first of a file and the next multiple, positions that follow one another stay in it.
        if (index === 0 || seq % SEGMENT_SIZE === 0) expectIn(where, 'file', segmentPath(seq), path);
        entries.push(entry);
        prev = leafHash(line);
      }
      expectIn(path, 'line feed at the end', '\n', text.slice(-1));
    },
    finish() {
      expectIn('the log', 'entries up to', end, first + entries.length);
      if (end === head.size) expectIn('the log', 'last hash', head.prev, prev ?? head.prev);
      expectDistinct(entries);
      return entries;
    },
  };
}

/** The same of segments that are all at hand. @throws registryDamaged, registryFromFuture */
export function readSegments(segments: readonly Segment[], stretch: Stretch): readonly Entry[] {
  const reader = segmentReader(stretch);
  for (const segment of segments) reader.add(segment);
  return reader.finish();
}

/** @throws registryDamaged when the bytes are not canonical, or no event */
export function readLine(line: string, where: string): Entry {
  const entry = parseLine(line, where);
  if (isCanonicalLine(entry, line)) return entry;
  throw registryDamaged({ where, wanted: 'canonical JSON', found: 'other bytes of the same value' });
}

/** Whether the line is the one way to write the entry that was read from it; no schema of a line changes a value. */
export function isCanonicalLine({ seq, prev, envelope, bundle }: Entry, line: string): boolean {
  try {
    return canonical({ seq, prev, event: envelope, b: bundle }) === line;
  } catch {
    // There are numbers that a schema takes and that no line is written with, such as -0.
    return false;
  }
}

function expectIn(where: string, what: string, wanted: string | number, found: string | number): void {
  if (wanted === found) return;
  throw registryDamaged({ where, wanted: `${what} ${wanted}`, found: String(found) });
}

function expectDistinct(entries: readonly Entry[]): void {
  const keys = new Map<string, number>();
  for (const { seq, envelope } of entries) {
    const before = keys.get(envelope.idem);
    if (before !== undefined) {
      const found = `${envelope.idem} at ${before} and at ${seq}`;
      throw registryDamaged({ where: segmentPath(seq), wanted: 'one event per idempotency key', found });
    }
    keys.set(envelope.idem, seq);
  }
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw registryDamaged({ where, wanted: 'JSON', found: JSON.stringify(text.slice(0, 60)) }, error);
  }
}

/** A fault as the finding of an inspection; anything else is an error of ours and is thrown on. */
export function saysOf(error: unknown): string {
  if (error instanceof FettleError) return error.message;
  throw error;
}
