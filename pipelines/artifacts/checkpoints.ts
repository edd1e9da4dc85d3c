/** Where a long course of learning goes on: bytes by what led to them, which may be gone at any time. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { digestOf, hexOf, type Digest } from '../../registry/base/digest.ts';
import { codeOf, writeDurably } from './durable.ts';

/** Only ever a shortcut: with or without it the same comes out. So no log names what lies here, and nothing needs it. */
export interface Checkpoints {
  /** Null where nothing whole lies under the key. */
  get(key: Digest): Promise<Uint8Array | null>;
  put(key: Digest, bytes: Uint8Array): Promise<void>;
  /** Takes all of them out: whoever forgets rows cannot tell which of these were made of them. */
  clear(): Promise<void>;
}

/** The newest are kept: one for each of so many models, or turns of one. */
const KEPT = 8;
const ENDING = '.checkpoint';
const DIGEST_BYTES = 32;

export function folderCheckpoints(folder: string): Checkpoints {
  const pathOf = (key: Digest): string => path.join(folder, `${hexOf(key)}${ENDING}`);
  return {
    async get(key) {
      const file = await readOrNull(pathOf(key));
      if (file === null) return null;
      const bytes = file.subarray(DIGEST_BYTES);
      // A file that was cut off or changed is as good as none.
      return file.subarray(0, DIGEST_BYTES).toString('hex') === hexOf(digestOf(bytes)) ? bytes : null;
    },
    async put(key, bytes) {
      await writeDurably(pathOf(key), Buffer.concat([Buffer.from(hexOf(digestOf(bytes)), 'hex'), bytes]));
      await keepNewest(folder);
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function keepNewest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, at: (await stat(file)).mtimeMs };
    }),
  );
  files.sort((a, b) => b.at - a.at || (a.file < b.file ? -1 : 1));
  for (const { file } of files.slice(KEPT)) await rm(file, { force: true });
}

export function memoryCheckpoints(): Checkpoints {
  const kept = new Map<Digest, Uint8Array>();
  return {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, bytes) => void kept.set(key, bytes),
    clear: async () => kept.clear(),
  };
}
