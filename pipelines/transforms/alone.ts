/** Lets one process at a time write a file that takes long to make. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../artifacts/durable.ts';
import { artifactNotWritten } from '../faults.ts';
import { outputBusy } from '../tensors/faults.ts';

/**
 * Acts while a lock lies beside the target; one that a process left which is no more is taken over. The lock saves
 * work, not the file: even without it the target is renamed into place whole.
 *
 * @throws outputBusy while another process of this machine acts, artifactNotWritten where no lock can be written
 */
export async function alone<T>(target: string, act: () => Promise<T>): Promise<T> {
  const lock = `${target}.lock`;
  await locked(lock, target);
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function locked(lock: string, target: string): Promise<void> {
  for (;;) {
    try {
      await mkdir(path.dirname(lock), { recursive: true });
      await writeFile(lock, `${process.pid}`, { flag: 'wx' });
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        // A full disk may leave the lock without its number.
        await rm(lock, { force: true }).catch(() => undefined);
        const said = error instanceof Error ? error.message : String(error);
        throw artifactNotWritten({ path: target, sizeBytes: 0, said }, error);
      }
    }
    const by = await readFile(lock, 'utf8').catch(() => '');
    if (isAlive(Number(by))) throw outputBusy({ file: target, by });
    await rm(lock, { force: true });
  }
}

/** A lock without a number is one that is being written. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
