/** Writes a file so that it is there whole or not at all, whenever the machine stops. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { artifactNotWritten } from '../faults.ts';

const WithCode = z.object({ code: z.string() });

/** The file system's own word for what went wrong, such as `ENOSPC`; null when it is no such error. */
export function codeOf(error: unknown): string | null {
  const known = WithCode.safeParse(error);
  return known.success ? known.data.code : null;
}

/**
 * Lets `write` fill a file beside the target, flushes it to the disk, then renames. A crash leaves at most a `.tmp-…`
 * file, which no reader looks at.
 *
 * @throws whatever `write` throws; the target is as it was before
 */
export async function durably(target: string, write: (beside: string) => Promise<void>): Promise<void> {
  const beside = path.join(path.dirname(target), `.tmp-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await write(beside);
    const file = await open(beside, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** @throws artifactNotWritten with the file system's reason; the target is as it was before */
export async function writeDurably(target: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await durably(target, (beside) => writeFile(beside, bytes, { flag: 'wx' }));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw artifactNotWritten({ path: target, sizeBytes: Buffer.byteLength(bytes), said }, error);
  }
}

/** The rename itself must reach the disk; Windows cannot open a folder and needs no flush. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
