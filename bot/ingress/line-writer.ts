/** Appends lines to a file: all that arrives while the disk is busy goes to it together, so that one sync serves many. */
import { open, type FileHandle } from 'node:fs/promises';

export interface LineWriter {
  /** Resolves once it is on the disk. */
  write(value: unknown): Promise<void>;
  /** With the next that is written, or a little later; nobody waits for it. */
  writeSoon(value: unknown): void;
  close(): Promise<void>;
}

export interface LineWriterOptions {
  readonly file: string;
  /** Beyond this many bytes the file is written anew. */
  readonly sizeMax: number;
  readonly rewrite: () => void;
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const SOON_MS = 100;

export async function openLineWriter(options: LineWriterOptions): Promise<LineWriter> {
  let target = await openTarget(options.file);
  let limit = Math.max(options.sizeMax, 2 * target.size);
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const shrink = async (): Promise<void> => {
    await target.handle.close();
    options.rewrite();
    target = await openTarget(options.file);
    limit = Math.max(options.sizeMax, 2 * target.size);
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await append(target, batch);
      if (target.size > limit) await shrink();
    }
    running = null;
  };
  const start = (): void => {
    clearTimeout(timer);
    timer = undefined;
    running ??= run();
  };
  return {
    write(value) {
      return new Promise((resolve, reject) => {
        waiting.push({ text: `${JSON.stringify(value)}\n`, resolve, reject });
        start();
      });
    },
    writeSoon(value) {
      const nobody = (): void => undefined;
      waiting.push({ text: `${JSON.stringify(value)}\n`, resolve: nobody, reject: nobody });
      if (running === null) timer ??= setTimeout(start, SOON_MS);
    },
    async close() {
      start();
      await running;
      await target.handle.close();
    },
  };
}

interface Target {
  readonly handle: FileHandle;
  size: number;
}

/** Each write of it ends on the disk, which is one way to another thread and back instead of two. */
async function openTarget(file: string): Promise<Target> {
  const handle = await open(file, 'as', 0o600);
  return { handle, size: (await handle.stat()).size };
}

async function append(target: Target, batch: readonly Waiting[]): Promise<void> {
  const { handle } = target;
  const bytes = Buffer.from(batch.map(({ text }) => text).join(''));
  try {
    await handle.appendFile(bytes);
    target.size += bytes.length;
    for (const { resolve } of batch) resolve();
  } catch (error) {
    // Half a record in the middle of the file would be damage at the next start.
    await handle.truncate(target.size).catch(() => undefined);
    for (const { reject } of batch) reject(error);
  }
}
