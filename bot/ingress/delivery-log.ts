/** What was taken and what was done, in a file that survives a crash: taken is told only after it is on the disk. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { openLineWriter } from './line-writer.ts';
import { deliveryLogDamaged, deliveryLogInUse } from '../faults.ts';

/** One delivery with only the words of it that are used. */
export const Delivery = z.strictObject({
  /** GitHub's GUID, or `comment-<id>` of a comment that was found by looking. */
  id: z.string(),
  name: z.string(),
  lane: z.string(),
  at: z.iso.datetime(),
  payload: z.unknown(),
});
export type Delivery = z.infer<typeof Delivery>;

const Line = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('taken'), delivery: Delivery }),
  z.strictObject({ is: z.literal('done'), id: z.string(), at: z.iso.datetime() }),
  /** The result of a step that must not be made twice. */
  z.strictObject({ is: z.literal('step'), key: z.string(), at: z.iso.datetime(), value: z.unknown() }),
]);
type Line = z.infer<typeof Line>;

export interface DeliveryLog {
  /** Taken before, and not done. */
  readonly undone: readonly Delivery[];
  /** Every delivery that is remembered, oldest first. */
  readonly known: readonly string[];
  /** When the last delivery was taken; null for a new log. */
  readonly lastAt: string | null;
  /** Resolves once it is on the disk. */
  take(delivery: Delivery): Promise<void>;
  /** Not waited for: what was done and not noted is done again, and finds that it was done. */
  done(id: string, at: string): void;
  /** What was noted under this key, before a crash or now. */
  recall(key: string): unknown;
  note(step: { readonly key: string; readonly at: string; readonly value: unknown }): Promise<void>;
  /** Writes what waits and lets another process have the log. */
  close(): Promise<void>;
}

/** Redelivery is possible for three days. */
const KEPT_MS = 3 * 24 * 3600 * 1000;
/** Where the file grows beyond, it is written anew without what is done and old. */
const SIZE_MAX = 64 * 1024 * 1024;
const FILE = 'deliveries.jsonl';
const LOCK = 'deliveries.lock';

/** @throws deliveryLogInUse, deliveryLogDamaged */
export async function openDeliveryLog(folder: string, sizeMax = SIZE_MAX): Promise<DeliveryLog> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  claim(folder);
  const lines = compacted(readLines(path.join(folder, FILE)));
  rewrite(folder, lines);
  const file = path.join(folder, FILE);
  const writer = await openLineWriter({
    file,
    sizeMax,
    rewrite: () => rewrite(folder, compacted(readLines(file))),
  });
  const steps = new Map(lines.flatMap((line) => (line.is === 'step' ? [[line.key, line.value]] : [])));
  const taken = lines.flatMap((line) => (line.is === 'taken' ? [line.delivery] : []));
  const done = lines.flatMap((line) => (line.is === 'done' ? [line.id] : []));
  return {
    undone: taken,
    known: [...done, ...taken.map(({ id }) => id)],
    lastAt: lines.at(-1) === undefined ? null : latestOf(lines),
    take: (delivery) => writer.write({ is: 'taken', delivery } satisfies Line),
    done: (id, at) => writer.writeSoon({ is: 'done', id, at } satisfies Line),
    recall: (key) => steps.get(key),
    note(step) {
      steps.set(step.key, step.value);
      return writer.write({ is: 'step', ...step } satisfies Line);
    },
    async close() {
      await writer.close();
      rmSync(path.join(folder, LOCK), { force: true });
    },
  };
}

function timeOf(line: Line): string {
  return line.is === 'taken' ? line.delivery.at : line.at;
}

function latestOf(lines: readonly Line[]): string {
  return lines.reduce((latest, line) => (timeOf(line) > latest ? timeOf(line) : latest), '');
}

/** One process writes; a lock left by a process that is no more is taken over. */
function claim(folder: string): void {
  const lock = path.join(folder, LOCK);
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const pid = Number(readFileSync(lock, 'utf8'));
    // In a container every process has the same number, so that one's own is that of the one before.
    if (pid !== process.pid && isAlive(pid)) throw deliveryLogInUse({ folder, pid });
    rmSync(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** What a crash cut off at the end was never told of; anything else that is no record is damage. */
function readLines(file: string): readonly Line[] {
  const text = textOf(file);
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const parsed = Line.safeParse(valueOf(line));
      if (!parsed.success) throw deliveryLogDamaged({ file, line: index + 1 });
      return parsed.data;
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The deliveries that are not done, and of the last days only that they were done and what their steps gave. */
function compacted(lines: readonly Line[]): readonly Line[] {
  const done = new Set(lines.flatMap((line) => (line.is === 'done' ? [line.id] : [])));
  const since = new Date(Date.parse(latestOf(lines) || '1970-01-01') - KEPT_MS).toISOString();
  return lines.filter((line) => (line.is === 'taken' ? !done.has(line.delivery.id) : timeOf(line) >= since));
}

function rewrite(folder: string, lines: readonly Line[]): void {
  const file = path.join(folder, FILE);
  const fresh = `${file}.new`;
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(fresh, text, { mode: 0o600, flush: true });
  renameSync(fresh, file);
  // The new name itself is on the disk only after its folder is.
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
